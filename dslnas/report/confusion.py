"""The chart of a confusion matrix, readable from two classes to fifty and beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .charts import WIDTH
from .render.drawing import shown
from .render.figure import canvas, settings, text_width
from .render.palette import colour
from .render.svg import TIP

LARGEST, SMALLEST = 32.0, 10.5  # side of one square in points
READABLE = 14.0  # squares smaller than this carry no numbers


def confusion_matrix(
    classes: Sequence[str], counts: Sequence[Sequence[int]], predicted: Sequence[str] | None = None
) -> Figure:
    """Rows are true classes, columns predicted ones; shades are shares of a row; recall stands last.

    predicted: the classes of the columns (None: those of the rows); names that differ in case alone are the
    same class. counts: `len(classes)` rows of `len(predicted)` counts.
    """
    with settings():
        rows = [shown(name) for name in classes]
        columns = rows if predicted is None else [shown(name) for name in predicted]
        grid = _Grid.of(rows, columns)
        figure, axes = canvas(grid.width, grid.top + grid.height + 4.0)
        _frame(axes, grid)
        places = {name.casefold(): place for place, name in enumerate(columns)}
        for row, line in enumerate(counts):
            total, own = sum(line), places.get(rows[row].casefold())
            for column, count in enumerate(line):
                if count:
                    corner = (grid.left + grid.side * column, grid.top + grid.side * row)
                    tip = f"{rows[row]} taken for {columns[column]}: {count} of {total}"
                    _square(axes, corner, grid.side, count, count / total, column == own, tip)
            text = f"{100 * line[own] / total:.0f} %" if total and own is not None else "–"
            y, x = grid.top + grid.side * (row + 0.5), grid.left + grid.extent + 8.0
            axes.text(x, y, text, fontsize=grid.size, va="center", color=colour("ink"))
        return figure


@dataclass(frozen=True)
class _Grid:
    """Where the squares of a matrix are, in points. size: of its text."""

    rows: Sequence[str]
    columns: Sequence[str]
    side: float
    size: float
    left: float
    top: float
    width: float  # of the whole picture

    @classmethod
    def of(cls, rows: Sequence[str], columns: Sequence[str]) -> Self:
        side = min(LARGEST, max(SMALLEST, (WIDTH - 150.0) / max(len(columns), 1)))
        size = min(8.5, side * 0.66)
        left, top = (
            max((text_width(name, size) for name in names), default=0.0) + 22.0 for names in (rows, columns)
        )
        extent, recall = side * len(columns), text_width("recall", size) + 14.0
        width = max(left + extent + recall, WIDTH)
        left += max(0.0, (width - left - extent - recall) / 2)
        return cls(rows, columns, side, size, left, top, width)

    @property
    def extent(self) -> float:
        return self.side * len(self.columns)

    @property
    def height(self) -> float:
        return self.side * len(self.rows)


def _frame(axes: Axes, grid: _Grid) -> None:
    """The names of the classes, the lines between them, and the border."""
    left, top, side = grid.left, grid.top, grid.side
    right, bottom = left + grid.extent, top + grid.height
    look: dict[str, Any] = {"fontsize": grid.size, "color": colour("ink"), "va": "center"}
    line: dict[str, Any] = {"color": colour("faint"), "linewidth": 0.5, "zorder": 1}
    for index, name in enumerate(grid.rows):
        axes.text(left - 5.0, top + side * (index + 0.5), name, ha="right", **look)
        if index:
            axes.plot([left, right], [top + side * index] * 2, **line)
    for index, name in enumerate(grid.columns):
        x = left + side * (index + 0.5)
        axes.text(x, top - 5.0, name, rotation=90, ha="center", **(look | {"va": "bottom"}))
        if index:
            axes.plot([left + side * index] * 2, [top, bottom], **line)
    edge: dict[str, Any] = {"edgecolor": colour("line"), "linewidth": 0.8, "zorder": 3}
    axes.add_patch(Rectangle((left, top), grid.extent, grid.height, fill=False, **edge))
    faint: dict[str, Any] = {"fontsize": grid.size, "color": colour("muted")}
    axes.text(right + 8.0, top - 5.0, "recall", va="bottom", **faint)
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
