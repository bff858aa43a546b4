"""Files and a command line, run as a reader of the documentation would: in a folder that holds the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.app import app

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
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "200")
        return CliRunner().invoke(app, arguments, catch_exceptions=False)


def codes_in(result: Result) -> list[str]:
    """The codes of all errors and warnings that a command told."""
    return _CODE.findall(result.stderr)
