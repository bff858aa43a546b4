"""Derives the genotype from trained architecture weights: keeps the strongest edges, candidates or pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..ir.analysis.genotypes import Kept, assembled
from ..ir.analysis.traits import reducing
from ..ir.genotype import Genotype
from ..ir.graph import ChoicePoint, Program, Selection
from ..ir.walk import Chosen
from ..methods.method import Method, RelaxedMethod


def strongest(weights: Sequence[float], count: int) -> list[int]:
    """The positions of the `count` largest weights in ascending order; among equal weights the first win."""
    ranked = sorted(range(len(weights)), key=lambda position: -weights[position])
    return sorted(ranked[:count])


def prune(
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
    keep: Mapping[str, int],
    space_hash: str,
    method: str,
) -> Genotype:
    """The genotype of the `keep` strongest edges of each node, each with its strongest candidate.

    alpha: weights of the options by choice point; gamma: strengths of the edges by selection; keep: how many
    edges remain by selection.
    """
    kept = {
        id: [(p, _best(program, selection.edges[p], alpha)) for p in strongest(gamma[id], keep[id])]
        for id, selection in program.selections.items()
    }
    return assembled(program, kept, _beside_cells(program, alpha), space_hash, method)


def _beside_cells(program: Program, alpha: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """The strongest option of each choice that is not on an edge of a cell."""
    return {id: _best(program, id, alpha) for id, point in program.choices.items() if not point.node}


def prune_as(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
    space_hash: str,
) -> Genotype:
    """The genotype that a method derives from weights by choice point (alpha) and by selection (gamma)."""
    return _derived(method, restrict_skips(method, program, alpha, gamma), alpha, gamma, space_hash)


def _derived(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
    space_hash: str = "",
) -> Genotype:
    """The genotype without a limit on skips."""
    kept = what_remains(method, program, alpha, gamma)
    return assembled(program, kept, _beside_cells(program, alpha), space_hash, method.name)


def what_remains(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
) -> Kept:
    """What a method keeps of the edges into each node, by the weights of candidates and of edges."""
    strengths = edge_strengths(method, program, alpha, gamma)
    kept: dict[str, list[tuple[int, str]]] = {}
    for id, selection in program.selections.items():
        count = kept_edges(method, selection)
        if method.pairs:
            kept[id] = _strongest_pairs(program, selection, alpha, gamma[id], count)
            continue
        open = _above_threshold(method.above, program, selection, alpha) or strongest(strengths[id], 1)
        places = [open[place] for place in strongest([strengths[id][place] for place in open], count)]
        kept[id] = [(place, _best(program, selection.edges[place], alpha)) for place in places]
    return kept


def _strongest_pairs(
    program: Program,
    selection: Selection,
    alpha: Mapping[str, Sequence[float]],
    gamma: Sequence[float],
    count: int,
) -> list[tuple[int, str]]:
    """The `count` pairs of an edge and a candidate of the largest products of weights; several may be of one
    edge.

    I-DARTS (Jiang et al., 2019) compares the operations of all edges into a node; GDAS (Dong and Yang, 2019)
    sorts them in its code, and leaves `none` out. An edge without a choice has one candidate, of weight 1.
    """
    rated = [
        (place, option, edge_weight * weight)
        for place, (edge, edge_weight) in enumerate(zip(selection.edges, gamma, strict=True))
        for option, weight in (_remaining(program, edge, alpha) or {"": 1.0}).items()
    ]
    best = strongest([weight for _, _, weight in rated], count)
    return [(rated[number][0], rated[number][1]) for number in best]


def _above_threshold(
    threshold: float | None, program: Program, selection: Selection, alpha: Mapping[str, Sequence[float]]
) -> list[int]:
    """The positions of the edges with a candidate above the threshold, or without a choice."""
    weights = [_remaining(program, edge, alpha).values() for edge in selection.edges]
    return [
        place
        for place, of_edge in enumerate(weights)
        if threshold is None or not of_edge or max(of_edge) > threshold
    ]


def restrict_skips(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
) -> Program:
    """The program with the skips beyond the method's limit excluded from the result, like zeros.

    P-DARTS (Chen et al., 2019), section 3.3: while a cell that keeps the size has more than `keep_skips` of
    them, the weight of its weakest one counts as 0, and the cell is derived again. An edge that offers
    nothing else keeps its skip. Without a limit the program is unchanged.
    """
    while surplus := _surplus_skip(method, program, alpha, gamma):
        point, skip = surplus
        barred = replace(point, zeros=(*point.zeros, skip))
        program = replace(program, choices={**program.choices, point.id: barred})
    return program


def _surplus_skip(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
) -> tuple[ChoicePoint, str] | None:
    """The edge and the name of the weakest skip in a cell with too many; None if no skip can be dropped."""
    if method.keep_skips is None:
        return None
    chosen = Chosen.of(_derived(method, program, alpha, gamma))
    points = [program.choices[id] for id in (*chosen.options, *chosen.several) if id in program.choices]
    skips = [(point, skip) for point in points for skip in chosen.taken(point.id) if skip in point.skips]
    for kind in [kind for kind in program.kinds if kind not in reducing(program)]:
        own = [(point, skip) for point, skip in skips if point.cell == kind]
        others = [(point, skip) for point, skip in own if len(point.remaining) > 1]
        if len(own) > method.keep_skips and others:
            return min(others, key=lambda one: alpha[one[0].id][one[0].options.index(one[1])])
    return None


def kept_edges(method: Method, selection: Selection) -> int:
    """How many edges of a node remain: the smaller of the numbers of the space and of the method."""
    return method.keeping.of(selection)


def edge_strengths(
    method: RelaxedMethod,
    program: Program,
    alpha: Mapping[str, Sequence[float]],
    gamma: Mapping[str, Sequence[float]],
) -> dict[str, list[float]]:
    """The strengths by which the edges of each node are ranked, by selection.

    Either their weights, or these times the weight of their strongest candidate that may remain (DARTS,
    PC-DARTS). An edge without a choice has one candidate, of weight 1.
    """
    if method.ranked_by == "edges":
        return {id: list(weights) for id, weights in gamma.items()}
    return {
        id: [
            weight * max(_remaining(program, edge, alpha).values(), default=1.0)
            for weight, edge in zip(weights, program.selections[id].edges, strict=True)
        ]
        for id, weights in gamma.items()
    }


def _remaining(program: Program, choice: str, alpha: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The options of a choice point that may remain, with weights; none for an edge without a choice."""
    if choice not in program.choices:
        return {}
    point = program.choices[choice]
    weights = dict(zip(point.options, alpha[choice], strict=True))
    return {option: weights[option] for option in point.remaining}


def _best(program: Program, choice: str, alpha: Mapping[str, Sequence[float]]) -> str:
    """The strongest option that may remain; an empty string for an edge without a choice."""
    weights = _remaining(program, choice, alpha)
    return max(weights, key=weights.__getitem__, default="")


def strongest_candidates(
    program: Program, alpha: Mapping[str, Sequence[float]], count: int | None
) -> dict[str, tuple[str, ...]]:
    """The `count` strongest options of every choice point, in their order; None: all.

    Zeros compete too, but at least one of the options may remain in the result.
    """
    kept: dict[str, tuple[str, ...]] = {}
    for id, point in program.choices.items():
        places = strongest(alpha[id], len(point.options) if count is None else count)
        options = [point.options[place] for place in places]
        if not set(options) & set(point.remaining):
            weakest = min(places, key=lambda place: alpha[id][place])
            options[places.index(weakest)] = _best(program, id, alpha)
        kept[id] = tuple(option for option in point.options if option in options)
    return kept


def strongest_options(program: Program, alpha: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """The strongest option of every choice point, also on edges that pruning removes."""
    return {id: _best(program, id, alpha) for id in program.choices}
