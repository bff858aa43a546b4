"""A mended file has no more errors than before, and is not mended again."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import pytest
from generated.examples import write_files
from repository import CASES, MISTAKES

from dslnas.base.diagnostics import errors
from dslnas.base.explanations import explained, explanation
from dslnas.check.mending import mend
from dslnas.check.repairs import mended, repairs
from dslnas.resolve.library import read_source

# What messages say that a repair follows from.
MENDABLE = re.compile(
    r"did you mean|at the top of the file|it is called|begin a new line|: \.\.\.`|leave the cast"
)


def hold(path: Path) -> int:
    """Assert what holds of every file, which is mended in its place; how many repairs were done."""
    found = mend(path)
    assert bool(found.done) == (found.before.text != found.after.text)
    if found.done:
        assert len(errors(found.left)) <= len(errors(found.wrong))
        path.write_text(found.after.text, encoding="utf-8")
        again = mend(path)
        assert (again.done, again.after.text) == ((), found.after.text)
        assert len(again.wrong) == len(found.left)
    return len(found.done)


def hold_alone(path: Path) -> None:
    """Assert that no safe repair alone makes more errors in a file, which is overwritten."""
    source, wrong = read_source(path), errors(mend(path).wrong)
    for one in repairs(wrong, source):
        path.write_text(mended(source, [one]), encoding="utf-8")
        assert not one.safe or len(errors(mend(path).wrong)) <= len(wrong), one.title
    path.write_text(source.text, encoding="utf-8")


def test_the_examples_of_the_explanations(tmp_path: Path) -> None:
    done = dict[str, int]()
    for code in explained():
        folder = tmp_path / code
        folder.mkdir()
        write_files(folder, explanation(code).wrong.files)
        files = sorted(folder.rglob("*.nas"))
        for path in files:
            hold_alone(path)
        done[code] = sum(map(hold, files))
    assert done["N0201"] > 0 and done["N0204"] > 0


@pytest.mark.parametrize("folder", [CASES, MISTAKES], ids=["cases", "mistakes"])
def test_files_of_mistakes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copytree(folder, tmp_path / "files")
    monkeypatch.chdir(tmp_path / "files")
    assert sum(map(hold, filter(_can_be_mended, sorted(Path().glob("*.nas"))))) >= 20


def _can_be_mended(path: Path) -> bool:
    """Whether what is said of a file of mistakes, where it is written beside it, proposes a repair."""
    said = path.with_suffix(".txt")
    return not said.is_file() or MENDABLE.search(said.read_text(encoding="utf-8")) is not None
