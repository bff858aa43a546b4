"""The confusion matrix, readable from two classes to fifty and beyond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .charts import WIDTH
from .drawing import shown
from .figure import canvas, settings, text_width
from .palette import colour
from .svg import TIP

LARGEST, SMALLEST = 32.0, 10.5  # side of one square in points
READABLE = 14.0  # squares smaller than this carry no numbers


def confusion_matrix(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Figure:
    """Rows are true classes, columns predicted ones; shades are shares of a row; the recall stands last.

    counts: `len(classes)` rows of as many counts.
    """
    with settings():
        names = [shown(name) for name in classes]
        side = min(LARGEST, max(SMALLEST, (WIDTH - 150.0) / max(len(names), 1)))
        size = min(8.5, side * 0.66)
        label = max((text_width(name, size) for name in names), default=0.0) + 8.0
        recall = text_width("recall", size) + 14.0
        left, top = label + 14.0, label + 14.0
        extent = side * len(names)
        width = max(left + extent + recall, WIDTH)
        left += max(0.0, (width - left - extent - recall) / 2)
        figure, axes = canvas(width, top + extent + 4.0)
        _frame(axes, names, left, top, side, size)
        for row, line in enumerate(counts):
            total = sum(line)
            for column, count in enumerate(line):
                if count:
                    corner = (left + side * column, top + side * row)
                    tip = f"{names[row]} taken for {names[column]}: {count} of {total}"
                    _square(axes, corner, side, count, count / total, row == column, tip)
            text = f"{100 * line[row] / total:.0f} %" if total else "–"
            y = top + side * (row + 0.5)
            axes.text(left + extent + 8.0, y, text, fontsize=size, va="center", color=colour("ink"))
        return figure


def _frame(axes: Axes, names: Sequence[str], left: float, top: float, side: float, size: float) -> None:
    extent = side * len(names)
    look: dict[str, Any] = {"fontsize": size, "color": colour("ink"), "va": "center"}
    for index, name in enumerate(names):
        middle = side * (index + 0.5)
        axes.text(left - 5.0, top + middle, name, ha="right", **look)
        axes.text(left + middle, top - 5.0, name, rotation=90, ha="center", **(look | {"va": "bottom"}))
        if index:
            for x, y in (
                ([left, left + extent], [top + side * index] * 2),
                ([left + side * index] * 2, [top, top + extent]),
            ):
                axes.plot(x, y, color=colour("faint"), linewidth=0.5, zorder=1)
    border = Rectangle(
        (left, top), extent, extent, fill=False, edgecolor=colour("line"), linewidth=0.8, zorder=3
    )
    axes.add_patch(border)
    faint: dict[str, Any] = {"fontsize": size, "color": colour("muted")}
    axes.text(left + extent + 8.0, top - 5.0, "recall", va="bottom", **faint)
    axes.text(left - 5.0, top - 5.0, "true ↓  predicted →", ha="right", va="bottom", **faint)


def _square(
    axes: Axes, corner: tuple[float, float], side: float, count: int, share: float, right: bool, tip: str
) -> None:
    square = Rectangle((corner[0] + 0.5, corner[1] + 0.5), side - 1.0, side - 1.0, edgecolor="none", zorder=2)
    # Mistakes are few: a square root keeps a single one visible.
    alpha = share if right else max(0.16, share**0.5)
    square.set(facecolor=colour("accent" if right else "warm"), alpha=0.08 + 0.92 * alpha, gid=f"{TIP}{tip}")
    axes.add_patch(square)
    if side >= READABLE:
        ink = colour("on-accent" if alpha > 0.5 else "ink")
        size = min(8.0, side * 0.5, 1.35 * side / max(len(str(count)), 1))
        axes.text(
            corner[0] + side / 2,
            corner[1] + side / 2,
            str(count),
            fontsize=size,
            ha="center",
            va="center",
            color=ink,
            zorder=4,
        )
