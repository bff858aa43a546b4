"""`dslnas check` on what people write, and on what nobody would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app

BROKEN = """op block = x -> cnv(3) -> bn
space Broken(channels = 4) {
    network = input -> conv(3) -> global_pool -> liner(classes)
}
"""
DOUBTFUL = """use "lib/darts.nas"
space Doubtful(nodes = 2, channels = 4) {
    candidates { conv = sep_conv(3) }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    network = input -> conv(3) -> normal -> global_pool -> linear(classes)
}
"""


def write(folder: Path, content: str | bytes, name: str = "it.nas") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("name", ["ss1", "spaces/ss1.nas", "sspolasym4", "sspolasym5", "sspolattention"])
def test_the_shipped_spaces_are_well_formed(name: str) -> None:
    result = CliRunner().invoke(app, ["check", name])
    assert (result.exit_code, result.stdout) == (0, f"{name}: well formed\n")


def test_every_error_comes_at_once_with_place_and_help(tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    result = CliRunner().invoke(app, ["check", path])
    assert result.exit_code == 1
    assert f"{path}:1:17" in result.stderr and "did you mean `conv`?" in result.stderr
    assert "cnv" in result.stderr and "liner" in result.stderr
    assert result.stdout == f"{path}: 2 errors\n"


def test_warnings_alone_exit_with_0(tmp_path: Path) -> None:
    path = write(tmp_path, DOUBTFUL)
    result = CliRunner().invoke(app, ["check", path])
    assert result.exit_code == 0
    assert result.stdout == f"{path}: well formed, 1 warning\n"
    assert "warning[N0403]" in result.stderr


def test_several_files_are_all_checked(tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    result = CliRunner().invoke(app, ["check", path, "nowhere", "ss1"])
    assert result.exit_code == 1
    assert result.stdout == f"{path}: 2 errors\nnowhere: 1 error\nss1: well formed\n"


def test_a_name_that_is_nearly_right() -> None:
    result = CliRunner().invoke(app, ["check", "sspolasym55"])
    assert result.exit_code == 1 and "did you mean `sspolasym5`?" in result.stderr


HOSTILE = {
    "empty": b"",
    "blank": b"\n\n",
    "every byte": bytes(range(256)) * 4,
    "utf-16": b"\xff\xfe\x00s\x00p\x00a\x00c\x00e",
    "zeros": b"\x00" * 100,
    "one word": b"space " * 1000,
    "brackets": b"space S { network = " + b"(" * 5000 + b"x" + b")" * 5000 + b" }",
    "a long pipe": b"op a(x) = " + b"x -> " * 3000 + b"x",
    "minuses": b"op a(x) = " + b"-" * 5000 + b"1",
    "conditions": b"op a = " + b"if 1 == 1 then " * 2000 + b"x",
    "unicode": "space Ünïcode(\N{SNOWMAN} = 1) { network = input }".encode(),
    "itself": b'use "it.nas"\n',
    "markup": b"space S(channels = [1, 2) { network = [bold]input[/bold] }",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_no_input_shows_a_traceback(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    result = CliRunner().invoke(app, ["check", path])
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    as_json = CliRunner().invoke(app, ["check", path, "--json"])
    assert as_json.exit_code == result.exit_code
    assert bool(json.loads(as_json.stdout)) == (f"{path}: well formed\n" != result.stdout)


@pytest.mark.parametrize("name", ["a_directory", "missing.nas", "", "-", "a\x1b[31mb"])
def test_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_directory").mkdir()
    result = CliRunner().invoke(app, ["check", "--", name])
    assert result.exit_code == 1 and "error[N0102]" in result.stderr


def test_too_deep_a_recursion_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(path: Path) -> None:
        raise RecursionError

    monkeypatch.setattr("dslnas.check.check.check_file", deep)
    result = CliRunner().invoke(app, ["check", "ss1"])
    assert result.exit_code == 1 and "error[N0103]" in result.stderr


def test_brackets_of_the_user_are_shown(tmp_path: Path) -> None:
    path = write(tmp_path, "space S(channels = 1) { network = input -> foo[bold] }\n")
    result = CliRunner().invoke(app, ["check", path])
    assert "foo[bold]" in result.stderr


def test_json_is_for_editors(tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    result = CliRunner().invoke(app, ["check", path, "ss1", "--json"])
    assert result.exit_code == 1 and result.stderr == ""
    first, second = json.loads(result.stdout)
    assert first["code"] == "N0201" and first["severity"] == "error"
    assert (first["file"], first["line"], first["column"]) == (path, 1, 17)
    assert second["help"] == "did you mean `linear`?"


def test_json_of_a_well_formed_file_is_an_empty_list() -> None:
    result = CliRunner().invoke(app, ["check", "ss1", "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


FIXABLE = BROKEN.replace("liner", "lineer")
MENDED = FIXABLE.replace("cnv", "conv").replace("lineer", "linear")


def test_a_file_is_mended_in_place(tmp_path: Path) -> None:
    path = write(tmp_path, FIXABLE)
    result = CliRunner().invoke(app, ["check", path, "ss1", "--fix"])
    assert (result.exit_code, result.stderr) == (0, f"{path}: mended 2 places\n")
    assert result.stdout == f"{path}: well formed\nss1: well formed\n"
    assert Path(path).read_text(encoding="utf-8") == MENDED
    again = CliRunner().invoke(app, ["check", path, "--fix"])
    assert (again.exit_code, again.stderr) == (0, "")


def test_a_diff_shows_what_would_be_mended(tmp_path: Path) -> None:
    path = write(tmp_path, FIXABLE)
    result = CliRunner().invoke(app, ["check", path, "--diff"])
    assert result.exit_code == 1  # as the file stands
    lines = [line for line in result.stdout.splitlines() if line[:1] in "+-"]
    assert lines == [
        f"--- {path}", f"+++ {path} mended",
        "-op block = x -> cnv(3) -> bn", "+op block = x -> conv(3) -> bn",
        "-    network = input -> conv(3) -> global_pool -> lineer(classes)",
        "+    network = input -> conv(3) -> global_pool -> linear(classes)",
    ]  # fmt: skip
    assert Path(path).read_text(encoding="utf-8") == FIXABLE
    assert CliRunner().invoke(app, ["check", path, "--diff", "--json"]).exit_code == 2


def test_what_is_left_is_said_and_ends_of_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    text = FIXABLE.replace("-> bn", "-> fc")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    result = CliRunner().invoke(app, ["check", str(path), "--fix", "--json"])
    assert result.exit_code == 1
    (left,) = json.loads(result.stdout)
    assert (left["code"], left["fix"]["text"], left["fix"]["safe"]) == ("N0201", "linear(128)", False)
    expected = MENDED.replace("-> bn", "-> fc").replace("\n", "\r\n")
    assert path.read_bytes() == b"\xef\xbb\xbf" + expected.encode()
