"""How far a space reaches: how many genotypes it has, and its smallest and largest pruned network.

Costs add up over what a genotype leaves alive. The paths through the network (`network_paths.py`) tell
which cells are called. In cells, what several edges read (an adapter, an intermediate node) is alive once,
whoever reads it: so they are reduced to their choice points, to what keeps each of them alive, and to the
costs that live and die together; a dynamic program over the choice points, from the output backwards, finds
the extremes without enumerating genotypes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb, prod
from typing import TypeVar

from ...base import limits
from ...base.diagnostics import fail
from ..graph import CellKind, GraphNode, Program, Selection
from ..primitives.registry import Cost
from ..walk import Chosen, Everything, cost, step_cost, walk
from .isomorphism import Place, classes
from .liveness import OUTPUT, Point, Port, Readers, Skeleton, skeleton
from .network_paths import State, follow


@dataclass(frozen=True)
class Extremes:
    """The least and the most over all genotypes; both are attained."""

    least: int
    most: int


def size(program: Program, keep: int | None = None) -> int:
    """The number of genotypes: of every node the kept edges and their candidates, times all other choices.

    A choice counts where something reads it: inside of a candidate where that is chosen, in a cell where it
    is called. `keep`: what the method keeps per node (None: what the space says).
    """
    return architectures(program, cell_sizes(program, keep))


def architectures(program: Program, of_cells: Mapping[str, int]) -> int:
    """The number of ways to decide the network, times those to decide the cells that each of them calls.

    of_cells: in how many ways each kind of cell is decided.
    """
    paths = follow(program.network, 1, lambda count, node, option: count, int.__add__, _uncountable)
    kinds = {calls: {program.cells[name].kind for name, _ in calls} for calls in paths}
    return sum(count * prod(of_cells[kind] for kind in kinds[calls]) for calls, count in paths.items())


def _uncountable(states: dict[State, int]) -> dict[State, int]:
    message = "the choices of the network depend on each other in too many ways to be counted"
    raise fail("N0401", message, help="let fewer choices offer what other choices hand out")


def cell_sizes(program: Program, keep: int | None = None) -> dict[str, int]:
    """The number of genotypes of each kind of cell by itself."""
    counts = _Counts(program, keep)
    return {kind: counts.of_kind(kind) for kind in program.kinds}


def cell_classes(program: Program, keep: int | None = None) -> dict[str, int | str]:
    """The same up to isomorphism (`isomorphism.py`), or the reason why it is not known."""
    counts = _Counts(program, keep)
    return {name: _classes(program, counts, kind) for name, kind in program.kinds.items()}


def _classes(program: Program, counts: _Counts, kind: CellKind) -> int | str:
    selections = [s for s in program.selections.values() if s.cell == kind.name]
    if len(selections) != len(kind.nodes):
        return "some of its nodes are fixed" if selections else 1
    if any(s.sources != (*kind.inputs, *kind.nodes[:n]) for n, s in enumerate(selections)):
        return "a node does not see all nodes before it"
    edges = {
        (counts.options(s, source), counts.through(s.id, source)) for s in selections for source in s.sources
    }
    if len(edges) > 1:
        return "its edges do not all choose from the same"
    places = tuple(Place(counts.points[s.id].keep, s.node in kind.output) for s in selections)
    operations = next(iter(edges))[1] if edges else 1
    found = classes(len(kind.inputs), places, operations)
    return "it has too many nodes" if found is None else found


class _Counts:
    """In how many ways the choice points of cells can be decided, those inside of an option with it."""

    def __init__(self, program: Program, keep: int | None) -> None:
        self.program = program
        self.points = skeleton(program, dict.fromkeys(program.cells, 1), keep).points
        self._outermost: list[Point] = []
        self._inside: dict[Port, list[Point]] = defaultdict(list)
        for point in self.points.values():
            nested = not point.is_sum and len(point.readers) == 1 and OUTPUT not in point.readers
            (self._inside[next(iter(point.readers))] if nested else self._outermost).append(point)

    def of_kind(self, kind: str) -> int:
        return prod(self.of(point) for point in self._outermost if point.cell == kind)

    def of(self, point: Point) -> int:
        return _symmetric((self.through(point.id, label) for label in point.labels), point.keep)

    def through(self, point: str, label: str) -> int:
        """The ways of what is decided once this option or source is kept."""
        return prod(self.of(inner) for inner in self._inside[point, label])

    def options(self, selection: Selection, source: str) -> tuple[str, ...]:
        """What is offered on an edge; nothing where it offers no choice."""
        edge = selection.edges[selection.sources.index(source)]
        return self.program.choices[edge].remaining if edge in self.program.choices else ()


def _symmetric(values: Iterable[int], degree: int) -> int:
    """The sum, over all subsets of `degree` values, of the product of their values."""
    sums = [1, *[0] * degree]
    for value in values:
        for taken in range(degree, 0, -1):
            sums[taken] += value * sums[taken - 1]
    return sums[degree]


def params_extremes(program: Program, keep: int | None = None) -> Extremes:
    """The fewest and the most parameters of a pruned network.

    Exact where the states of a cell fit `limits.STATES` and the ways to call cells `limits.CALLS`, as in all
    shipped spaces; else a range that genotypes attain and that may be too narrow.
    """
    return _extremes(program, keep, lambda one: one.params)


def macs_extremes(program: Program, keep: int | None = None) -> Extremes:
    """The fewest and the most multiply-accumulates of a pruned network, for one example."""
    return _extremes(program, keep, lambda one: one.macs)


def _extremes(program: Program, keep: int | None, figure: Callable[[Cost], int]) -> Extremes:
    least, most = (figure(cost(program, extreme(program, keep, figure, sign))) for sign in (1, -1))
    return Extremes(least, most)


def extreme(program: Program, keep: int | None, figure: Callable[[Cost], int], sign: int) -> Chosen:
    """The genotype with the least (`sign` 1) or the most (-1) of a figure."""
    graph = program.network
    prices = {step.node.id: sign * figure(step_cost(graph, step)) for step in walk(graph, Everything())}

    def passed(way: Way, node: GraphNode, option: str) -> Way:
        decided = (node.choice, (option,), way[1]) if option else way[1]
        return way[0] + prices[node.id], decided

    start: Way = (0, None)
    paths = follow(graph, start, passed, _cheaper, _cheapest)
    best = sorted(paths.items(), key=lambda path: path[1][0])[: limits.CALLS]
    ways = (_of_cells(skeleton(program, dict(calls), keep), figure, sign, way) for calls, way in best)
    return _chosen(program, keep, min(ways, key=lambda way: way[0])[1])


def _cheaper(one: Way, other: Way) -> Way:
    return min(one, other, key=lambda way: way[0])


def _cheapest(states: dict[Key, Way], most: int = limits.STATES) -> dict[Key, Way]:
    """The states, or the cheapest of them where they are more than that."""
    if len(states) <= most:
        return states
    return dict(sorted(states.items(), key=lambda item: item[1][0])[:most])


# --- the dynamic program -------------------------------------------------------------------------------

# What was decided so far, newest first: (point, kept labels), and the decisions before it.
Decisions = tuple[str, tuple[str, ...], "Decisions"] | None
Way = tuple[int, Decisions]  # what it costs, times the sign of the extreme that is looked for
Thing = str | Readers  # what can be alive: a choice point, or a group of costs
Key = TypeVar("Key")


def _of_cells(reduced: Skeleton, figure: Callable[[Cost], int], sign: int, network: Way) -> Way:
    """The cheapest way on from one through the network: what the cells decide that it calls."""
    opens = _opens(reduced)
    last = _last_readers(reduced)
    price: dict[Thing, int] = {group: sign * figure(one) for group, one in reduced.costs.items()}

    def enter(alive: frozenset[Thing], total: int, ports: Iterable[Port]) -> tuple[frozenset[Thing], int]:
        new = {thing for port in ports for thing in opens[port]} - alive
        return alive | new, total + sum(price.get(thing, 0) for thing in new)

    alive, total = enter(frozenset(), network[0], [OUTPUT])
    states: dict[frozenset[Thing], Way] = {alive: (total, network[1])}
    steps = limits.STEPS // (len(reduced.points) + 1)
    for id, point in reduced.points.items():
        following: dict[frozenset[Thing], Way] = {}
        states = _cheapest(states, max(1, steps // comb(len(point.labels), point.keep)))
        for alive, (total, decided) in states.items():
            kept = combinations(point.labels, point.keep) if id in alive else [()]
            for labels in islice(kept, steps):
                after, price_after = enter(alive, total, [(id, label) for label in labels])
                key = after - {id} - last[id]
                if key not in following or price_after < following[key][0]:
                    following[key] = (price_after, (id, labels, decided) if labels else decided)
        states = _cheapest(following)
    return min(states.values(), key=lambda way: way[0])


def _opens(reduced: Skeleton) -> dict[Port, frozenset[Thing]]:
    """What a port keeps alive once it is kept itself."""
    opens: dict[Port, set[Thing]] = defaultdict(set)
    for point in reduced.points.values():
        for port in point.readers:
            opens[port].add(point.id)
    for group in reduced.costs:
        for port in group:
            opens[port].add(group)
    return defaultdict(frozenset, {port: frozenset(things) for port, things in opens.items()})


def _last_readers(reduced: Skeleton) -> dict[str, frozenset[Thing]]:
    """For each point the groups of costs that nothing after it reads: they need not be remembered."""
    place = {id: number for number, id in enumerate(["", *reduced.points])}
    last: dict[str, set[Thing]] = defaultdict(set)
    for group in reduced.costs:
        last[max((id for id, _ in group), key=place.__getitem__, default="")].add(group)
    always = last[""]
    return {id: frozenset(last[id] | always) for id in reduced.points}


def _chosen(program: Program, keep: int | None, decided: Decisions) -> Chosen:
    """The decisions as a policy; what no decision needs takes its first options."""
    options = {id: point.remaining[0] for id, point in program.choices.items()}
    sources = {
        id: one.sources[: one.keep if keep is None else min(keep, one.keep)]
        for id, one in program.selections.items()
    }
    while decided is not None:
        id, labels, decided = decided
        if id in sources:
            sources[id] = labels
        else:
            (options[id],) = labels
    return Chosen(options, sources)
