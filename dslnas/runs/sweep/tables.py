"""The tables of a sweep: rows of data, domain, space and method, columns of the searches A, B, ...

Like tables 3 and 4 of the ForceDARTS paper, as Markdown, as LaTeX (with `booktabs`), and as CSV with one line
for each architecture, in full precision.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .results import Architecture, Row

NOTHING = "–"
EMPTY = (NOTHING, "0")  # cells that say nothing
BEST = 2  # how many of each data set are set in bold


@dataclass(frozen=True)
class Table:
    """A table as text. heads: of the columns, `(figure, searches)`; rows: labels, then one cell per column.

    strong: the (row, column) of the cells in bold.
    """

    labels: tuple[str, ...]
    heads: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    strong: frozenset[tuple[int, int]]


def _accuracy(one: Architecture) -> str:
    if one.accuracy is None:
        return NOTHING
    shown = f"{100 * one.accuracy:.2f}"
    if one.deviation is not None:
        shown += f" ± {100 * one.deviation:.2f}"
    done = len(one.accuracies)
    return shown if done == one.planned else f"{shown} ({done} of {one.planned})"


def _scaled(value: float | None, factor: float, digits: int) -> str:
    return NOTHING if value is None else f"{value * factor:.{digits}f}"


def _interval(one: Architecture) -> str:
    return NOTHING if one.interval is None else "{:.1f} to {:.1f}".format(*(100 * at for at in one.interval))


# The figures of a table, each with its format.
FIGURES: tuple[tuple[str, Callable[[Architecture], str]], ...] = (
    ("accuracy (%)", _accuracy),
    ("95 % interval", _interval),
    ("live (M)", lambda one: _scaled(one.live, 1e-6, 3)),
    ("with dead edges (M)", lambda one: _scaled(one.with_dead_edges, 1e-6, 3)),
    ("gap", lambda one: _scaled(one.gap, 1, 3)),
    ("polynomials (%)", lambda one: _scaled(one.polynomials, 100, 0)),
    ("search (min)", lambda one: _scaled(one.search_seconds, 1 / 60, 1)),
    ("training (min)", lambda one: _scaled(one.train_seconds, 1 / 60, 1)),
)
LABELS = ("data", "domain", "space", "method")


def table_of(found: Sequence[Architecture]) -> Table:
    """The table of architectures, without columns of figures that are missing or zero in every row."""
    letters = tuple(dict.fromkeys(one.letter for one in found if one.letter)) or ("",)
    rows = list(dict.fromkeys(one.row for one in found))
    # A baseline stands under the first letter, as in the ForceDARTS paper.
    by_place = {(one.row, one.letter or letters[0]): one for one in found}
    cells = {
        (row, letter, name): show(by_place[row, letter]) if (row, letter) in by_place else NOTHING
        for row in rows
        for letter in letters
        for name, show in FIGURES
    }
    filled = [
        name
        for name, _ in FIGURES
        if any(cells[row, letter, name] not in EMPTY for row in rows for letter in letters)
    ]
    best = _best(found, letters[0])
    strong = {
        (rows.index(row), letters.index(letter))
        for row, letter in best
        if filled and filled[0] == FIGURES[0][0]
    }
    return Table(
        LABELS,
        tuple((name, letters) for name in filled),
        tuple(
            (
                (*row[:3], row[3] or NOTHING),
                tuple(cells[row, letter, name] for name in filled for letter in letters),
            )
            for row in rows
        ),
        frozenset(strong),
    )


def _best(found: Iterable[Architecture], first: str) -> list[tuple[Row, str]]:
    """The row and the letter of the best accuracies on each data set."""
    done = [one for one in found if one.accuracy is not None]
    best: list[tuple[Row, str]] = []
    for data in dict.fromkeys(one.data for one in done):
        ranked = sorted((one for one in done if one.data == data), key=lambda one: -(one.accuracy or 0.0))
        if len(ranked) > BEST:
            best += [(one.row, one.letter or first) for one in ranked[:BEST]]
    return best


def markdown(table: Table, caption: str) -> str:
    """The table as Markdown, the caption below it."""
    heads = [
        *table.labels,
        *(f"{name} {letter}".strip() for name, letters in table.heads for letter in letters),
    ]
    lines = [heads, ["---"] * len(table.labels) + ["---:"] * (len(heads) - len(table.labels))]
    for number, (labels, cells) in enumerate(table.rows):
        shown = (f"**{cell}**" if (number, at) in table.strong else cell for at, cell in enumerate(cells))
        lines.append([*labels, *shown])
    text = "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)
    return f"{text}\n\n{caption}\n"


def latex(table: Table, caption: str) -> str:
    """The table as LaTeX; it needs the package `booktabs`."""
    columns = sum(len(letters) for _, letters in table.heads)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\begin{{tabular}}{{{'l' * len(table.labels)}{'r' * columns}}}",
        r"\toprule",
        _line([*map(_tex, table.labels), *(_head(name, letters) for name, letters in table.heads)]),
    ]
    if any(letter for _, letters in table.heads for letter in letters):
        lines.append(_line([""] * len(table.labels) + [x for _, letters in table.heads for x in letters]))
    lines.append(r"\midrule")
    for number, (labels, cells) in enumerate(table.rows):
        shown = (
            rf"\textbf{{{_tex(cell)}}}" if (number, at) in table.strong else _tex(cell)
            for at, cell in enumerate(cells)
        )
        lines.append(_line([*map(_tex, labels), *shown]))
    lines += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{_tex(caption)}}}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def _head(name: str, letters: Sequence[str]) -> str:
    return rf"\multicolumn{{{len(letters)}}}{{c}}{{{_tex(name)}}}"


def _line(cells: Iterable[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


_ESCAPES = {"\\": r"\textbackslash{}", "±": r"$\pm$", "–": "--", "~": r"\textasciitilde{}"}
_ESCAPES |= {character: f"\\{character}" for character in "&%$#_{}"} | {"^": r"\textasciicircum{}"}


def _tex(text: str) -> str:
    """A text with the special characters of TeX escaped."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def as_csv(found: Iterable[Architecture]) -> str:
    """The architectures as CSV in full precision: seconds, shares from 0 to 1, empty where unknown."""
    records = [record(one) for one in found]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: " ".join(map(str, value)) if isinstance(value, list) else value for key, value in one.items()}
        for one in records
    )
    return buffer.getvalue()


def record(one: Architecture) -> dict[str, Any]:
    """The figures of an architecture by name, for CSV and JSON."""
    return {
        "data": one.data,
        "domain": one.domain,
        "space": one.space,
        "method": one.method,
        "search": one.letter,
        "retrainings": len(one.accuracies),
        "retrainings_planned": one.planned,
        "accuracy_mean": one.accuracy,
        "accuracy_sd": one.deviation,
        "accuracies": list(one.accuracies),
        "macro_f1": list(one.macro_f1),
        "parameters_live": one.live,
        "parameters_with_dead_edges": one.with_dead_edges,
        "gap": one.gap,
        "polynomials": one.polynomials,
        "search_seconds": one.search_seconds,
        "train_seconds": one.train_seconds,
        "accuracy_interval": None if one.interval is None else list(one.interval),
        "test_clips": one.clips,
    }
