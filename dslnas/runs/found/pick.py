"""A network that is picked to be trained: by its number on the front, as the knee, or by what it keeps to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail
from ...base.run_folder import FRONT
from ...ir.genotype import Genotype
from ...methods.budget import Requirement, parse_requirements
from ...report.front.files import axes_of, read_front
from ...report.front.wording import value_of
from ...search.evolved.archive import Entry
from ...search.evolved.front_file import Front, Point
from ..experiment import Experiment
from .compared import compared_in, genotypes_of

KNEE = "knee"
FORMS = f"`{KNEE}`, a number of the front, or a requirement such as `params < 50k`"


@dataclass(frozen=True)
class Pick:
    """A network to be trained.

    said: how it was picked. number: its own on the front; None where it is not on it. figures: those with the
    weights of the supernet, and what it costs.
    """

    said: str
    number: int | None
    figures: Mapping[str, float]
    genotype: Genotype

    def to_json(self, run: str) -> dict[str, Any]:
        """The pick for `pick` in `metrics.json`. run: what its search is called."""
        return {"run": run, "pick": self.said, "number": self.number, "figures": dict(self.figures)}


def picked(folder: Path, said: str, experiment: Experiment) -> Pick:
    """The network that a text picks from the search in a run folder.

    A requirement picks the most accurate of all networks that were compared and keep to it. Raises
    DslnasError N0701 where the run has no front, N0603 where it has no such number, or nothing that keeps to
    the requirement; and as `parse_requirements` does.
    """
    front = read_front(folder)
    if front is None:
        help = "name the run of a search by sampling, such as `method: nasc`"
        raise fail("N0701", f"{folder} has no {FRONT}: there is nothing to pick from", help=help)
    if said == KNEE or said.lstrip("-").isdigit():
        return _on_front(folder, said, front)
    return _within(folder, said, parse_requirements(said, "--pick"), experiment, front)


def _on_front(folder: Path, said: str, front: Front) -> Pick:
    for point in front.points:
        if point.knee if said == KNEE else point.number == int(said):
            return Pick(said, point.number, point.figures, point.genotype)
    if not front.points:
        raise fail("N0603", f"the front of {folder} is empty")
    if said == KNEE:
        help = f"take one by its number, from 1 to {len(front.points)}"
        raise fail(
            "N0603", f"the front of {folder} has no knee: no network keeps to what is required", help=help
        )
    message = f"the front of {folder} has no number {said}"
    raise fail("N0603", message, help=f"it has 1 to {len(front.points)}; {FORMS} picks a network")


def _within(
    folder: Path, said: str, required: Sequence[Requirement], experiment: Experiment, front: Front
) -> Pick:
    compared = compared_in(folder)
    kept = [one for one in compared if keeps(one.figures, required)]
    if not kept:
        nearest = closest(compared, required)
        help = f"the nearest has {shortfall(nearest.figures, required)}" if nearest else FORMS
        ask = f"`dslnas front {folder} --require '{said}'` looks for more"
        message = f"no network that was compared keeps to {said}"
        raise fail("N0603", message, help=f"{help}; {ask}")
    price, quality = axes_of(front)
    best = max(kept, key=lambda one: (one.figures.get(quality, 0.0), -one.figures.get(price, 0.0)))
    (genotype,) = genotypes_of(experiment, [best])
    return Pick(said, _number(front, genotype), best.figures, genotype)


def _number(front: Front, genotype: Genotype) -> int | None:
    return next((point.number for point in front.points if _same(point, genotype)), None)


def _same(point: Point, genotype: Genotype) -> bool:
    return (point.genotype.cells, dict(point.genotype.choices)) == (genotype.cells, dict(genotype.choices))


# --- requirements ------------------------------------------------------------------------------------------


def keeps(figures: Mapping[str, float], required: Sequence[Requirement]) -> bool:
    """Whether a network keeps to all bounds; one whose figure is not known does not."""
    return all(one.price in figures and one.met(figures[one.price]) for one in required)


def closest(compared: Sequence[Entry], required: Sequence[Requirement]) -> Entry | None:
    """The network that breaks bounds least, in shares of them; None where no figures are known."""
    known = [one for one in compared if all(bound.price in one.figures for bound in required)]
    return min(
        known, key=lambda one: sum(bound.excess(one.figures[bound.price]) for bound in required), default=None
    )


def shortfall(figures: Mapping[str, float], required: Sequence[Requirement]) -> str:
    """What a network that breaks bounds has of what they bound: `params 12,345 and memory 82.4 KB`."""
    return " and ".join(f"{one.price} {value_of(one.price, figures.get(one.price))}" for one in required)
