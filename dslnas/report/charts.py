"""Charts of the report: architecture weights over a search, and learning curves.

Each function returns a matplotlib figure about `WIDTH` points wide. An operation has the same style, that of
`palette.styles`, in all charts of a page.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .render.drawing import shown
from .render.figure import canvas, open_frame, settings, text_width
from .render.palette import DASHES, FAMILIES, Style, colour
from .render.svg import TIP
from .rundata import EdgeChoice, NodeChoice, Record

WIDTH = 760.0
SMALL, TINY = 8.5, 7.2  # sizes of text
MOST_POINTS = 160  # of one line: more would not be seen, and would make the page heavy


@dataclass(frozen=True)
class Line:
    """One line of a panel: its name, its points, its style; `strong` lines are drawn heavier."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    style: Style
    strong: bool = True


def edge_evolution(
    edges: Sequence[EdgeChoice],
    records: Sequence[Record],
    styles: Mapping[str, Style],
    chosen: Mapping[str, Sequence[str]],
) -> Figure:
    """The weights of every edge's candidates over the epochs: a row per node, a column per source.

    edges: those of one cell. chosen: identifier of each kept edge -> its operations, drawn heavier.
    """
    nodes = list(dict.fromkeys(edge.node for edge in edges))
    sources = list(dict.fromkeys(edge.source for edge in edges))
    names = list(dict.fromkeys(name for edge in edges for name in edge.candidates))
    with settings():
        page = _Page(names, styles, columns=max(len(sources), 3), rows=len(nodes), height=84.0)
        top = _ceiling(
            weight for record in records for edge in edges for weight in record.alpha.get(edge.identifier, ())
        )
        last = {
            source: max(nodes.index(edge.node) for edge in edges if edge.source == source)
            for source in sources
        }
        for edge in edges:
            row, column = nodes.index(edge.node), sources.index(edge.source)
            kept = edge.identifier in chosen
            axes = page.panel(row, column, f"{shown(edge.source)} → {shown(edge.node)}", bold=kept)
            series = [(r.at, r.alpha[edge.identifier]) for r in records if edge.identifier in r.alpha]
            strong = set(chosen[edge.identifier]) if kept else set()
            lines = _lines(edge.candidates, series, styles, strong)
            _draw(axes, lines, faded=not kept)
            axes.set_ylim(0.0, top)
            _ticks(axes, left=column == 0, bottom=row == last[edge.source])
            if kept:
                _corner(axes, shown(" + ".join(chosen[edge.identifier])))
        return page.figure


def node_evolution(
    nodes: Sequence[NodeChoice], records: Sequence[Record], kept: Mapping[str, Collection[str]]
) -> Figure:
    """The weights of every node's incoming edges over the epochs, as in figure 4 of the ForceDARTS paper.

    nodes: those of one cell. kept: identifier of each node -> the sources of its kept edges, drawn heavier.
    """
    sources = list(dict.fromkeys(source for node in nodes for source in node.sources))
    styles = numbered_styles(sources)
    with settings():
        columns = max(min(len(nodes), 4), 3)
        page = _Page(
            sources, styles, columns, rows=math.ceil(len(nodes) / columns), height=112.0, lead="edge from"
        )
        top = _ceiling(
            weight for record in records for node in nodes for weight in record.gamma.get(node.identifier, ())
        )
        for place, node in enumerate(nodes):
            row, column = divmod(place, columns)
            of = "pairs" if node.pairs else f"of {len(node.sources)}"
            axes = page.panel(row, column, f"into {shown(node.node)}, keeps {node.keep} {of}")
            series = [(r.at, r.gamma[node.identifier]) for r in records if node.identifier in r.gamma]
            lines = _lines(node.sources, series, styles, kept.get(node.identifier, ()))
            _draw(axes, lines, faded=False)
            axes.set_ylim(0.0, top)
            _ticks(axes, left=column == 0, bottom=place + columns >= len(nodes))
        return page.figure


def _lines(
    names: Sequence[str],
    series: Sequence[tuple[float, Sequence[float]]],
    styles: Mapping[str, Style],
    strong: Collection[str],
) -> list[Line]:
    """A line for each name from rows of weights, each row at its epoch."""
    at = [epoch for epoch, _ in series]
    return [
        Line(name, at, [weights[index] for _, weights in series], styles[name], name in strong)
        for index, name in enumerate(names)
    ]


def learning_curves(panels: Sequence[tuple[str, Sequence[Line], bool]]) -> Figure:
    """Panels side by side, each `(title, lines, whether the axis is a share from 0 to 1)`."""
    names = list(dict.fromkeys(line.name for _, lines, _ in panels for line in lines))
    styles = {line.name: line.style for _, lines, _ in panels for line in lines}
    with settings():
        columns = max(len(panels), 3)
        page = _Page(names, styles, columns, rows=1, height=132.0, across=42.0)
        for column, (title, lines, share) in enumerate(panels):
            axes = page.panel(0, column, title)
            _draw(axes, lines, faded=False)
            values = [y for line in lines for y in line.y if math.isfinite(y)]
            if values and share:
                low = min(values)
                axes.set_ylim(max(0.0, math.floor(low * 10) / 10 - 0.02), max(1.0, *values) + 0.01)
            elif values:
                axes.set_ylim(min(0.0, *values), max(values) * 1.06 or 1.0)
            _ticks(axes, left=True, bottom=True)
        return page.figure


