"""Charts of a sweep: accuracies as bars, and accuracy against the share of polynomials.

Like figures 8, 9 and 11 of the ForceDARTS paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .render.figure import canvas, open_frame, settings, text_width
from .render.palette import FAMILIES, colour

SMALL, TINY = 9.0, 7.6
HEIGHT, LEFT, TOP, GAP = 190.0, 44.0, 36.0, 30.0
LABEL_ANGLE = 30.0


@dataclass(frozen=True)
class Bar:
    """A bar: its panel, its group, its series, its height and the error (0 to 1).

    clips: the clips of the test that it is of; None where they are not known.
    """

    panel: str
    group: str
    series: str
    value: float
    error: float | None
    clips: int | None = None


@dataclass(frozen=True)
class Point:
    """An architecture: its panel, its series, its share of polynomials, its accuracy (0 to 1)."""

    panel: str
    series: str
    share: float
    accuracy: float


def accuracy_bars(bars: Sequence[Bar]) -> Figure:
    """Mean accuracies in percent with deviations: one panel for each data set, one bar for each search.

    All axes go from 0 to 100, so that bars are as long as what they say; a title has the clips of the test.
    """
    panels = list(dict.fromkeys(bar.panel for bar in bars))
    series = list(dict.fromkeys(bar.series for bar in bars))
    groups = {panel: list(dict.fromkeys(b.group for b in bars if b.panel == panel)) for panel in panels}
    titles = [
        text_width(_with_clips(panel, [b for b in bars if b.panel == panel]), SMALL) for panel in panels
    ]
    widths = [
        max(120.0, title + 4.0, 26.0 * len(groups[panel]) * max(1, len(series)) / 1.6)
        for panel, title in zip(panels, titles, strict=True)
    ]
    longest = max(text_width(group, TINY) for names in groups.values() for group in names)
    bottom = 16.0 + longest * math.sin(math.radians(LABEL_ANGLE))
    left = max(LEFT, longest * math.cos(math.radians(LABEL_ANGLE)) - 20.0)  # where the first label begins
    with settings():
        figure, page = canvas(sum(widths) + left * len(panels) + GAP / 2, TOP + HEIGHT + bottom)
        _legend(page, [name for name in series if name])
        for place, panel in enumerate(panels):
            x = sum(widths[:place]) + left * (place + 1)
            own = [bar for bar in bars if bar.panel == panel]
            axes = _panel(figure, (x, bottom, widths[place], HEIGHT), _with_clips(panel, own))
            _draw_bars(axes, own, groups[panel], series)
            axes.set_ylabel("accuracy (%)", fontsize=TINY, color=colour("muted"))
        return figure


def _draw_bars(axes: Axes, bars: Sequence[Bar], groups: Sequence[str], series: Sequence[str]) -> None:
    wide = 0.8 / len(series)
    for bar in bars:
        at = series.index(bar.series)
        x = groups.index(bar.group) + (at - (len(series) - 1) / 2) * wide
        error = None if bar.error is None else 100 * bar.error
        axes.bar(
            x,
            100 * bar.value,
            0.92 * wide,
            yerr=error,
            color=FAMILIES[at % len(FAMILIES)][0],
            error_kw={"ecolor": colour("ink"), "elinewidth": 0.9, "capsize": 2.0},
        )
    axes.set_ylim(0.0, 100.0)
    axes.set_xticks(range(len(groups)), groups, rotation=LABEL_ANGLE, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(groups) - 0.4)


def _with_clips(panel: str, bars: Sequence[Bar]) -> str:
    """The name of a panel with the clips of its test, `fsdd: 200 test clips`."""
    counts = sorted({bar.clips for bar in bars if bar.clips is not None})
    if not counts:
        return panel
    few, many = f"{counts[0]:,}", f"{counts[-1]:,}"
    return f"{panel}: {few if few == many else f'{few} to {many}'} test clips"


def standardized(points: Sequence[Point]) -> list[Point]:
    """The points with standardized accuracies: less the mean of their panel and series, over the deviation.

    Accuracies on several data sets can then be compared. A series in which all are equal is left out.
    """
    found: list[Point] = []
    for place in dict.fromkeys((point.panel, point.series) for point in points):
        own = [point for point in points if (point.panel, point.series) == place]
        spread = stdev(point.accuracy for point in own) if len(own) > 1 else 0.0
        middle = fmean(point.accuracy for point in own)
        if spread > 0:
            found += [Point(*place, one.share, (one.accuracy - middle) / spread) for one in own]
    return found


def regression(points: Sequence[Point]) -> tuple[float, float] | None:
    """Slope and intercept of the least-squares line of accuracy over share; None where shares are equal."""
    if len({point.share for point in points}) < 2:
        return None
    x, y = fmean(point.share for point in points), fmean(point.accuracy for point in points)
    slope = sum((p.share - x) * (p.accuracy - y) for p in points) / sum((p.share - x) ** 2 for p in points)
    return slope, y - slope * x


def polynomial_regression(points: Sequence[Point]) -> Figure | None:
    """Standardized accuracies over the share of polynomials, a panel for each domain.

    None where shares or accuracies do not differ.
    """
    shown = standardized(points)
    panels = [p for p in dict.fromkeys(point.panel for point in shown)
              if regression([point for point in shown if point.panel == p])]  # fmt: skip
    if not panels:
        return None
    series = list(dict.fromkeys(point.series for point in shown if point.panel in panels))
    width, bottom = 220.0, 34.0
    with settings():
        figure, page = canvas((width + LEFT + GAP) * len(panels), TOP + HEIGHT + bottom)
        _legend(page, series)
        for place, panel in enumerate(panels):
            x = (width + LEFT + GAP) * place + LEFT
            axes = _panel(figure, (x, bottom, width, HEIGHT), panel)
            own = [point for point in shown if point.panel == panel]
            for name in series:
                dots = [point for point in own if point.series == name]
                shares, heights = [100 * p.share for p in dots], [p.accuracy for p in dots]
                axes.scatter(shares, heights, s=14.0, color=_colour(series, name))
            line = regression(own)
            assert line is not None, "the panels have one"
            ends = [min(p.share for p in own), max(p.share for p in own)]
            axes.plot([100 * end for end in ends], [line[0] * end + line[1] for end in ends],
                      color=colour("ink"), linewidth=1.2)  # fmt: skip
            axes.set_xlabel("polynomial operations (%)", fontsize=TINY, color=colour("muted"))
            axes.set_ylabel("standardized accuracy", fontsize=TINY, color=colour("muted"))
        return figure


def _colour(names: Sequence[str], name: str) -> str:
    return FAMILIES[names.index(name) % len(FAMILIES)][0]


def _legend(page: Axes, names: Sequence[str]) -> None:
    x = LEFT
    for name in names:
        page.plot([x, x + 12.0], [11.0, 11.0], linewidth=6.0, color=_colour(names, name))
        page.text(x + 18.0, 11.0, name, fontsize=SMALL, va="center", color=colour("ink"))
        x += 36.0 + text_width(name, SMALL)


def _panel(figure: Figure, place: tuple[float, float, float, float], title: str) -> Axes:
    """Axes at (left, bottom, width, height) in points."""
    across, up = figure.get_figwidth() * 72.0, figure.get_figheight() * 72.0
    axes = figure.add_axes((place[0] / across, place[1] / up, place[2] / across, place[3] / up))
    axes.set_title(title, fontsize=SMALL, loc="left", pad=4.0, color=colour("ink"))
    open_frame(axes)
    axes.tick_params(labelsize=TINY, colors=colour("muted"), length=2.0, width=0.6)
    return axes
