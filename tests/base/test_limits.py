"""What asks for too much ends in a diagnostic, in bounded memory, and never in a traceback or a hang."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hostile import TEXTS, cells
from repository import HELPERS

from dslnas.base import limits
from dslnas.base.diagnostics import Diagnostic, DslnasError
from dslnas.base.rendering import render_text
from dslnas.base.source import Source, Span
from dslnas.check.check import check_file
from dslnas.ir.analysis.extent import params_extremes
from dslnas.runs.load import load

MEGABYTES = 512  # beside what dslnas itself takes
pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="memory is bounded on Linux")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The codes that each hostile text leads to, found in a process of bounded memory."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for number, (content, _) in enumerate(TEXTS.values()):
        own = folder / str(number)
        own.mkdir()
        paths.append(own / "hostile.nas")
        paths[-1].write_bytes(content)
    runner = HELPERS / "bounded.py"
    command = [sys.executable, str(runner), str(MEGABYTES), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(zip(TEXTS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_told_in_bounded_memory(name: str, said: Mapping[str, str]) -> None:
    _, code = TEXTS[name]
    assert said[name] == "" if code is None else code in said[name].split(), said[name]


# --- files that others use ----------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def messages(path: Path) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in check_file(path)]


OUTSIDE = ("N0203", "`../ops.nas` lies outside of the project")


def test_a_use_reaches_the_files_of_its_project_alone(tmp_path: Path) -> None:
    write(tmp_path / "ops.nas", "op f = x -> relu\n")
    mine = write(tmp_path / "mine" / "mine.nas", 'use "../ops.nas"\n')
    assert messages(mine) == [OUTSIDE]
    write(tmp_path / "pyproject.toml", "")
    assert messages(mine) == []


def test_a_use_through_others_stays_in_the_project_of_the_first_file(tmp_path: Path) -> None:
    write(tmp_path / "ops.nas", "op f = x -> relu\n")
    write(tmp_path / "mine" / "lib" / "own.nas", 'use "../ops.nas"\n')
    write(tmp_path / "mine" / "lib" / "darts.nas", 'use "../../ops.nas"\n')
    write(tmp_path / "mine" / "ops.nas", "op g = x -> relu\n")
    assert messages(write(tmp_path / "mine" / "a.nas", 'use "lib/own.nas"\n')) == []
    (found,) = check_file(write(tmp_path / "mine" / "b.nas", 'use "lib/darts.nas"\n'))
    assert found.code == "N0203" and str(tmp_path / "mine") in found.help


def test_a_link_leads_where_it_points(tmp_path: Path) -> None:
    write(tmp_path / "secret.nas", "op f = x -> relu\n")
    mine = write(tmp_path / "mine" / "mine.nas", 'use "linked.nas"\n')
    linked = mine.with_name("linked.nas")
    linked.symlink_to(tmp_path / "secret.nas")
    assert messages(mine) == [("N0203", "`linked.nas` lies outside of the project")]
    linked.unlink()
    write(mine.with_name("own.nas"), "op f = x -> relu\n")
    linked.symlink_to("own.nas")
    assert messages(mine) == []
    linked.unlink()
    linked.symlink_to("linked.nas")
    assert messages(mine) == [("N0203", "there is no file `linked.nas`")]


def test_two_names_of_one_file_are_one_file(tmp_path: Path) -> None:
    write(tmp_path / "ops.nas", "op f = x -> relu\n")
    (tmp_path / "again.nas").symlink_to("ops.nas")
    assert messages(write(tmp_path / "mine.nas", 'use "ops.nas"\nuse "again.nas"\n')) == []


def test_files_that_use_very_many_others_are_told(tmp_path: Path) -> None:
    used = [f"f{number}.nas" for number in range(limits.USED_FILES + 5)]
    for name in used:
        write(tmp_path / name, f"op {name[:-4]} = x -> relu\n")
    found = messages(write(tmp_path / "mine.nas", "".join(f'use "{name}"\n' for name in used)))
    assert [code for code, _ in found] == ["N0203"] * 6


def test_files_that_are_long_in_all_are_told(tmp_path: Path) -> None:
    comment = "#" * (limits.FILE_BYTES - 1000)
    for name in "abc":
        write(tmp_path / f"{name}.nas", comment)
    found = messages(write(tmp_path / "mine.nas", 'use "a.nas"\nuse "b.nas"\nuse "c.nas"\n'))
    assert [code for code, _ in found] == ["N0203"]


@pytest.mark.parametrize("kind", ["a folder", "a file that may not be read", "a pipe"])
def test_what_is_no_file_is_no_hang(tmp_path: Path, kind: str) -> None:
    mine = write(tmp_path / "mine.nas", 'use "other.nas"\n')
    other = tmp_path / "other.nas"
    if kind == "a folder":
        other.mkdir()
    elif kind == "a pipe":
        os.mkfifo(other)
    else:
        write(other, "op f = x\n").chmod(0)
        if os.access(other, os.R_OK):
            pytest.skip("this user may read everything")
    assert [code for code, _ in messages(mine)] in (["N0203"], ["N0102"])


# --- plans --------------------------------------------------------------------------------------------------


def test_a_node_that_keeps_many_of_many_edges_has_a_plan(tmp_path: Path) -> None:
    """There are 10^17 ways to keep 30 of 60 edges: the extremes are then bounds that genotypes attain."""
    text = cells(keep=30).replace(
        "node n[1..nodes]", "node m[1..58] = sum(p for p in earlier)\n        node n[1..2]"
    )
    experiment = load(write(tmp_path / "many.nas", text))
    extremes = params_extremes(experiment.supernet)
    assert 0 < extremes.least < extremes.most


# --- messages -----------------------------------------------------------------------------------------------


def test_a_message_shows_the_part_of_a_long_line_that_matters() -> None:
    source = Source("long.nas", "a" * 5000 + "HERE" + "b" * 5000)
    lines = render_text(Diagnostic("N0101", "wrong", Span(source, 1, 5001, 1, 5005))).splitlines()
    shown, marks = lines[3], lines[4]
    assert max(map(len, lines)) < limits.LINE_SHOWN + 20
    assert [letter for letter, mark in zip(shown, marks, strict=False) if mark == "^"] == list("HERE")


def test_a_mark_ends_with_the_line() -> None:
    source = Source("long.nas", "ab\ncd")
    lines = render_text(Diagnostic("N0101", "wrong", Span(source, 1, 2, 2, 2))).splitlines()
    assert lines[4] == "  |  ^"


def test_a_message_of_very_many_names_is_cut() -> None:
    diagnostic = Diagnostic("N0201", "m" * 10_000, help="h" * 10_000)
    assert {len(diagnostic.message), len(diagnostic.help)} == {limits.MESSAGE + 3}


def test_a_file_longer_than_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.nas"
    with path.open("wb") as file:
        file.truncate(10**12)  # a hole: on the disk it is empty
    with pytest.raises(DslnasError, match="is longer than 1,000,000 bytes"):
        check_file(path)
