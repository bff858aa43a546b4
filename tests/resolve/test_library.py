"""Which file a name means: shipped spaces, files of the project, and what lies outside of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dslnas.base import limits
from dslnas.base.diagnostics import Diagnostic, DslnasError
from dslnas.check.check import check_file
from dslnas.resolve.library import find_space, shipped, used_like
from dslnas.resolve.resolve import resolve


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


def test_a_file_longer_than_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.nas"
    with path.open("wb") as file:
        file.truncate(10**12)  # a hole: on the disk it is empty
    with pytest.raises(DslnasError, match="is longer than 1,000,000 bytes"):
        check_file(path)


def raised(name: str) -> Diagnostic:
    with pytest.raises(DslnasError) as caught:
        find_space(name)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize("name", ["ss1", "spaces/ss1.nas", "ss1.nas"])
def test_a_shipped_space_is_found_by_its_name_from_any_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_space(name) == shipped() / "ss1.nas"


@pytest.mark.parametrize("name", ["ss2", "", "a\0b", "n" * 5000, "../secret", "/", "lib"])
def test_what_is_no_space_is_told(name: str) -> None:
    assert raised(name).code == "N0102"


def test_a_close_name_is_proposed() -> None:
    assert raised("sspolasym").help == "did you mean `sspolasym5`?"


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("mine.nass", "mine.nas"),
        ("./mime.nas", "mine.nas"),
        ("mine", "mine.nas"),
        ("sub/inner.nsa", "sub/inner.nas"),
        ("foud.json", "found.json"),
        ("ss2.nas", "ss1"),
        ("spaces/sspolasim4.nas", "sspolasym4"),
        ("SSPolAttention", "sspolattention"),
    ],
)
def test_a_misspelled_file_name_is_recognised(
    wrong: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("mine.nas", "found.json", "sub/inner.nas"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DslnasError) as caught:
        find_space(wrong)
    assert [one.help for one in caught.value.diagnostics] == [f"did you mean `{meant}`?"]


def test_a_use_is_shown_what_lies_in_its_project_alone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("")
    for path in (tmp_path / "secret.nas", project / "parts.nas"):
        path.write_text("op f = x")
    main = project / "main.nas"
    main.write_text('use "part.nas"\nuse "../secre.nas"\n')
    inside, outside = resolve(main)[1]
    assert inside.help == "did you mean `parts.nas`?"
    assert "secret" not in outside.help


@pytest.mark.parametrize("name", ["\0", "\ud800", "a" * 200, "..", "/"])
def test_a_name_that_no_file_has_is_told_as_missing(name: str, tmp_path: Path) -> None:
    """Such names come from files: a diagnostic is all they bring about."""
    with pytest.raises(DslnasError):
        find_space(f"{name}/{name}.nas")
    assert used_like(f"{name}/{name}.nas", tmp_path / "main.nas", tmp_path) == ""