def numbered_styles(names: Sequence[str]) -> dict[str, Style]:
    """A style for each name, where names have no families: the colours in turn."""
    return {
        name: Style(FAMILIES[index % len(FAMILIES)][0], DASHES[index // len(FAMILIES) % len(DASHES)])
        for index, name in enumerate(names)
    }


class _Page:
    """A figure with a legend on top and a grid of panels below."""

    LEFT, BOTTOM, DOWN, TITLE = 30.0, 16.0, 13.0, 15.0

    def __init__(
        self,
        names: Sequence[str],
        styles: Mapping[str, Style],
        columns: int,
        rows: int,
        height: float,
        lead: str = "",
        across: float = 16.0,
    ) -> None:
        self.across = across
        self.width = max(WIDTH, self.LEFT + columns * (86.0 + across))
        entries, legend = _legend(names, self.width, lead)
        self.height = legend + rows * (height + self.TITLE + self.DOWN) + self.BOTTOM
        self.legend, self.row = legend, height + self.TITLE + self.DOWN
        self.panel_width = (self.width - self.LEFT) / columns - self.across
        self.panel_height = height
        self.figure, axes = canvas(self.width, self.height)
        if lead:
            axes.text(0.0, 8.0, lead, fontsize=SMALL, color=colour("muted"), va="center")
        for x, y, name in entries:
            look = _look(styles[name])
            axes.plot([x, x + 20.0], [y, y], linewidth=1.8, **look)
            axes.text(x + 25.0, y, shown(name), fontsize=SMALL, color=colour("ink"), va="center")

    def panel(self, row: int, column: int, title: str, bold: bool = False) -> Axes:
        x = self.LEFT + column * (self.panel_width + self.across)
        y = self.legend + row * self.row + self.TITLE
        bottom = self.height - y - self.panel_height
        axes = self.figure.add_axes(
            (
                x / self.width,
                bottom / self.height,
                self.panel_width / self.width,
                self.panel_height / self.height,
            )
        )
        axes.set_title(
            title,
            fontsize=SMALL,
            loc="left",
            pad=4.0,
            color=colour("ink" if bold else "muted"),
            fontweight="bold" if bold else "normal",
        )
        axes.patch.set_visible(False)
        open_frame(axes)
        for side in ("left", "bottom"):
            axes.spines[side].set_linewidth(0.7)
        return axes


def _legend(names: Sequence[str], width: float, lead: str) -> tuple[list[tuple[float, float, str]], float]:
    """Where each entry of the legend starts, in lines as long as the page is wide, and its height."""
    start = text_width(lead, SMALL) + 14.0 if lead else 0.0
    x, y, entries = start, 8.0, []
    for name in names:
        room = 25.0 + text_width(shown(name), SMALL) + 16.0
        if x > start and x + room > width:
            x, y = start, y + 15.0
        entries.append((x, y, name))
        x += room
    return entries, (y + 14.0 if names else 0.0)


def _look(style: Style) -> dict[str, Any]:
    return {"color": style.colour, "linestyle": (0, style.dash) if style.dash else "solid"}


def _draw(axes: Axes, lines: Sequence[Line], faded: bool) -> None:
    longest = 0
    for line in sorted(lines, key=lambda line: line.strong):
        step = max(1, math.ceil(len(line.x) / MOST_POINTS))
        # Counted from the end, so that the last point, which decides, is always there.
        x, y = list(line.x)[::-1][::step][::-1], list(line.y)[::-1][::step][::-1]
        longest = max(longest, len(x))
        tip = f"{TIP}{shown(line.name)}: {line.y[-1]:.4g} at the end" if line.y else None
        axes.plot(
            x,
            y,
            linewidth=1.9 if line.strong else 0.95,
            alpha=0.75 if faded else 1.0,
            marker="o" if len(x) == 1 else None,
            markersize=3.0,
            gid=tip,
            solid_joinstyle="round",
            **_look(line.style),
        )
    if not longest:
        axes.text(
            0.5,
            0.5,
            "nothing recorded",
            transform=axes.transAxes,
            ha="center",
            fontsize=TINY,
            color=colour("muted"),
        )
    axes.margins(x=0.02)


def _ticks(axes: Axes, left: bool, bottom: bool) -> None:
    axes.tick_params(labelsize=TINY, colors=colour("muted"), length=2.0, width=0.6, pad=2.0)
    axes.tick_params(labelleft=left, labelbottom=bottom)
    axes.locator_params(axis="y", nbins=4)
    axes.locator_params(axis="x", nbins=5, integer=True)
    if bottom:
        axes.set_xlabel("epoch", fontsize=TINY, color=colour("muted"), labelpad=1.5)


def _corner(axes: Axes, text: str) -> None:
    axes.text(
        1.0, 1.03, text, transform=axes.transAxes, fontsize=TINY, ha="right", va="bottom", color=colour("ink")
    )


def _ceiling(weights: Iterable[float]) -> float:
    """The least round number above all weights, as a common upper limit of panels to be compared."""
    most = max((weight for weight in weights if math.isfinite(weight)), default=1.0)
    return next((step for step in (0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8) if most * 1.04 <= step), 1.02)
