"""A made-up accuracy over a small space of layers, for tests of its evolution, and methods that evolve it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from small_genes import genes_of

from dslnas.ir.analysis.genes import Candidate, Genes
from dslnas.ir.walk import cost
from dslnas.methods.budget import Requirement
from dslnas.methods.method import Optimizer, SampledMethod, Sampling
from dslnas.search.evolved.evolve import Assess

LAYERS = " -> ".join(["conv(3, 4)", *["mb(choose {2, 4, 6})"] * 5, "choose {1, 2} times mb(6)"])


def layers() -> Genes:
    """Seven layers or eight, each with a kernel and most with a width: 2 * 6^5 * (2 + 4) networks."""
    return genes_of(LAYERS)


def method(
    population: int = 16, generations: int = 14, *require: Requirement, **more: object
) -> SampledMethod:
    """A method that evolves accurate and small networks."""
    adam = Optimizer("adam", {"lr": 1e-3})
    goals = {"maximize": ("accuracy",), "minimize": ("params",), **more}
    return SampledMethod(
        name="made",
        weights=adam,
        clip=None,
        split=0.5,
        retrain=adam,
        floor=None,
        supernet=Sampling(),
        population=population,
        generations=generations,
        require=require,
        **goals,  # type: ignore[arg-type]
    )


class Judge:
    """Evaluates candidates, and notes which; `stop` ends it after so many, as a kill would."""

    def __init__(self, genes: Genes, stop: int | None = None) -> None:
        self.genes, self.stop = genes, stop
        self.keys: list[str] = []
        self.batches: list[int] = []

    def __call__(self, candidates: Sequence[Candidate]) -> Iterator[Mapping[str, float]]:
        self.batches.append(len(candidates))
        for candidate in candidates:
            if len(self.keys) == self.stop:
                raise KeyboardInterrupt
            self.keys.append(self.genes.key(candidate))
            yield self.figures(candidate)

    def figures(self, candidate: Candidate) -> dict[str, float]:
        """What a layer adds grows with its width and its kernel, more in some places than in others."""
        worth = 0.0
        for place, gene in enumerate(sorted(self.genes.alive(candidate))):
            numbers = [int(number) for number in re.findall(r"\d+", str(candidate[gene]))]
            worth += math.sqrt(math.prod(numbers)) * (0.2 + (place * 7 % 5) / 4)
        price = cost(self.genes.program, self.genes.policy(candidate))
        return {"accuracy": 1 - math.exp(-worth / 8), "params": price.params, "macs": price.macs}


def assess(genes: Genes) -> Assess:
    """Evaluates candidates, all at once."""
    judge = Judge(genes)
    return lambda candidates: [judge.figures(one) for one in candidates]
