"""`dslnas rank`."""

from __future__ import annotations

import json
from pathlib import Path

from fake_runs import invoke
from made_fronts import layered, write_searched


def test_the_ranking_is_told_as_a_table_and_as_json(tones: Path, tmp_path: Path, tiny_runs: None) -> None:
    run = write_searched(tmp_path / "found", layered(tmp_path, f"folder:{tones}"), 12).path
    said = invoke("rank", str(run), "--sample", "3", "--steps", "2", "--json")
    assert said.exit_code == 0, said.output
    result = json.loads(said.stdout)
    assert result["n"] == 3 and result["run"] == str(run)
    shown = invoke("rank", str(run), "--sample", "3", "--steps", "2")
    assert shown.exit_code == 0, shown.output
    for one in result["networks"]:
        assert f"{100 * one['inherited']:.2f} %" in shown.stdout
    assert (
        "Kendall's tau" in shown.stdout
        and "3 of 6 networks drawn by random search, 2 steps each" in shown.stdout
    )
    more = invoke("rank", str(run), "--sample", "50", "--steps", "1")
    assert more.exit_code == 0 and "12 networks, and no 50" in more.stderr


def test_a_run_that_compared_nothing_is_refused(searched: Path) -> None:
    result = invoke("rank", str(searched))
    assert result.exit_code == 1 and "error[N0701]" in result.stderr
