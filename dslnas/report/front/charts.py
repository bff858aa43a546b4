"""Charts of a search by sampling: the front, as in figure 4 of the NASC-net paper, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...search.evolved.front_file import Front
from ..render.figure import POINTS_PER_INCH, open_frame, settings
from ..render.palette import FAMILIES, colour
from ..render.svg import TIP
from .files import Baseline, Ranking, axes_of
from .wording import SHARES, name_of, value_of

WIDTH = 760.0
SMALL, TINY = 8.5, 7.2
BANDS = 5  # of generations, the later ones stronger
MOST_POINTS = 1500  # of a cloud: more would not be seen, and would make the page heavy
MOST_NUMBERS = 24  # that are written beside their points
EVOLUTION, RANDOM = FAMILIES[0][0], FAMILIES[1][0]
WIDE = 30.0  # prices that differ by more stand on a logarithmic axis
UNITS = {"params": (1.0, ""), "macs": (1e6, " (M)"), "latency": (1e-3, " (ms)"), "memory": (1024.0, " (KB)")}

Scale = tuple[float, float]  # what prices are divided by, and what qualities are multiplied with


def factor_of(quality: str) -> float:
    """What a quality is multiplied with where it is drawn: shares as per cent, scores as they are."""
    return 100.0 if quality in SHARES else 1.0


def front_figure(front: Front, limits: Mapping[str, float], baseline: Baseline | None = None) -> Figure:
    """All networks that were compared, pale by their generation, and the fronts of both searches, strong.

    limits: the bounds that are required, by figure; that of a price which an axis shows is drawn as a line.
    baseline: a network to compare with.
    """
    price, quality = axes_of(front)
    scale = UNITS.get(price, (1.0, ""))[0], factor_of(quality)
    with settings():
        figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, 330.0 / POINTS_PER_INCH), layout="constrained")
        axes = _axes(figure)
        for cloud, hue, name in (
            (front.random_population, RANDOM, "compared by random search"),
            (front.population, EVOLUTION, _compared(front)),
        ):
            _draw_cloud(axes, cloud, scale, hue, name)
        random = [(one.get(price), one.get(quality)) for one in front.random]
        _draw_front(axes, random, scale, RANDOM, "front of random search")
        points = [(one.figures.get(price), one.figures.get(quality)) for one in front.points]
        _draw_front(axes, points, scale, EVOLUTION, "front")
        _draw_points(axes, front, scale)
        if baseline is not None:
            _draw_baseline(axes, baseline, axes_of(front), scale)
        if price in limits:
            axes.axvline(
                limits[price] / scale[0],
                color=colour("warm"),
                linewidth=1.1,
                linestyle=(0, (4, 2)),
                label=f"required: {name_of(price)} below {value_of(price, limits[price])}",
            )
        shown = [one for line in axes.get_lines() for one in _numbers(line.get_xdata())]
        if shown and min(shown) > 0 and max(shown) > WIDE * min(shown):
            axes.set_xscale("log")
        axes.set_xlabel(_label(price), fontsize=SMALL, color=colour("muted"))
        how = "new weights"
        if quality in SHARES:
            how = f"after {front.trained:,} steps (%)" if front.trained else "inherited weights (%)"
        axes.set_ylabel(f"{name_of(quality)}, {how}", fontsize=SMALL, color=colour("muted"))
        _legend(axes)
        return figure


def _compared(front: Front) -> str:
    """Who drew the networks of a front."""
    return "compared by the evolution, late ones stronger" if front.shares else "compared by random search"


def course_figure(front: Front) -> Figure:
    """The hypervolume over the evaluations, and the share of each generation that was drawn at random."""
    with settings():
        figure = Figure(figsize=(WIDTH / POINTS_PER_INCH, 190.0 / POINTS_PER_INCH), layout="constrained")
        left, right = figure.subplots(1, 2)
        for axes, title, below in (
            (left, "hypervolume", "evaluations"),
            (right, "drawn at random (%)", "generation"),
        ):
            _plain(axes)
            axes.set_title(title, fontsize=SMALL, loc="left", color=colour("muted"))
            axes.set_xlabel(below, fontsize=TINY, color=colour("muted"))
            axes.locator_params(axis="x", nbins=6, integer=True)
        of_random = [(at, one) for at, _, one in front.hypervolume if one is not None]
        if of_random:
            left.plot(
                *zip(*of_random, strict=True),
                color=RANDOM,
                linewidth=1.6,
                linestyle=(0, (4, 1.6)),
                label="random search",
                marker="o" if len(of_random) == 1 else None,
                markersize=3,
            )
        evolved = [(at, one) for at, one, _ in front.hypervolume]
        if evolved:
            left.plot(
                *zip(*evolved, strict=True),
                color=EVOLUTION,
                linewidth=1.9,
                label="evolution",
                marker="o" if len(evolved) == 1 else None,
                markersize=3,
            )
            left.legend(frameon=False, fontsize=TINY, labelcolor=colour("ink"), loc="lower right")
        if front.shares:
            generations, shares = zip(*front.shares, strict=True)
            right.bar(generations, [100 * one for one in shares], 0.8, color=EVOLUTION)
            right.set_ylim(0.0, 100.0)
        return figure


def ranking_figure(ranking: Ranking, before: str) -> Figure:
    """The accuracy of each retrained network against what it was ranked by, which `before` names."""
    with settings():
        size = 300.0 / POINTS_PER_INCH
        figure = Figure(figsize=(1.4 * size, size), layout="constrained")
        axes = _axes(figure)
        for one in ranking.networks:
            had, retrained = (
                value_of(figure, value)
                for figure, value in ((ranking.figure, one.inherited), ("accuracy", one.retrained))
            )
            tip = f"{TIP}{before} {had}, retrained {retrained}"
            axes.plot(
                [factor_of(ranking.figure) * one.inherited],
                [100 * one.retrained],
                "o",
                color=EVOLUTION,
                markersize=4.5,
                alpha=0.85,
                gid=tip,
            )
        below = f"{before} (%)" if ranking.figure in SHARES else before
        axes.set_xlabel(below, fontsize=SMALL, color=colour("muted"))
        axes.set_ylabel("accuracy retrained (%)", fontsize=SMALL, color=colour("muted"))
        return figure


def _axes(figure: Figure) -> Axes:
    axes = figure.add_subplot()
    _plain(axes)
    return axes


def _plain(axes: Axes) -> None:
    axes.patch.set_visible(False)
    open_frame(axes)
    axes.tick_params(which="both", labelsize=TINY, colors=colour("muted"), length=2.0, width=0.6, pad=2.0)


def _label(price: str) -> str:
    return f"{name_of(price)}{UNITS.get(price, (1.0, ''))[1]}"


def _draw_cloud(
    axes: Axes, cloud: Sequence[tuple[float, float, int]], scale: Scale, hue: str, name: str
) -> None:
    """The networks of a search in bands of generations, each stronger than the one before."""
    step = max(1, -(-len(cloud) // MOST_POINTS))
    kept = cloud[::step]
    last = max((generation for _, _, generation in kept), default=0)
    for band in range(BANDS):
        rows = [row for row in kept if row[2] * BANDS // (last + 1) == band]
        if rows:
            alpha = 0.14 + 0.36 * (band + 1) / BANDS if last else 0.32
            label = name if rows[-1][2] == last else None
            axes.plot(
                [price / scale[0] for price, _, _ in rows],
                [scale[1] * quality for _, quality, _ in rows],
                "o",
                color=hue,
                markersize=3.0,
                alpha=alpha,
                markeredgewidth=0,
                zorder=1,
                label=label,
            )


def _draw_front(
    axes: Axes, points: Iterable[tuple[float | None, float | None]], scale: Scale, hue: str, name: str
) -> None:
    known = sorted((x / scale[0], scale[1] * y) for x, y in points if x is not None and y is not None)
    if known:
        style = "solid" if hue == EVOLUTION else (0, (4.0, 1.6))
        axes.plot(
            *zip(*known, strict=True),
            color=hue,
            linewidth=1.6,
            linestyle=style,
            marker="o",
            markersize=4.0,
            zorder=3,
            label=name,
        )


def _draw_points(axes: Axes, front: Front, scale: Scale) -> None:
    """The points of the front with their numbers; the knee is larger, what is not allowed is hollow."""
    price, quality = axes_of(front)
    for one in front.points:
        x, y = one.figures.get(price), one.figures.get(quality)
        if x is None or y is None:
            continue
        tip = f"{TIP}{one.number}: {value_of(price, x)} {name_of(price)}, {value_of(quality, y)}"
        axes.plot(
            [x / scale[0]],
            [scale[1] * y],
            "o",
            gid=tip,
            zorder=4,
            markersize=7.5 if one.knee else 5.0,
            color=EVOLUTION,
            markerfacecolor=EVOLUTION if one.feasible else colour("surface"),
        )
        if len(front.points) <= MOST_NUMBERS or one.knee:
            text = f"{one.number} (knee)" if one.knee else str(one.number)
            axes.annotate(
                text,
                (x / scale[0], scale[1] * y),
                (4, 5),
                textcoords="offset points",
                fontsize=TINY,
                color=colour("ink"),
                zorder=5,
            )


def _draw_baseline(axes: Axes, baseline: Baseline, names: tuple[str, str], scale: Scale) -> None:
    x, y = (baseline.figures.get(name) for name in names)
    if x is not None and y is not None:
        axes.plot(
            [x / scale[0]],
            [scale[1] * y],
            "*",
            color=colour("ink"),
            markersize=11,
            zorder=5,
            label=baseline.name,
            gid=f"{TIP}{baseline.name}: {_of(names[0], x)}, {value_of(names[1], y)}",
        )


def _of(price: str, value: float) -> str:
    return f"{value_of(price, value)} {name_of(price)}"


def _numbers(values: object) -> list[float]:
    return [float(value) for value in values]  # type: ignore[attr-defined]


def _legend(axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.figure.legend(
            handles,
            labels,
            loc="outside upper left",
            ncols=3,
            frameon=False,
            fontsize=TINY,
            labelcolor=colour("ink"),
            handlelength=2.2,
        )
