"""Output of the commands: text, tables and JSON on stdout; diagnostics and remarks on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslnas.base.diagnostics import Diagnostic
from dslnas.base.rendering import render_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

UNBOUNDED = 500  # columns of what is no terminal: no cell of a table is folded there
DIAGNOSTICS_SHOWN = 100  # of one command; `--json` has them all


def out() -> Console:
    """The console of results, stdout. Markup is off, since users' texts are full of brackets."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNBOUNDED
    return console


def err() -> Console:
    """The console of coloured diagnostics and of progress, stderr."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def any_text(*streams: Any) -> None:
    """Let streams take any text: characters that their encoding lacks are escaped, and end no command."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def tell(text: str) -> None:
    """Print a line of a result; characters that the terminal's encoding lacks are escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def print_json(data: Any) -> None:
    """Print a JSON document, safe for any terminal's encoding.

    The number of genotypes of a space may have more digits than Python writes by default.
    """
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        print(json.dumps(data, indent=2))
    finally:
        sys.set_int_max_str_digits(limit)


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics as `render_text`, in colour on a terminal; at most `DIAGNOSTICS_SHOWN`."""
    found = list(diagnostics)
    for diagnostic in found[:DIAGNOSTICS_SHOWN]:
        if sys.stderr.isatty() or os.environ.get("FORCE_COLOR"):
            err().print(_coloured(diagnostic), soft_wrap=True)
        else:
            say(f"{render_text(diagnostic)}\n")
    if len(found) > DIAGNOSTICS_SHOWN:
        say(f"and {len(found) - DIAGNOSTICS_SHOWN:,} more")


def print_more(diagnostics: Iterable[Diagnostic]) -> None:
    """Print which command explains the codes of diagnostics; nothing where there are none."""
    if codes := sorted({diagnostic.code for diagnostic in diagnostics}):
        say(f"for more: dslnas explain {' '.join(codes)}")


def _coloured(diagnostic: Diagnostic) -> Text:
    from rich.text import Text

    severity = "bold red" if diagnostic.severity == "error" else "bold yellow"
    text = Text()
    for number, line in enumerate(render_text(diagnostic).splitlines()):
        gutter, bar, rest = line.partition(" |")
        marks = bar and not gutter.strip() and rest.strip()[:1] in ("^", "-")
        if number == 0:
            head, colon, message = line.partition("]: ")
            text.append(head + colon, severity).append(message, "bold")
        elif marks:
            text.append(gutter + bar, "blue").append(rest, severity if "^" in rest else "cyan")
        elif line.startswith("   = help:"):
            text.append(line, "green")
        else:
            text.append(line)
        text.append("\n")
    return text


def say(text: str) -> None:
    """Print a remark to the user, which is no result, on stderr."""
    print(text, file=sys.stderr)


def deliver(text: str, out: Path | None) -> None:
    """Write a result to a file, whole or not at all; to stdout where none is named."""
    from dslnas.base.files import write_atomically

    if out is None:
        print(text, end="")
    else:
        write_atomically(out, text.encode("utf-8", "backslashreplace"))


def show_diff(before: str, after: str, name: str, changed: str) -> None:
    """Print the lines in which two texts differ, in colours where stdout is a terminal."""
    from difflib import unified_diff

    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in unified_diff(before.splitlines(), after.splitlines(), name, changed, lineterm=""):
        out().print(Text(line, styles.get(line[:1], "")), soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of plain texts; columns whose name ends with `#` are numbers, aligned to the right."""
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=Text(title, "bold"), title_justify="left", box=None, pad_edge=False, padding=(0, 3, 0, 0)
    )
    for column in columns:
        number = column.endswith("#")
        made.add_column(
            Text(column.removesuffix("#"), "dim"), justify="right" if number else "left", overflow="fold"
        )
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def tail_of(text: str, room: int) -> str:
    """The text, or as much of its end as there is room for: `…/low/a.wav` tells more than a beginning."""
    return text if len(text) <= room else "…" + text[len(text) - max(room, 2) + 1 :]


def duration(seconds: float) -> str:
    """Seconds as `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
