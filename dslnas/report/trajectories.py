"""The chart of descents on the bilevel toy problem of two variables, as in figure 2 of the DARTS paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..search.relaxed.toy import SOLUTION, START, Trajectory, validation_loss
from .render.figure import POINTS_PER_INCH, settings
from .render.palette import FAMILIES, colour

WIDTH, HEIGHT = 460.0, 400.0  # in points
ROOM = 0.4  # beyond what is drawn, on every side
TEXT = 8.5
LEVELS = 24


def trajectories_figure(found: Sequence[Trajectory]) -> Figure:
    """Every descent (alpha, w) over the contours of L_val, with the line on which L_train is least."""
    with settings():
        figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, HEIGHT / POINTS_PER_INCH), layout="constrained")
        axes = figure.add_subplot()
        points = [START, SOLUTION, *(point for one in found for point in one.path)]
        alpha, w = ((min(values) - ROOM, max(values) + ROOM) for values in zip(*points, strict=True))
        _landscape(axes, alpha, w)
        for place, one in enumerate(found):
            (line, _) = FAMILIES[place % len(FAMILIES)]
            name = f"xi = {one.xi:g}: {one.iterations:,} iterations"
            axes.plot(*zip(*one.path, strict=True), color=line, linewidth=1.6, label=name, zorder=3)
            axes.plot(one.alpha, one.w, "o", color=line, markersize=5.0, zorder=4)
        axes.plot(*START, "s", color=colour("ink"), markersize=4.5, zorder=4)
        axes.plot(*SOLUTION, "*", color=colour("ink"), markersize=10.0, label="solution", zorder=5)
        axes.set(xlim=alpha, ylim=w, xlabel="alpha", ylabel="w")
        axes.legend(fontsize=TEXT, loc="lower right")
        return figure


def _landscape(axes: Axes, alpha: tuple[float, float], w: tuple[float, float]) -> None:
    grid = np.meshgrid(np.linspace(*alpha, 121), np.linspace(*w, 121))
    height = validation_loss(*grid)
    axes.contour(*grid, height, levels=LEVELS, colors=colour("line"), linewidths=0.5, zorder=1)
    axes.plot(alpha, alpha, "--", color=colour("muted"), linewidth=1.0, label="L_train least", zorder=2)
