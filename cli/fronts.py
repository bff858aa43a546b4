"""The front of a search by sampling as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from dslnas.search.evolved.front_file import Front, Point

MOST_ROWS = 12  # of the front at the end of a run; `dslnas front` has them all
GAP = 3  # between two columns


def show_front(front: Front, run: Path, most: int | None = None) -> None:
    """Print the networks of a front with what they cost, and what can be done with them.

    most: print so many rows at most, spread over the front.
    """
    from dslnas.base.run_folder import RunFolder
    from dslnas.report.fields import Tree
    from dslnas.report.front.section import judged_clips, sentences
    from dslnas.report.front.wording import cells

    from .terminal import out, table

    console = out()
    points = spread(front.points, most)
    judged = judged_clips(Tree(str(run), RunFolder(run).metrics()))
    rows_of = [list(cells(figures_shown(front), one.figures, judged)) for one in points]
    columns = [(f"{column[0][0]}#", [text for _, text in column]) for column in zip(*rows_of, strict=True)]
    marks = [mark_of(one) for one in points]
    taken = max(map(len, marks), default=0) + GAP + len(str(len(front.points)))
    columns = fitting(columns, console.width - taken)
    rows = [
        (str(one.number), *(values[place] for _, values in columns), marks[place])
        for place, one in enumerate(points)
    ]
    for sentence in sentences(front, judged):
        console.print(sentence)
    if rows:
        console.print(table("", ("#", *(name for name, _ in columns), ""), rows))
    if left := len(front.points) - len(points):
        console.print(f"{left} more: dslnas front {quote(str(run))}", soft_wrap=True)
    if front.points:
        console.print(f"train one: dslnas train {quote(str(run))} --pick NUMBER", soft_wrap=True)


def show_baseline(baseline: Path, figures: Mapping[str, float]) -> None:
    """Print the figures of a network that is compared with the front."""
    from dslnas.report.front.wording import told

    from .terminal import out

    words = ", ".join(told(name, value) for name, value in figures.items())
    out().print(f"{baseline.stem}, with the same weights: {words}", soft_wrap=True)


def fitting(columns: Sequence[tuple[str, list[str]]], room: int) -> list[tuple[str, list[str]]]:
    """The first of some columns, each a name and its values, for which there is room; at least one."""
    kept, used = 0, 0
    for name, values in columns:
        used += max(len(name.removesuffix("#")), *map(len, values), 0) + GAP
        kept += used <= room
    return list(columns[: max(1, kept)])


def figures_shown(front: Front) -> list[str]:
    """What the search is about, what is required, and the size."""
    required = [text.split(" ")[0] for text in front.require]
    named = dict.fromkeys((*front.maximize, *front.minimize, *required, "params"))
    known = {name for point in front.points for name in point.figures}
    return [name for name in named if name in known]


def mark_of(point: Point) -> str:
    """What is special about a network of a front, in a word."""
    if not point.feasible:
        return "breaks it"
    return "knee" if point.knee else ""


def spread(points: tuple[Point, ...], most: int | None) -> list[Point]:
    """At most so many points, evenly over all of them, the knee among them."""
    if most is None or len(points) <= most:
        return list(points)
    last = len(points) - 1
    places = {round(place * last / (most - 1)) for place in range(most)}
    knee = next((place for place, point in enumerate(points) if point.knee), None)
    if knee is not None and knee not in places:
        inner = sorted(places - {0, last})
        places -= {min(inner, key=lambda place: abs(place - knee))}
        places |= {knee}
    return [points[place] for place in sorted(places)]
