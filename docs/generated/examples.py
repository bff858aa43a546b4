"""Files and command lines, run as a reader of the documentation would: in a folder that holds the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from dslnas.cli.app import app
from typer.testing import CliRunner, Result

from dslnas.ir.primitives import REGISTRY

_CODE = re.compile(r"^(?:error|warning)\[(N\d{4})\]: ", re.MULTILINE)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their names relative to a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run_command(command: str, folder: Path) -> Result:
    """What `dslnas ...` answers in a folder; an exception that is no exit code is raised."""
    program, *arguments = shlex.split(command, comments=True)
    assert program == "dslnas", command
    with chdir(folder):
        before = dict(REGISTRY)
        try:
            return CliRunner().invoke(app, arguments, catch_exceptions=False, env={"COLUMNS": "100"})
        finally:  # what a plugin adds is of this command alone
            REGISTRY.clear()
            REGISTRY.update(before)


def run_in_a_folder(files: Mapping[str, str], command: str) -> Result:
    """The same in a new folder with these files, which is gone afterwards."""
    with TemporaryDirectory() as folder:
        write_files(Path(folder), files)
        return run_command(command, Path(folder))


def codes_in(result: Result) -> list[str]:
    """The codes of all errors and warnings that a command told."""
    return _CODE.findall(result.stderr)
