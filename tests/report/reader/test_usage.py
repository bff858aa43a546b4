"""The commands that a page gives."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from made_runs import write_run
from report_pages import edit

from cli.app import app
from dslnas.report.reader.usage import again, facts, uses
from dslnas.report.rundata import RunData, read_run


def run_with(folder: Path, command: Any, threads: int | None = 3, device: str = "CPU") -> RunData:
    run = write_run(folder, nodes=1, epochs=1)
    machine = {"device": device} | ({"threads": threads} if threads else {})
    edit(run / "metrics.json", lambda data: data.update(machine=machine))
    edit(run / "settings.json", lambda data: data.update(command=command))
    return read_run(run)


def test_every_command_is_one_of_ours_and_names_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = read_run(write_run(tmp_path / "runs" / "my run", nodes=1, epochs=1))
    known = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    for one in uses(run):
        words = shlex.split(one.text)
        assert words[0] == "dslnas" and words[1] in known and words[2] == "runs/my run"
    assert [one.text.split()[1] for one in uses(run)][:2] == ["predict", "export"]
    edit(run.folder / "settings.json", lambda data: data.update(data={"name": "mnist"}))
    assert uses(read_run(run.folder))[0].text.endswith(" picture.png")
    (run.folder / "test.json").unlink()
    assert uses(read_run(run.folder)) == []


LEAD = "OMP_NUM_THREADS=3 "


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("dslnas run ss1", LEAD + "dslnas run ss1 --preset quick --seed 0"),
        (
            ["dslnas", "run", "my space.nas", "--seed", "0"],
            LEAD + "dslnas run 'my space.nas' --seed 0 --preset quick",
        ),
        ("dslnas run a --seed=4 --out b --preset quick", LEAD + "dslnas run a --seed=4 --preset quick"),
        ("dslnas sweep a.nas --out=b", LEAD + "dslnas sweep a.nas"),
        ("", ""),
        (None, ""),
        ("an 'open quote", LEAD + 'an "\'open" quote'),
    ],
)
def test_the_command_has_what_the_figures_need(tmp_path: Path, command: Any, wanted: str) -> None:
    found = again(run_with(tmp_path / "run", command))
    assert shlex.split(found) == shlex.split(wanted)


def test_threads_are_those_of_a_processor(tmp_path: Path) -> None:
    assert "OMP" not in again(run_with(tmp_path / "gpu", "dslnas run ss1", device="cuda"))
    assert "OMP" not in again(run_with(tmp_path / "old", "dslnas run ss1", threads=None))
    told = dict(facts(run_with(tmp_path / "run", "dslnas run ss1")))
    assert (told["seed"], told["preset"], told["processor threads"]) == ("0", "quick", "3")
