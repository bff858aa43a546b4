"""The section of a report about a search by sampling: its sentence, its rows and its pictures."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...search.evolved.front_file import Front, Point
from ..fields import Tree
from ..reader.layers import drawings_of_choices
from ..reader.usage import name_of as name_of_run
from ..reader.wording import Wording, worded_genotype
from ..render.drawing import CellDrawing, drawing_of
from ..render.palette import FAMILIES, css_name
from ..rundata import RunData
from .files import (
    Baseline,
    Latencies,
    Ranking,
    axes_of,
    figures_of,
    read_baseline,
    read_front,
    read_latencies,
    read_ranking,
)
from .requirements import limits_of
from .wording import SHARES, before_told, cells, name_of, told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PICTURES = 12  # of networks: more would make the page heavy
MOST_OPTIONS = 60  # choice points of which the page tells the options on the front


@dataclass(frozen=True)
class Row:
    """A network of the front: its number, its figures as text, what is special, how to train it."""

    number: int
    figures: tuple[str, ...]
    mark: str
    command: str


@dataclass(frozen=True)
class OptionShare:
    """How many networks of the front have an option: its name, their count, their share, its CSS colour."""

    option: str
    count: int
    share: float
    colour: str


@dataclass(frozen=True)
class Section:
    """What the page shows of a search by sampling.

    said: what was found, in sentences. columns, rows: the table of the front. options: by choice point, and
    how many more there are. latencies: each measured step with its time; measured: on what, and how far
    predictions are off. ranking: what the accuracies of the supernet are worth, in a sentence; how: the
    command that measures it. drawings: of networks, by number, with what they cost.
    """

    said: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    options: tuple[tuple[str, tuple[OptionShare, ...]], ...]
    more_options: int
    latencies: tuple[tuple[str, str], ...]
    measured: str
    ranking: str
    how: str
    front: Front
    ranked: Ranking | None
    baseline: Baseline | None
    drawings: tuple[tuple[int, str, tuple[CellDrawing, ...]], ...]
    limits: Mapping[str, float]

    @property
    def scored(self) -> bool:
        """Whether networks were compared by scores that they have with new weights."""
        return axes_of(self.front)[1] not in SHARES

    @property
    def judging(self) -> tuple[str, str]:
        """What networks were compared by, and what ranked them, in words."""
        if self.scored:
            return "scores", "the score"
        if self.front.trained:
            return "short trainings", "a short training"
        return "accuracies in the supernet", "the supernet"

    def figures(self) -> dict[str, tuple[str, Figure]]:
        """The charts by their place in the page, each with what it shows for those who do not see it."""
        from .charts import course_figure, front_figure, ranking_figure

        price, quality = (name_of(name) for name in axes_of(self.front))
        found = {
            "front": (f"{quality} against {price}", front_figure(self.front, self.limits, self.baseline))
        }
        if len(self.front.hypervolume) > 1 or self.front.shares:
            found["course"] = ("hypervolume and share drawn at random", course_figure(self.front))
        if self.ranked is not None and self.ranked.networks:
            against = before_told(self.ranked.figure, self.front.trained)
            found["ranking"] = (f"retrained against {against}", ranking_figure(self.ranked, against))
        return found


def section_of(run: RunData, wording: Wording) -> Section | None:
    """The section of a run; None where it has no front. Raises DslnasError N0701 where a file is broken."""
    front = read_front(run.folder)
    if front is None:
        return None
    judged = judged_clips(run.metrics)
    ranked, table = read_ranking(run.folder), read_latencies(run.folder)
    name = shlex.quote(name_of_run(run))
    options = list(front.options.items())
    return Section(
        said=(*sentences(front, judged), *beside_told(run.metrics)),
        columns=tuple(column for column, _ in cells(figures_of(front), {}, judged)),
        rows=tuple(_row(point, front, judged, name) for point in front.points),
        options=tuple((choice, _shares(counts)) for choice, counts in options[:MOST_OPTIONS]),
        more_options=max(0, len(options) - MOST_OPTIONS),
        latencies=tuple((text, f"{1e6 * one:,.1f} µs") for text, one in table.seconds) if table else (),
        measured=latencies_told(table) if table else "",
        ranking=ranking_told(ranked, front.trained) if ranked else "",
        how=f"dslnas rank {name} --sample 20",
        front=front,
        ranked=ranked,
        baseline=read_baseline(run.folder),
        drawings=tuple(_drawn(front, wording)),
        limits=limits_of(front.require),
    )


def judged_clips(metrics: Tree) -> int:
    """On how many independent clips a search judged networks; 0 in older runs, which do not say it."""
    return int(metrics.number("search.judged") or 0)


def sentences(front: Front, judged: int) -> tuple[str, ...]:
    """What a search found, for people: how much was compared, from where to where the front goes.

    judged: on how many clips; 0: it is not known.
    """
    price, quality = axes_of(front)
    kept = [point for point in front.points if point.feasible]
    bounds = ", ".join(front.require)
    if not front.points:
        return (f"{front.evaluations:,} networks were compared, and none is left.",)
    if not kept:
        return (
            f"None of the {front.evaluations:,} networks that were compared keeps to "
            f"{', '.join(front.require)}; those below come closest.",
        )
    if len(kept) > 1:
        count = f"{len(kept)}{f' that keep to {bounds}' if bounds else ''} are"
        what = "whatever is better there in one figure is worse in another."
    else:
        count = f"one{f' that keeps to {bounds}' if bounds else ''} is"
        what = f"no other{' that does' if bounds else ''} is better in anything."
    found = [f"Of {front.evaluations:,} networks that were compared, {count} on the front: {what}"]
    if front.exhausted:
        found.append("There are no others in the space.")
    first, last = kept[0], kept[-1]
    if len(kept) > 1:
        found.append(
            "They go from "
            + " to ".join(
                f"{told(price, one.figures.get(price))} with {told(quality, one.figures.get(quality))}"
                for one in (first, last)
            )
            + "."
        )
    knee = next((point for point in kept if point.knee), None)
    if knee is not None and len(kept) > 1:
        found.append(
            f"The knee, beyond which quality costs most, is number {knee.number}: "
            f"{told(price, knee.figures.get(price))}, {told(quality, knee.figures.get(quality))}."
        )
    if front.trained:
        found.append(f"These accuracies are after {front.trained:,} steps: a whole training changes them.")
    elif quality in SHARES:
        found.append("These accuracies are with the weights of the supernet: training anew changes them.")
    else:
        found.append("Nothing was trained for that: scores are guesses, and training alone says what is so.")
    if judged:
        found.append(
            f"They are of {judged:,} clips that trained no weight, and rather too high, as the best of many "
            "networks stand here."
        )
    return tuple(found)


def beside_told(metrics: Tree) -> tuple[str, ...]:
    """That a search had no random search beside it, and why; nothing where it had one or says nothing."""
    if metrics.get("search.random.there") is not False:
        return ()
    if metrics.get("search.random.asked") == "off":
        return ("Random search was left out, as the method says: nothing tells what chance would find.",)
    share = metrics.number("search.random.share")
    work = "a large part" if share is None else f"{share:.0%}"
    return (
        f"Random search was left out, as it would have taken {work} of the work of the search: "
        "`--set method.random=on` draws it beside the evolution.",
    )


def ranking_told(ranking: Ranking, trained: int = 0) -> str:
    """What the figure is worth by which networks were compared, in a sentence or two.

    trained: the steps that each was trained for before it was; 0: none.
    """
    count = len(ranking.networks)
    if ranking.tau is None:
        return f"{count} networks were retrained, which say nothing about a ranking."
    interval = ""
    if ranking.interval is not None:
        low, high = ranking.interval
        interval = f", with a certainty of 95 % from {low:.2f} to {high:.2f}"
    what = "the accuracy in the supernet and that"
    if ranking.figure != "accuracy":
        what = f"{name_of(ranking.figure)} and the accuracy"
    elif trained:
        what = f"the accuracy after {trained:,} steps and that"
    others = [f"{name_of(name)} {'none' if tau is None else f'{tau:.2f}'}" for name, tau in ranking.beside]
    beside = f" Others have: {', '.join(others)}." if others else ""
    return (
        f"Kendall's tau between {what} after {ranking.steps:,} steps of training anew is {ranking.tau:.2f} "
        f"over {count} networks{interval}.{beside}"
    )


def latencies_told(table: Latencies) -> str:
    """On what latencies were measured, and how far predictions are off for whole networks."""
    machine = f" of {table.machine}" if table.machine else ""
    error = "nothing is known of the error of predictions"
    if table.error is not None:
        share = f"{100 * table.error:.1f} %"
        error = f"half of {table.networks} whole networks are predicted to {share} or better"
    return (
        f"Measured on one thread{machine}, one example at a time. A network is predicted to take "
        f"{table.factor:.2f} times the sum of its steps, as whole networks do; {error}."
    )


def _row(point: Point, front: Front, judged: int, name: str) -> Row:
    figures = tuple(text for _, text in cells(figures_of(front), point.figures, judged))
    marks = ("knee" if point.knee else "", "" if point.feasible else "breaks what is required")
    return Row(
        point.number,
        figures,
        ", ".join(filter(None, marks)),
        f"dslnas train {name} --pick {point.number}",
    )


def _shares(counts: Mapping[str, int]) -> tuple[OptionShare, ...]:
    total = sum(counts.values()) or 1
    return tuple(
        OptionShare(option, count, count / total, css_name(FAMILIES[place % len(FAMILIES)][0]))
        for place, (option, count) in enumerate(sorted(counts.items(), key=lambda item: -item[1]))
    )


def _drawn(front: Front, wording: Wording) -> list[tuple[int, str, tuple[CellDrawing, ...]]]:
    """The pictures of the networks of the front, those that keep to what is required first."""
    chosen = sorted(front.points, key=lambda point: (not point.feasible, not point.knee, point.number))
    price, quality = axes_of(front)
    found = []
    for point in sorted(chosen[:MOST_PICTURES], key=lambda point: point.number):
        drawings = drawings_of(point, wording)
        if drawings:
            figures = f"{told(price, point.figures.get(price))}, {told(quality, point.figures.get(quality))}"
            found.append((point.number, figures, tuple(drawings)))
    return found


def drawings_of(point: Point, wording: Wording) -> list[CellDrawing]:
    """The drawings of a network: its cells, and what it takes of each choice beside these that it reads."""
    genotype = worded_genotype(point.genotype, wording)
    taken = [(id, option) for id, option in genotype.choices if not point.live or id in point.live]
    cells = [drawing_of(cell) for cell in genotype.cells]
    return [*cells, *drawings_of_choices(f"number {point.number}: what it takes of each choice", taken)]
