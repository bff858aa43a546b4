"""The threshold of FairDARTS: which kept choices weigh no more than it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.walk import Chosen
from ..methods.method import RelaxedMethod

FAIR_THRESHOLD = 0.85  # of a sigmoid: the default of the original code (Chu et al., 2020)


def threshold_of(method: RelaxedMethod) -> float | None:
    """The threshold of a method (`above: 85%`), or where candidates have sigmoids that of FairDARTS.

    None for other methods: weights that share one softmax are not meant to pass a threshold.
    """
    if method.above is not None:
        return method.above
    return FAIR_THRESHOLD if method.mixing["candidates"] == "sigmoid" else None


def kept_weights(
    program: Program, genotype: Genotype, alpha: Mapping[str, Sequence[float]]
) -> list[tuple[str, str, float]]:
    """The options that a genotype keeps, each with its choice point and its mixed weight.

    alpha: the weights of the options of every choice point.
    """
    chosen = Chosen.of(genotype)
    points = [program.choices[id] for id in (*chosen.options, *chosen.several) if id in program.choices]
    return [
        (point.id, option, alpha[point.id][point.options.index(option)])
        for point in points
        for option in chosen.taken(point.id)
    ]
