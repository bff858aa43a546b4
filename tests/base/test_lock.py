"""The lock of a run folder: one process at a time, and none that is gone stands in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from recordings import make_recordings, refused, tiny

from dslnas.base.lock import HOLDER, locked
from dslnas.runs.begin import start
from dslnas.runs.run import Run

HOLD = """
import sys
from pathlib import Path
from dslnas.base.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of a folder until a line is written to it, or it is killed."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.kill()


def enter(folder: Path) -> None:
    with locked(folder):
        pass


def test_the_process_that_is_in_a_folder_is_named(tmp_path: Path) -> None:
    with held(tmp_path) as other:
        refused("N0701", f"process {other.pid} is at work in this run", lambda: enter(tmp_path))
        other.communicate("done\n")
        assert other.returncode == 0
        enter(tmp_path)


def test_a_killed_process_stands_in_nobodys_way(tmp_path: Path) -> None:
    with held(tmp_path) as other:
        other.kill()
        other.wait()
        assert (tmp_path / HOLDER).is_file()  # it had no time to clear up
        enter(tmp_path)
    assert not (tmp_path / HOLDER).exists()


def test_a_process_keeps_itself_out_as_well(tmp_path: Path) -> None:
    with locked(tmp_path):
        refused("N0701", f"process {os.getpid()} is at work", lambda: enter(tmp_path))
    enter(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"{}", b'{"process": 3, "host": "elsewhere"}'])
def test_who_holds_the_lock_may_be_unknown_or_elsewhere(tmp_path: Path, content: bytes) -> None:
    with held(tmp_path):
        (tmp_path / HOLDER).write_bytes(content)
        shown = "process 3 on elsewhere is" if b"host" in content else "another process is"
        refused("N0701", shown, lambda: enter(tmp_path))


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused("N0701", "cannot be locked", lambda: enter(tmp_path / "file"))


@pytest.mark.usefixtures("tiny_runs")
def test_two_resumptions_of_one_run_do_not_meet(tmp_path: Path) -> None:
    """The second is refused and touches nothing; the first ends as if it were alone."""
    data = make_recordings(tmp_path / "tones", classes=2, clips=6)
    run = start(tiny(data), tmp_path / "run")
    with held(run.path):
        before = {path.name: path.read_bytes() for path in run.path.iterdir()}
        refused("N0701", "is at work in this run", lambda: Run.open(run.path).execute(until="search"))
        assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    assert "search" in Run.open(run.path).execute(until="search")
