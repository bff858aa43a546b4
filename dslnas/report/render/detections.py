"""The chart of a detector: how many sounds it hears against its false alarms, over its threshold."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .figure import POINTS_PER_INCH, open_frame, settings
from .palette import FAMILIES, colour
from .svg import TIP

WIDTH, HEIGHT = 460.0, 320.0  # in points
TEXT = 8.5
NAMED = (0.1, 0.5, 0.9, 0.99)  # thresholds that are written beside their points


def detection_figure(points: Sequence[tuple[float, float, float]], title: str) -> Figure:
    """The curve through points (threshold, false alarms per hour, share of the labels that is heard)."""
    with settings():
        figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, HEIGHT / POINTS_PER_INCH), layout="constrained")
        axes = figure.add_subplot()
        open_frame(axes)
        line = FAMILIES[0][0]
        axes.plot([x for _, x, _ in points], [y for _, _, y in points], color=line, linewidth=1.6, zorder=3)
        for threshold, x, y in points:
            tip = f"{TIP}threshold {threshold:g}: {100 * y:.1f} % heard, {x:.1f} false alarms per hour"
            axes.plot([x], [y], "o", color=line, markersize=4.0, zorder=4, gid=tip)
        told: set[tuple[float, float]] = set()
        for threshold, x, y in points:
            if threshold in NAMED and (x, y) not in told:
                told.add((x, y))
                axes.annotate(
                    f"{threshold:g}", (x, y), (6.0, -9.0), textcoords="offset points", fontsize=TEXT,
                    color=colour("muted"),
                )  # fmt: skip
        axes.set_xscale("symlog", linthresh=1.0)  # of no false alarm there is a point too
        axes.set_xlim(-0.1, max(10.0, 1.3 * max(x for _, x, _ in points)))
        axes.set_ylim(0.0, 1.03)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.tick_params(labelsize=TEXT, colors=colour("muted"))
        axes.set_xlabel("false alarms per hour", fontsize=TEXT, color=colour("ink"))
        axes.set_ylabel("labels that are heard", fontsize=TEXT, color=colour("ink"))
        axes.set_title(title, fontsize=TEXT + 1, loc="left", color=colour("ink"))
        return figure
