"""Pictures of cells and figures as files: SVG, PNG, PDF, Graphviz and Mermaid.

matplotlib and networkx are imported only when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...base.diagnostics import fail
from ...base.files import write_atomically
from .drawing import CellDrawing, drawing_of, drawing_of_kind, drawings_beside, drawings_of
from .text import dot_text, mermaid_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = ("svg", "png", "pdf")
FORMATS = (*PICTURES, "dot", "mmd")


def render(drawings: Sequence[CellDrawing], path: Path, title: str = "", per_row: int | None = None) -> Path:
    """Write cells to a file in the format of the suffix of `path`; returns `path`.

    per_row: how many cells stand side by side; None: as many as find room.
    Raises DslnasError: N0603 for a suffix that is not known, no cells, or a place that cannot be written;
    N0501 where a drawing is no acyclic graph over its own names.
    """
    suffix = _suffix(path, FORMATS)
    _some(drawings)
    write_atomically(path, _bytes(drawings, suffix, title, per_row), "N0603")
    return path


def write_figure(draw: Callable[[], Figure], path: Path) -> Path:
    """Write a figure to a file, svg, png or pdf by the suffix of `path`; returns `path`.

    Raises DslnasError N0603 for another suffix, before it is drawn, and for a place that cannot be written.
    """
    suffix = _suffix(path, PICTURES)
    write_atomically(path, _picture(draw(), suffix), "N0603")
    return path


def _suffix(path: Path, known: Sequence[str]) -> str:
    """The format that the suffix of a path names; raises DslnasError N0603 where it names none."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in known:
        return suffix
    what = f"the suffix `.{suffix}` names no format" if suffix else "the name has no suffix to say the format"
    raise fail("N0603", f"{path}: {what}", help=f"use one of {', '.join('.' + name for name in known)}")


def svg_document(drawings: Sequence[CellDrawing], title: str = "") -> str:
    """The cells as a complete SVG document, with a background. Raises DslnasError as `render` does."""
    _some(drawings)
    return _bytes(drawings, "svg", title, None).decode()


def svg_text(drawings: Sequence[CellDrawing], title: str = "", prefix: str = "cells-") -> str:
    """The cells as an SVG element for use in a page; its ids begin with `prefix`."""
    from .figure import cells_figure, saved
    from .svg import inline

    _some(drawings)
    names = ", ".join(drawing.name for drawing in drawings)
    picture = saved(cells_figure(drawings, title), "svg", "none").decode()
    return inline(picture, prefix, title or f"cells: {names}")


def _bytes(drawings: Sequence[CellDrawing], suffix: str, title: str, per_row: int | None) -> bytes:
    if suffix == "dot":
        return dot_text(drawings, title).encode("utf-8", "backslashreplace")
    if suffix == "mmd":
        return mermaid_text(drawings, title).encode("utf-8", "backslashreplace")
    from .figure import cells_figure

    return _picture(cells_figure(drawings, title, per_row), suffix)


def _picture(figure: Figure, suffix: str) -> bytes:
    from .figure import saved
    from .svg import tidy

    picture = saved(figure, suffix)
    return tidy(picture.decode()).encode("utf-8", "backslashreplace") if suffix == "svg" else picture


def _some(drawings: Sequence[CellDrawing]) -> None:
    if not drawings:
        raise fail("N0603", "there is no cell to draw", help="name a genotype or a space")


__all__ = [
    "FORMATS",
    "CellDrawing",
    "drawing_of",
    "drawing_of_kind",
    "drawings_beside",
    "drawings_of",
    "render",
    "svg_document",
    "svg_text",
    "write_figure",
]
