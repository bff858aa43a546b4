"""Caveats of a search result: how close its decisions were, and signs of a degenerate architecture.

Computed from the files of the run folder; shown on the report page, in `metrics.json` and at the end of
`dslnas run`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from ..ir.analysis.traits import CellTraits
from ..ir.genotype import Cell
from .degeneracy import CellFacts, Evidence, Validation, Verdict, verdict
from .findings import Decision, NodeDecision, decisions, selections, travels
from .rundata import RunData

CLOSE = 0.05  # margins below it are counted as close: another seed may well decide otherwise
_ACCURACIES = ("supernet", "discretised", "recalibrated", "retrained")


@dataclass(frozen=True)
class Honesty:
    """The caveats of a run; decisions and selections begin with the closest."""

    cells: tuple[CellFacts, ...]
    decisions: tuple[Decision, ...]
    selections: tuple[NodeDecision, ...]
    validation: Validation | None
    verdict: Verdict

    @property
    def close(self) -> int:
        """How many decisions were won by less than `CLOSE`."""
        return sum(one.margin < CLOSE for one in self.decisions)

    @property
    def settled(self) -> str:
        """How settled the decisions are, in a sentence; empty where nothing was decided."""
        if not self.decisions:
            return ""
        one = self.decisions[0]
        return (
            f"{self.close} of {len(self.decisions)} decisions were won by less than {CLOSE:g}; the closest: "
            f"{' '.join(filter(None, (one.cell, one.edge)))}, {one.chosen} over {one.runner_up} "
            f"by {one.margin:.3f}"
        )

    def to_json(self) -> dict[str, Any]:
        """The caveats as JSON data, for `honesty` in `metrics.json`."""
        margins = [one.margin for one in self.decisions]
        summary = {"least": margins[0], "median": median(margins), "close": self.close} if margins else {}
        return {
            "verdict": str(self.verdict),
            "asked": list(self.verdict.asked),
            "early": list(self.verdict.early),
            "few": self.verdict.few,
            "meaning": self.verdict.meaning,
            "doubts": [asdict(doubt) for doubt in self.verdict.doubts],
            "cells": {cell.name: _without_name(cell) for cell in self.cells},
            "settled": self.settled,
            "margins": summary,
            "decisions": [{**asdict(one), "margin": one.margin} for one in self.decisions],
            "selections": [{**asdict(one), "margin": one.margin} for one in self.selections],
        }


def _without_name(cell: CellFacts) -> dict[str, Any]:
    return {key: value for key, value in asdict(cell).items() if key != "name"}


def honesty_of(run: RunData) -> Honesty | None:
    """The caveats of a run; None where it has no genotype yet."""
    if run.genotype is None:
        return None
    cells = tuple(facts(cell, run.cells[cell.name]) for cell in run.genotype.cells if cell.name in run.cells)
    decided, measured = tuple(decisions(run)), _validation(run)
    evidence = Evidence(
        cells,
        tuple(one.margin for one in decided),
        measured,
        str(run.settings.get("domain")),
        tuple(travels(run)),
        _searched(run, measured),
    )
    return Honesty(cells, decided, tuple(selections(run)), measured, verdict(evidence))


def _searched(run: RunData, measured: Validation | None) -> bool:
    """Whether the run has searched: it has records of a search, its time, or the accuracy of a supernet."""
    told = run.metrics.number("time.search") is not None or run.metrics.get("search") is not None
    supernet = measured is not None and (measured.supernet is not None or measured.recalibrated is not None)
    return bool(run.stage("search")) or told or supernet


def facts(cell: Cell, traits: CellTraits) -> CellFacts:
    """Counts of a genotype's cell by the traits of its operations; without traits only the edge counts."""
    kept = [edge for node in cell.nodes for edge in node.edges]
    known = [traits.operations[edge.operation] for edge in kept if edge.operation in traits.operations]
    return CellFacts(
        cell.name,
        traits.reduces,
        nodes=len(cell.nodes),
        edges=len(kept),
        skips=sum(one.skip for one in known),
        parameter_free=sum(not one.parameters for one in known),
        polynomials=sum(one.polynomial for one in known),
        depth=_depth(cell),
    )


def _depth(cell: Cell) -> int:
    """The nodes on the longest path that begins at an input."""
    depths = dict.fromkeys(cell.inputs, 0)
    waiting = {node.name: [edge.source for edge in node.edges] for node in cell.nodes}
    while ready := [name for name, sources in waiting.items() if set(sources) <= set(depths)]:
        for name in ready:
            depths[name] = 1 + max((depths[source] for source in waiting.pop(name)), default=0)
    return max(depths.values(), default=0)


def _validation(run: RunData) -> Validation | None:
    number = run.metrics.number
    clips, chance = number("validation.clips"), number("validation.chance")
    if clips is None or chance is None:
        return None
    return Validation(int(clips), chance, *(number(f"validation.{name}") for name in _ACCURACIES))
