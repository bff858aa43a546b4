"""`dslnas check`: all errors and warnings of files, and what mends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from pathlib import Path

    from dslnas.base.diagnostics import Diagnostic
    from dslnas.check.mending import Mended

EXAMPLE = "Example: dslnas check ss1 spaces/mine.nas --json"


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Spaces: .nas files, or names of shipped ones.")
    ],
    as_json: JsonOption = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what one word or one line mends, and say what is left.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="As --fix, but write nothing; show what would change.")
    ] = False,
) -> None:
    """Check files: every error and warning, with its place and what to do about it.

    Warnings alone leave the exit code at 0. --fix mends misspelled words, missing `use` lines and the like,
    where no more errors follow; of each `fix`, --json says whether it is one of these (`safe`).
    """
    from dslnas.base.diagnostics import errors
    from dslnas.check.repairs import diagnostic_json

    from .terminal import print_diagnostics, print_json, print_more, tell

    if as_json and diff:
        raise typer.BadParameter("it shows text: leave --json out", param_hint="'--diff'")
    if fix or diff:
        for name in files:
            mend(name, write=not diff)
    found = {name: diagnostics_of(name) for name in files}
    if as_json:
        print_json([diagnostic_json(one) for diagnostics in found.values() for one in diagnostics])
    elif not diff:
        for name, diagnostics in found.items():
            print_diagnostics(diagnostics)
            tell(f"{name}: {summary(diagnostics)}")
        print_more(diagnostic for diagnostics in found.values() for diagnostic in diagnostics)
    if any(errors(diagnostics) for diagnostics in found.values()):
        raise typer.Exit(1)


def mend(name: str, write: bool) -> None:
    """Mend a file by its safe repairs, or show a diff; one that ships or cannot be read is left as it is."""
    from dslnas.base.diagnostics import DslnasError
    from dslnas.check.mending import mend as mended
    from dslnas.resolve.library import find_space, shipped

    from .terminal import say, show_diff

    try:
        path = find_space(name)
        if path.resolve().is_relative_to(shipped().resolve()):
            return
        found = mended(path)
    except (DslnasError, RecursionError):
        return  # said when the file is checked
    if not found.done:
        return
    if write:
        put(path, found)
        say(f"{name}: mended {len(found.done)} place{'s' * (len(found.done) > 1)}")
    else:
        show_diff(found.before.text, found.after.text, name, f"{name} mended")


def put(path: Path, found: Mended) -> None:
    """Write a mended text as the file was written: with its ends of lines and its byte order mark."""
    from codecs import BOM_UTF8

    from dslnas.base.files import write_atomically

    before = path.read_bytes()
    data = found.after.text.encode()
    if b"\r\n" in before:
        data = data.replace(b"\n", b"\r\n")
    write_atomically(path.resolve(), BOM_UTF8 * before.startswith(BOM_UTF8) + data)


def diagnostics_of(name: str) -> list[Diagnostic]:
    """Every diagnostic of one file, also where it cannot be read."""
    from dslnas.base.diagnostics import DslnasError, errors
    from dslnas.check.check import check_file
    from dslnas.resolve.library import find_space
    from dslnas.runs.load import never_met

    try:
        found = check_file(find_space(name))
        return found if errors(found) else [*found, *never_met(name)]
    except DslnasError as error:
        return list(error.diagnostics)
    except RecursionError:
        return [too_deep(name)]


def too_deep(name: str) -> Diagnostic:
    """The diagnostic N0103 for a text that is nested too deeply to be read."""
    from dslnas.base.diagnostics import Diagnostic

    return Diagnostic("N0103", f"{name} is nested too deeply", help="name parts of it with `let` or `op`")


def summary(diagnostics: list[Diagnostic]) -> str:
    """`well formed`, or how many errors and warnings there are."""
    from dslnas.base.diagnostics import errors

    wrong = len(errors(diagnostics))
    counts = ((wrong, "error"), (len(diagnostics) - wrong, "warning"))
    shown = [f"{count} {what}{'s' * (count > 1)}" for count, what in counts if count]
    prefix = "" if wrong else "well formed"
    return ", ".join(part for part in (prefix, *shown) if part)
