"""`dslnas check`: all errors and warnings of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from dslnas.base.diagnostics import Diagnostic

EXAMPLE = "Example: dslnas check ss1 spaces/mine.nas --json"


def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Spaces: .nas files, or names of shipped ones.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Check files: every error and warning, with its place and what to do about it.

    Warnings alone leave the exit code at 0.
    """
    from dslnas.base.diagnostics import errors
    from dslnas.base.rendering import to_json

    from .terminal import print_diagnostics, print_json, print_more, tell

    found = {name: diagnostics_of(name) for name in files}
    if as_json:
        print_json([to_json(diagnostic) for diagnostics in found.values() for diagnostic in diagnostics])
    else:
        for name, diagnostics in found.items():
            print_diagnostics(diagnostics)
            tell(f"{name}: {summary(diagnostics)}")
        print_more(diagnostic for diagnostics in found.values() for diagnostic in diagnostics)
    if any(errors(diagnostics) for diagnostics in found.values()):
        raise typer.Exit(1)


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
