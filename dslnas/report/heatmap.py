"""The heat map of a cell's final weights, operations x edges, as in figure 2 of the ForceDARTS paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .charts import SMALL, TINY, WIDTH
from .render.drawing import shown
from .render.figure import canvas, settings, text_width
from .render.palette import colour
from .render.svg import TIP
from .rundata import EdgeChoice


def heat_map(
    edges: Sequence[EdgeChoice], weights: Mapping[str, Sequence[float]], chosen: Mapping[str, Sequence[str]]
) -> Figure:
    """The final weights, operations x edges; a frame marks the chosen operations of each kept edge."""
    names = list(dict.fromkeys(name for edge in edges for name in edge.candidates))
    with settings():
        left = max((text_width(shown(name), SMALL) for name in names), default=0.0) + 10.0
        cell = min(76.0, max(30.0, (WIDTH - left) / max(len(edges), 1)))
        tall, top = 23.0, 36.0
        width, height = left + cell * len(edges) + 4.0, top + tall * len(names) + 4.0
        figure, axes = canvas(width, height)
        for row, name in enumerate(names):
            y = top + tall * (row + 0.5)
            axes.text(
                left - 8.0, y, shown(name), fontsize=SMALL, ha="right", va="center", color=colour("ink")
            )
        _heads(axes, edges, chosen, left, cell)
        for column, edge in enumerate(edges):
            for name, weight in zip(edge.candidates, weights.get(edge.identifier, ()), strict=False):
                corner = (left + cell * column, top + tall * names.index(name))
                _tile(
                    axes,
                    corner,
                    (cell, tall),
                    weight,
                    f"{shown(edge.source)} → {shown(edge.node)}, {shown(name)}",
                )
                if name in chosen.get(edge.identifier, ()):
                    frame = Rectangle((corner[0] + 1.3, corner[1] + 1.3), cell - 2.6, tall - 2.6, fill=False)
                    frame.set(edgecolor=colour("warm"), linewidth=1.6, zorder=3)
                    axes.add_patch(frame)
        return figure


def _heads(
    axes: Axes, edges: Sequence[EdgeChoice], chosen: Mapping[str, Sequence[str]], left: float, cell: float
) -> None:
    """The names of the sources above the columns, and above them the target nodes of groups of columns."""
    for column, edge in enumerate(edges):
        kept = edge.identifier in chosen
        axes.text(
            left + cell * (column + 0.5),
            28.0,
            _fit(shown(edge.source), cell - 4.0),
            fontsize=SMALL,
            ha="center",
            va="center",
            color=colour("ink" if kept else "muted"),
            fontweight="bold" if kept else "normal",
        )
    for node in dict.fromkeys(edge.node for edge in edges):
        columns = [column for column, edge in enumerate(edges) if edge.node == node]
        first, last = left + cell * columns[0], left + cell * (columns[-1] + 1)
        axes.text(
            (first + last) / 2,
            8.0,
            _fit(f"into {shown(node)}", last - first - 4.0),
            fontsize=SMALL,
            ha="center",
            va="center",
            color=colour("ink"),
        )
        axes.plot([first + 3.0, last - 3.0], [17.0, 17.0], color=colour("line"), linewidth=0.9)


def _fit(text: str, width: float) -> str:
    while len(text) > 1 and text_width(text, SMALL) > width:
        text = text[:-2] + "…" if text.endswith("…") else text[:-1] + "…"
    return text


def _tile(
    axes: Axes, corner: tuple[float, float], size: tuple[float, float], weight: float, tip: str
) -> None:
    shade = min(max(weight, 0.0), 1.0) if math.isfinite(weight) else 0.0
    tile = Rectangle((corner[0] + 0.7, corner[1] + 0.7), size[0] - 1.4, size[1] - 1.4)
    tile.set(
        facecolor=colour("accent"),
        alpha=0.05 + 0.95 * shade,
        edgecolor="none",
        gid=f"{TIP}{tip}: {weight:.4f}",
    )
    axes.add_patch(tile)
    ink = colour("on-accent" if shade > 0.62 else "ink")
    text = f"{weight:.2f}".removeprefix("0") if weight < 0.995 else "1"
    axes.text(
        corner[0] + size[0] / 2,
        corner[1] + size[1] / 2,
        text,
        fontsize=TINY,
        ha="center",
        va="center",
        color=ink,
    )
