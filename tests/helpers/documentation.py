"""The blocks of a Markdown page, and what the tests do with each: read this where a page does not pass.

- ```nas: a whole file, written under its title (untitled ones under a name of their own) and checked: neither
  errors nor warnings, and as `dslnas fmt` writes it. One whose title begins with `wrong` has mistakes; one
  whose first line says `--plugin FILE` is checked so.
- ```sh: lines of `dslnas ...` are run in the folder of the page's files, and exit with 0 unless they name a
  wrong file. A line is left out for a reason that it says: a comment that begins with `takes` or `needs`. Its
  command and options must exist all the same. Lines of other programs are left out: `.ci/run` runs those that
  matter.
- ```text after ```sh: each line stands in what the last command printed, in this order.
- ```python: run in the page's folder, the blocks of a page one after another in one namespace.
- ```json, ```csv, ```python with a title: a file.
A page that names `folder:recordings` finds such a folder: tones, one class a folder.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from generated.examples import codes_in, run_command, write_files
from recordings import make_recordings

from cli.app import app

_FENCE = re.compile(r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.M | re.S)
_PLUGIN = re.compile(r"--plugin \S+")
_REASON = re.compile(r"#\s*(takes|needs) \w")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its title, its text."""

    language: str
    title: str
    text: str


def blocks(markdown: str) -> Iterator[Block]:
    """The fenced blocks of a page in order."""
    for fence in _FENCE.finditer(markdown):
        yield Block(fence["language"], fence["title"] or "", fence["text"])


def follow(markdown: str, folder: Path) -> None:
    """Do in a folder what a page says; AssertionError where it does not go as the page says."""
    if "folder:recordings" in markdown:
        make_recordings(folder / "recordings")
    printed = ""
    names: dict[str, Any] = {"__name__": "page"}
    for number, block in enumerate(blocks(markdown)):
        if block.language == "sh":
            printed = "".join(_run(line, folder) for line in block.text.splitlines() if line.strip())
            continue
        if block.language == "nas":
            _check(block, folder, block.title or f"block{number}.nas")
        elif block.language == "python" and not block.title:
            with chdir(folder), importing_from(folder):
                exec(compile(block.text, f"block {number}", "exec"), names)
        elif block.language == "text" and printed:
            _expect(block.text, printed)
        elif block.title:
            write_files(folder, {block.title: block.text})
        printed = ""


@contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """Files of a folder can be imported, as by a script that lies in it; they are forgotten afterwards."""
    known = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in {path.stem for path in folder.glob("*.py")} - known:
            sys.modules.pop(name, None)


def _check(block: Block, folder: Path, name: str) -> None:
    write_files(folder, {name: block.text})
    plugin = _PLUGIN.search(block.text.partition("\n")[0])
    found = codes_in(run_command(f"dslnas {plugin[0] if plugin else ''} check {shlex.quote(name)}", folder))
    if name.startswith("wrong"):
        assert found, f"{name} has no mistake:\n{block.text}"
    else:
        assert not found, f"{name}: {found}\n{block.text}"
        result = run_command(f"dslnas fmt --diff {shlex.quote(name)}", folder)
        assert result.exit_code == 0, result.output


def _run(line: str, folder: Path) -> str:
    """What a line prints; nothing for one that is left out."""
    words = shlex.split(line, comments=True)
    if not words or words[0] != "dslnas":
        return ""
    if _REASON.search(line):
        exists(words)
        return ""
    result = run_command(line, folder)
    wrong = any(word.startswith("wrong") for word in words)
    assert result.exit_code == (1 if wrong else 0), f"$ {line}\n{result.output}"
    return result.output


def exists(words: list[str]) -> None:
    """Usage errors of a command that is not run are raised."""
    group: Any = typer.main.get_command(app)
    name, *arguments = words[1:]
    group.commands[name].make_context(name, arguments)


def _expect(text: str, printed: str) -> None:
    """Each line of a text is, apart from its spaces, part of a line of what was printed, in this order."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for wanted in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        assert wanted == "..." or any(wanted in line for line in lines), f"`{wanted}` is not in\n{printed}"
