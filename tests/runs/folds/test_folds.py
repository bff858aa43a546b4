"""Cross-validation: a run for each fold, gone on with where it stopped, and what they say together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_runs import invoke
from recordings import TINY, refused, speakers_of, tiny

from dslnas.base.diagnostics import fail
from dslnas.base.figures import wilson
from dslnas.base.run_folder import METRICS, TEST
from dslnas.runs.folds.folder import PLAN, FoldsFolder, fold_settings, lay_out
from dslnas.runs.folds.results import REPORT, SUMMARY, results_of, write_results
from dslnas.runs.run import Run

pytestmark = pytest.mark.usefixtures("tiny_runs")
SMALL = [word for setting in TINY for word in ("--set", setting)]


def write_test(run: Run, wrong: int) -> None:
    """Write the test of a run that has taken so many clips of its last class for its first."""
    clips = [clip for clip in run.experiment.open_data().clips if clip.split == "test"]
    classes = list(run.experiment.classes)
    counts = [sum(clip.label == label for clip in clips) for label in range(len(classes))]
    confusion = [
        [count * (row == column) for column in range(len(classes))] for row, count in enumerate(counts)
    ]
    confusion[-1][0], confusion[-1][-1] = wrong, counts[-1] - wrong
    told = [{"path": clip.path, "label": "", "predicted": "", "probability": 1.0} for clip in clips]
    run.folder.write_json(TEST, {"classes": classes, "confusion": confusion, "clips": told})
    accuracy = 1 - wrong / len(clips)
    run.folder.update_metrics(
        test={"accuracy": accuracy, "macro_f1": accuracy}, versions={}, params={"live": 9}
    )


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Which runs were executed, in order; `fails` names those that end with an error."""
    seen: dict[str, Any] = {"runs": [], "fails": {}}

    def execute(run: Run, *_: object) -> dict[str, Any]:
        seen["runs"].append(run.path.name)
        if (error := seen["fails"].get(run.path.name)) is not None:
            raise error
        write_test(run, wrong=run.experiment.settings.fold - 1)
        return {}

    monkeypatch.setattr(Run, "execute", execute)
    return seen


@pytest.fixture
def command(tones: Path, tmp_path: Path) -> Callable[..., Any]:
    table = speakers_of(tones, tmp_path / "table.csv", speakers=6)
    return lambda *more: invoke("run", "ss1", "--data", table, *SMALL, "--folds", "3", *more)


def test_each_clip_is_tested_once_and_the_folds_have_a_mean(
    executed: dict[str, Any], command: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = command("--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [one["accuracy"] for one in told["folds"]] == pytest.approx([1, 11 / 12, 10 / 12])
    assert told["accuracy"]["mean"] == pytest.approx(11 / 12)
    assert told["accuracy"]["deviation"] == pytest.approx(1 / 12)
    assert told["together"]["clips"] == 36 and told["together"]["right"] == 33
    assert told["together"]["interval"] == pytest.approx(wilson(33 / 36, 36))
    assert told["together"]["confusion"] == [[12, 0, 0], [0, 12, 0], [3, 0, 9]]
    heard = [
        clip["path"]
        for fold in ("fold1", "fold2", "fold3")
        for clip in json.loads((out / fold / TEST).read_text())["clips"]
    ]
    assert len(heard) == len(set(heard)) == 36
    page = (out / REPORT).read_text()
    assert all(f'href="fold{number}/report.html"' in page for number in (1, 2, 3))
    assert "mean 91.67 %, deviation 8.33 % over 3 folds" in page
    assert json.loads((out / SUMMARY).read_text())["together"] == told["together"]
    shown = invoke("run", "--resume", str(out))
    assert shown.exit_code == 0 and "33 of 36 clips right, 95 % interval 78.2 to 97.1 %" in shown.stdout
    assert executed["runs"] == ["fold1", "fold2", "fold3"]  # none of them again
    (out / REPORT).unlink()
    assert invoke("report", str(out)).exit_code == 0 and (out / REPORT).read_text() == page


def test_what_stopped_goes_on_where_it_was(
    executed: dict[str, Any], command: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "my folds"
    executed["fails"] = {"fold2": KeyboardInterrupt()}
    result = command("--out", str(out))
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == f"interrupted; go on with: dslnas run --resume '{out}'"
    executed["fails"] = {"fold2": fail("N0601", "the search diverged")}
    result = invoke("run", "--resume", str(out))
    assert (
        result.exit_code == 1 and "fold2 failed:" in result.stderr and "the search diverged" in result.stderr
    )
    assert "over 2 of 3 folds" in result.stdout and "1 folds are left" in result.stdout
    assert "the search diverged" in (out / REPORT).read_text()
    executed["fails"] = {}
    told = json.loads(invoke("run", "--resume", str(out), "--json").stdout)
    assert told["left"] == [] and told["failed"] == {} and len(told["folds"]) == 3
    assert executed["runs"] == ["fold1", "fold2", "fold2", "fold3", "fold2"]


def test_a_dry_run_says_who_hears_what_and_writes_nothing(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    result = command("--dry-run", "--json", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    plan = json.loads(result.stdout)
    assert plan["folds"] == [{"fold": n, "train": 12, "validation": 12, "test": 12} for n in (1, 2, 3)]
    assert plan["settings"]["data"]["folds"] == 3 and not (tmp_path / "out").exists()


def test_folds_that_cannot_be_leave_no_folder(
    command: Callable[..., Any], tones: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    assert command("--set", "data.fold=2", "--out", out).exit_code == 2
    assert command("--engine", "ray", "--out", out).exit_code == 2
    few = invoke("run", "ss1", "--data", f"folder:{tones}", *SMALL, "--folds", "40", "--out", out)
    assert few.exit_code == 1 and "error[N0603]: `data.folds` is 40" in few.stderr
    assert not Path(out).exists()


def test_moved_recordings_serve_folds_that_have_not_begun(
    executed: dict[str, Any], tones: Path, tmp_path: Path
) -> None:
    link = tmp_path / "here"
    link.symlink_to(tones)
    settings = (fold_settings(3, fold) for fold in (1, 2, 3))
    folder = lay_out([tiny(link, *one) for one in settings], tmp_path / "out", device="cpu")
    link.rename(tmp_path / "there")
    lost = invoke("run", "--resume", str(folder.path))
    assert lost.exit_code == 1 and "fold1 failed" in lost.stderr
    found = invoke("run", "--resume", str(folder.path), "--data", f"folder:{tmp_path / 'there'}")
    assert found.exit_code == 0, found.output
    assert FoldsFolder.open(folder.path).left == []


def test_a_broken_folder_is_told(tones: Path, tmp_path: Path) -> None:
    folder = lay_out([tiny(tones, *fold_settings(3, 1))], tmp_path / "out", device="cpu")
    refused("N0701", "is there already", lambda: lay_out([], folder.path))
    nothing = results_of(folder)
    assert nothing.lines == [] and nothing.to_json()["accuracy"] is None and nothing.left == ("fold1",)
    assert "not done yet" in write_results(folder, nothing).read_text()
    (folder.run("fold1") / METRICS).write_text("{")
    assert results_of(folder).folds == ()
    for text, message in (("[]", "another form"), ('{"format": "x", "version": 1}', "another version")):
        (folder.path / PLAN).write_text(text)
        refused("N0701", message, lambda: FoldsFolder.open(folder.path))
    (folder.path / PLAN).write_text('{"format": "dslnas-folds", "version": 1, "folds": ["../x"]}')
    refused("N0701", "names no folders", lambda: FoldsFolder.open(folder.path))
