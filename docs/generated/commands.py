"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from dslnas.cli.app import app

from .tables import code, table


def every_command() -> Iterator[tuple[str, Any]]:
    """Each command with its whole name; those of a group after one another."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {sub}", one) for sub, one in inner.items())


def commands() -> str:
    """The options of all commands, and a section for each: what it does, its arguments, an example."""
    rows = [_row(one) for one in typer.main.get_command(app).params if not one.hidden and one.help]
    shared = f"Before the name of a command stand:\n\n{table(('option', 'what it says'), rows)}\n\n"
    return shared + "\n\n".join(_section(name, command) for name, command in every_command())


def _section(name: str, command: Any) -> str:
    prose = re.sub(r"\s*\n\s*\n\s*", "\n\n", command.help.strip())
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    example = command.epilog.removeprefix("Example: ")
    return (
        f"## dslnas {name}\n\n{prose}\n\n{table(('argument or option', 'what it says'), rows)}"
        f"\n\nExample: `{example}`"
    )


def _row(parameter: Any) -> tuple[str, str]:
    if parameter.param_type_name == "argument":
        return code(parameter.metavar), parameter.help or ""
    names = ", ".join(parameter.opts)
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return code(names + value), parameter.help or ""
