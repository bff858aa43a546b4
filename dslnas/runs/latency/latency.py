"""The latency of networks: the sum of their measured steps, times what whole networks take of such sums.

A step is a primitive with its attributes and the types of its inputs; it is measured once, and what was
measured is kept in a file, so that a search which goes on has the same figures as before the break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median

from ...base.processors import processor_name
from ...ir.analysis.genes import Genes
from ...ir.graph import Keep, Program
from ...ir.walk import Chosen
from .steps import Steps
from .table import LatencyTable, read_table, write_table

NETWORKS = 10  # whole networks that are measured for the factor

Progress = Callable[[int, int], None]


class Latency:
    """Predicts the latency of the networks of a program. A step that the table lacks is measured on demand.

    path: the file of the table, which is written again as it grows; None: it is kept nowhere.
    """

    def __init__(self, program: Program, table: LatencyTable, path: Path | None = None) -> None:
        self.table, self._steps, self._path = table, Steps(program), path

    def seconds(self, policy: Chosen) -> float:
        """The latency of a network: seconds for one example on one thread of the machine of the table."""
        counts = self._steps.of(policy)
        self.require(counts)
        known = self.table.seconds
        return self.table.factor * sum(known[text] * count for text, count in sorted(counts.items()))

    def require(self, texts: Iterable[str] | None = None, progress: Progress | None = None) -> None:
        """Measure those of some steps, or of all that the program has, which the table lacks; keep them."""
        works = self._steps.all() if texts is None else self._steps.works
        lacking = {
            text: works[text]
            for text in (works if texts is None else texts)
            if text not in self.table.seconds
        }
        if lacking:
            from .measure import seconds_of

            self.keep(self.table.with_steps(*seconds_of(lacking, self.table.unit, progress)))

    def keep(self, table: LatencyTable) -> None:
        """Predict by another table from now on, and keep it in the file."""
        self.table = table
        if self._path is not None:
            write_table(self._path, table)


def latency_of(
    program: Program, keep: Keep, path: Path | None = None, seed: int = 0, progress: Progress | None = None
) -> Latency:
    """The latency of the networks of a program on this machine; imports torch where it measures.

    path: the file of the table: what it holds is taken as it is, and what it lacks is measured and added.
    keep: what the method keeps of the edges into a node. seed: of the networks that are measured whole.
    progress: takes how many of how many steps are measured. Raises DslnasError N0701 for a broken file.
    """
    known = path is not None and path.is_file()
    table = read_table(path) if path is not None and known else LatencyTable({}, machine=processor_name())
    found = Latency(program, table, path)
    found.require(progress=progress)
    if not found.table.networks:
        genes, chance = Genes.of(program, keep), Random(seed)
        drawn = [genes.policy(genes.draw(chance)) for _ in range(NETWORKS)]
        found.keep(calibrated(program, found, drawn))
    return found


def calibrated(program: Program, latency: Latency, policies: Sequence[Chosen]) -> LatencyTable:
    """The table with the factor and the error of whole networks, which are measured for it."""
    from .measure import seconds_of_networks

    plain = Latency(program, replace(latency.table, factor=1.0))
    summed = [plain.seconds(policy) for policy in policies]
    measured = seconds_of_networks(program, policies, latency.table.unit or 1.0)
    ratios = [whole / sum for whole, sum in zip(measured, summed, strict=True)]
    return replace(latency.table, factor=median(ratios), networks=len(ratios), error=error_of(ratios))


def error_of(ratios: Sequence[float]) -> float | None:
    """The median error of predictions, as a share of what each network takes; None for fewer than two.

    ratios: what each network takes of the sum of its steps. Each is predicted by the factor of the others.
    """
    if len(ratios) < 2:
        return None
    others = [median([*ratios[:place], *ratios[place + 1 :]]) for place in range(len(ratios))]
    return median(abs(factor / ratio - 1) for factor, ratio in zip(others, ratios, strict=True))
