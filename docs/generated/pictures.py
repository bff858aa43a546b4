"""The pictures of the site, drawn by dslnas itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dslnas.cli.render import drawing_of_kind

from dslnas.experiment import load
from dslnas.render import CellDrawing, render

# Two rows of what flows between the phases, before PyTorch and with it; and the phase on each arrow.
_ROWS = (
    (
        "text",
        "parse",
        "syntax tree",
        "resolve",
        "definitions",
        "typecheck",
        "typed space",
        "build, passes",
        "graph",
    ),
    ("supernet", "search, prune", "genotype", "lower", "pruned network", "train, test", "report"),
)
_WIDTH, _GAP, _HEIGHT, _ROW = 112, 92, 34, 110  # of a box, of an arrow, of a box, from row to row


@cache
def of_space(path: Path) -> str | None:
    """The cells of a space before the search; None for a space without cells."""
    program = load(path, preset="paper").supernet
    kinds = [drawing_of_kind(kind, program) for kind in program.kinds.values()]
    return _svg(kinds, program.space) if kinds else None


def compiler() -> str:
    """The road from a text to a trained network: a row of phases before `lower`, a row after it."""
    parts = [part for row, words in enumerate(_ROWS) for part in _row(row, words)]
    last, top = (len(_ROWS[0]) - 1) // 2 * (_WIDTH + _GAP) + _WIDTH // 2 + 10, 10 + _HEIGHT
    middle, first = top + (_ROW - _HEIGHT) // 2, 10 + _WIDTH // 2
    parts.append(_arrow(f"M{last} {top} V{middle} H{first} V{10 + _ROW - 2}"))
    parts.append(_text((last + first) // 2, middle - 7, "lower", "phase"))
    width, height = last + _WIDTH // 2 + 10, _ROW + _HEIGHT + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        "<style>text{font:14px sans-serif;text-anchor:middle;fill:#1f2328}"
        ".phase{font-style:italic;fill:#57606a}rect{fill:#fdebd0;stroke:#b9770e}path{fill:none;stroke:#57606a}</style>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 L8 4 L0 8" /></marker></defs>' + "".join(parts) + "</svg>\n"
    )


def _row(row: int, words: Sequence[str]) -> Iterator[str]:
    """Boxes and the arrows between them: the words at even places are boxes, the others stand on arrows."""
    top = 10 + row * _ROW
    for place, word in enumerate(words):
        left = 10 + place // 2 * (_WIDTH + _GAP)
        if place % 2 == 0:
            yield f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" />'
            yield _text(left + _WIDTH // 2, top + _HEIGHT // 2 + 5, word, "thing")
        else:
            start, level = left + _WIDTH, top + _HEIGHT // 2
            yield _arrow(f"M{start} {level} H{start + _GAP - 2}")
            yield _text(start + _GAP // 2, level - 7, word, "phase")


def _arrow(path: str) -> str:
    return f'<path d="{path}" marker-end="url(#tip)" />'


def _text(x: int, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{text}</text>'


def _svg(drawings: list[CellDrawing], title: str) -> str:
    with TemporaryDirectory() as folder:
        path = render(drawings, Path(folder) / "picture.svg", title)
        return path.read_text(encoding="utf-8")
