"""Finds and reads `.nas` files: shipped spaces, paths that a user gives, files that a `use` names."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from os.path import realpath
from pathlib import Path

from ..base import limits
from ..base.diagnostics import fail
from ..base.files import file_like
from ..base.source import Source, Span
from ..base.spelling import did_you_mean

# The files of `lib/` whose methods, profiles and front ends need no `use`.
LIBRARY = (
    "lib/darts.nas",
    "lib/polynomial.nas",
    "lib/blocks.nas",
    "lib/methods.nas",
    "lib/frontends.nas",
    "lib/profiles.nas",
)
HANDMADE = "handmade"  # the folder of shipped networks that leave nothing to search

PROJECT_MARKS = (".git", "pyproject.toml")  # files that mark the folder of a project


@cache
def shipped() -> Path:
    """The folder of the `.nas` files that come with dslnas."""
    folder = Path(str(files("dslnas").joinpath("spaces")))
    return folder if folder.is_dir() else Path(__file__).parent.parent.parent / "spaces"


def find_space(name: str) -> Path:
    """The file that a user names: by its path, or as a shipped space (`ss1`, `spaces/ss1.nas`).

    Raises DslnasError N0102 if there is none.
    """
    path = Path(name)
    if _is_file(path):
        return path
    stem = name.removeprefix("spaces/").removesuffix(".nas")
    stem = stem.removeprefix(f"{HANDMADE}/")
    for folder in (shipped(), shipped() / HANDMADE):
        candidate = folder / f"{stem}.nas"
        if "/" not in stem and _is_file(candidate):
            return candidate
    known = sorted(p.stem for p in (*shipped().glob("*.nas"), *(shipped() / HANDMADE).glob("*.nas")))
    hint = file_like(name, Path(), known) or f"shipped spaces: {', '.join(known)}"
    raise fail("N0102", f"there is no file `{name}` and no shipped space of that name", help=hint)


def used_like(name: str, user: Path, project: Path) -> str:
    """`did you mean ...?` for a `use` in the file `user`; it shows no files outside of its project."""
    try:
        inside = may_use(Path(realpath(user.parent / name)), project)  # a loop of links does not stop it
    except ValueError:  # a name that no file system allows
        inside = False
    return file_like(name, user.parent, usable()) if inside else did_you_mean(name, usable())


def find_used(name: str, user: Path) -> Path | None:
    """The file that `use "name"` refers to in the file `user`: beside it, or shipped; else None.

    Symbolic links are resolved.
    """
    for folder in (user.parent, shipped()):
        path = folder / name
        if _is_file(path):
            return path.resolve()
    return None


def project_of(file: Path) -> Path:
    """The folder whose files a file may use: the project around it (`PROJECT_MARKS`), else its own folder."""
    own = file.resolve().parent
    around = (own, *own.parents)
    return next((f for f in around if any((f / mark).exists() for mark in PROJECT_MARKS)), own)


def may_use(path: Path, project: Path) -> bool:
    """Whether a file lies in the project or among the shipped files.

    A `use` reaches nothing else: a space from an untrusted source must not show other files of a disk.
    """
    return path.is_relative_to(project) or path.is_relative_to(shipped().resolve())


@cache
def usable() -> list[str]:
    """The shipped files, which every file may `use`, by their paths in `shipped()`."""
    return sorted(str(path.relative_to(shipped())) for path in shipped().rglob("*.nas"))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than file systems allow
        return False


def read_source(path: Path, span: Span | None = None) -> Source:
    """The text of a file (UTF-8); raises DslnasError N0102, at `span` (the `use` that names it) if given."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.FILE_BYTES + 1)
        if len(data) > limits.FILE_BYTES:
            raise fail("N0102", f"{path} is longer than {limits.FILE_BYTES:,} bytes", span)
        text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig").read()
        return Source(_shown(path), text)
    except OSError as error:
        help = file_like(str(path), Path()) if isinstance(error, FileNotFoundError) else ""
        raise fail("N0102", f"{path} cannot be read: {error.strerror or error}", span, help=help) from None
    except UnicodeDecodeError as error:
        help = "save it as UTF-8; editors also write UTF-16 and others"
        raise fail("N0102", f"{path} is no UTF-8 text (byte {error.start})", span, help=help) from None


def _shown(path: Path) -> str:
    """The name of a file in messages: a relative path as given, an absolute one as short as possible."""
    if not path.is_absolute():
        return str(path)
    if path.is_relative_to(shipped()):
        return f"spaces/{path.relative_to(shipped())}"
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
