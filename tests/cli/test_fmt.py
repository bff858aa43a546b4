"""`dslnas fmt`: what is written, what is only told, what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app

LOOSE = "op f( k )=x->conv( k )  # why\n"
CANONICAL = "op f(k) = x -> conv(k)  # why\n"
WRONG = "op f( k )=x->->conv\n"


def run(*arguments: object, input: str | None = None) -> Result:
    return CliRunner().invoke(app, ["fmt", *map(str, arguments)], input=input)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "loose.nas"
    path.write_text(LOOSE)
    return path


def test_a_file_is_written_once(file: Path) -> None:
    first, second = run(file), run(file)
    assert (first.exit_code, first.stdout.split()) == (0, ["changed:", str(file)])
    assert file.read_text() == CANONICAL
    assert (second.exit_code, second.stdout) == (0, "")


def test_check_writes_nothing(file: Path) -> None:
    result = run(file, "--check")
    assert result.exit_code == 1 and "would change" in result.stdout
    assert file.read_text() == LOOSE
    file.write_text(CANONICAL)
    assert run(file, "--check").exit_code == 0


def test_diff_shows_what_would_change(file: Path) -> None:
    result = run(file, "--diff")
    assert result.exit_code == 1 and file.read_text() == LOOSE
    assert {f"-{LOOSE.strip()}", f"+{CANONICAL.strip()}"} <= set(result.stdout.splitlines())


def test_a_file_with_an_error_is_left_alone_and_others_are_not(file: Path) -> None:
    wrong = file.with_name("wrong.nas")
    wrong.write_text(WRONG)
    result = run(file.parent)
    assert result.exit_code == 1
    assert "error[N0101]" in result.stderr and f"{wrong}:1:14" in result.stderr
    assert (wrong.read_text(), file.read_text()) == (WRONG, CANONICAL)


def test_stdin_goes_to_stdout() -> None:
    assert run("-", input=LOOSE).stdout == CANONICAL
    result = run("-", input=WRONG)
    assert (result.exit_code, result.stdout) == (1, "") and "stdin:1:14" in result.stderr


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run(tmp_path / "none.nas")
    assert result.exit_code == 1 and "cannot be read" in result.stderr


def test_line_ends_and_the_mark_of_the_encoding_are_canonical_too(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + CANONICAL.replace("\n", "\r\n").encode())
    assert run(file, "--check").exit_code == 1
    assert run(file).exit_code == 0
    assert file.read_bytes() == CANONICAL.encode()


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.with_name("link.nas")
    link.symlink_to(file)
    assert run(link).exit_code == 0
    assert link.is_symlink() and file.read_text() == CANONICAL
