"""The front of a search by sampling as a table."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from dslnas.search.evolved.front_file import Front, Point

MOST_ROWS = 12  # of the front at the end of a run; `dslnas front` has them all
MOST_FIGURES = 6


def show_front(front: Front, run: Path, most: int | None = None) -> None:
    """Print the networks of a front with what they cost, and what can be done with them.

    most: print so many rows at most, spread over the front.
    """
    from dslnas.report.front.section import sentences
    from dslnas.report.front.wording import name_of, value_of

    from .terminal import out, table

    console = out()
    names = figures_shown(front)
    points = spread(front.points, most)
    rows = [
        (str(one.number), *(value_of(name, one.figures.get(name)) for name in names), mark_of(one))
        for one in points
    ]
    for sentence in sentences(front):
        console.print(sentence)
    if rows:
        console.print(table("", ("#", *(f"{name_of(name)}#" for name in names), ""), rows))
    if left := len(front.points) - len(points):
        console.print(f"{left} more: dslnas front {quote(str(run))}", soft_wrap=True)
    if front.points:
        console.print(f"train one: dslnas train {quote(str(run))} --pick NUMBER", soft_wrap=True)


def figures_shown(front: Front) -> list[str]:
    """What the search is about, what is required, and the size: as much as a screen of 80 columns holds."""
    required = [text.split(" ")[0] for text in front.require]
    named = dict.fromkeys((*front.maximize, *front.minimize, *required, "params"))
    known = {name for point in front.points for name in point.figures}
    return [name for name in named if name in known][:MOST_FIGURES]


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
