"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.base.files import clear_abandoned, replacing, write_atomically


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.json"
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["metrics.json"]  # noqa: PTH208


def test_a_written_file_has_the_rights_of_any_file(tmp_path: Path) -> None:
    (tmp_path / "touched").touch()
    write_atomically(tmp_path / "written", b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("touched", "written")]
    assert modes[0] == modes[1]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="cannot be written: No such file") as caught:
        write_atomically(tmp_path / "none" / "x", b"", "N0603")
    assert caught.value.diagnostics[0].code == "N0603"


def test_what_a_killed_process_leaves_is_cleared_and_what_is_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "heard.csv"
    write = f"""
import os, signal
from pathlib import Path
from dslnas.base.files import replacing
with replacing(Path({str(path)!r})) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", write]).returncode == -9
    (left,) = tmp_path.iterdir()
    with replacing(path) as temporary:
        clear_abandoned(path)
        assert [*tmp_path.iterdir()] == [temporary] and left != temporary
        temporary.write_text("whole")
    assert [*tmp_path.iterdir()] == [path] and path.read_text() == "whole"
