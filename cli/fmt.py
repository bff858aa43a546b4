"""`dslnas fmt`: the formatter of `.nas` files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: dslnas fmt spaces/mine.nas --diff"


def fmt(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files, folders with .nas files, or - for stdin to stdout."),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where a file would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="As --check, and show what would change.")] = False,
) -> None:
    """Write files in canonical text: spaces, indentation, columns. Comments and line breaks stay.

    A file with a syntax error is left as it is.
    """
    from .terminal import out

    changed, wrong = 0, 0
    for name in _named(files):
        try:
            changes = _format(name, write=not (check or diff), show=diff)
        except typer.Exit:
            wrong += 1
            continue
        changed += changes
        if changes and name != "-":
            out().print(f"{'would change' if check or diff else 'changed'}: {name}", soft_wrap=True)
    if wrong or (changed and (check or diff)):
        raise typer.Exit(1)


def _named(files: list[str]) -> list[str]:
    """The files, with folders replaced by their `.nas` files."""
    found: list[str] = []
    for name in files:
        path = Path(name)
        found += sorted(map(str, path.rglob("*.nas"))) if path.is_dir() else [name]
    return list(dict.fromkeys(found))


def _format(name: str, write: bool, show: bool) -> bool:
    """Format a file, and return whether it changes; prints errors and raises typer.Exit."""
    from dslnas.base.diagnostics import DslnasError
    from dslnas.base.files import write_atomically
    from dslnas.base.source import Source
    from dslnas.parse.format import formatted
    from dslnas.resolve.library import read_source

    from .terminal import print_diagnostics, show_diff

    path = Path(name)
    try:
        source = Source("stdin", sys.stdin.read()) if name == "-" else read_source(path)
        text = formatted(source)
        before = source.text.encode() if name == "-" else path.read_bytes()
        changes = text.encode() != before
        if show and changes:
            show_diff(source.text, text, name, f"{name} in canonical text")
        elif name == "-" and write:
            print(text, end="")
        elif write and changes:
            write_atomically(path.resolve(), text.encode())
    except DslnasError as error:
        print_diagnostics(error.diagnostics)
        raise typer.Exit(1) from None
    return changes
