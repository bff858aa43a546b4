"""The extent of a space: its number of genotypes, and the costs of its smallest and largest networks.

Costs add up over the nodes that a genotype keeps alive. The paths through the network (`network_paths.py`)
determine which cells are called. In cells, a node that several edges read (an adapter, an intermediate node)
counts once. So cells are reduced to their choice points, to what keeps each of them alive, and to groups of
costs with the same readers (`liveness.py`); a dynamic program over the choice points, from the output
backwards, finds the extremes without enumerating genotypes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, islice
from math import prod
from typing import TypeVar

from ...base import limits
from ...base.diagnostics import fail
from ..graph import CellKind, GraphNode, Keep, Program, Selection
from ..primitives.registry import Cost
from ..walk import Chosen, Everything, cost, step_cost, walk
from .isomorphism import Place, classes
from .liveness import AS_THE_SPACE, OUTPUT, Point, Port, Readers, Skeleton, pairs_of, skeleton
from .network_paths import State, follow


@dataclass(frozen=True)
class Extremes:
    """The smallest and the largest value over all genotypes; both are attained."""

    least: int
    most: int


def size(program: Program, keep: Keep = AS_THE_SPACE) -> int:
    """The number of genotypes: the kept edges of every node and their candidates, times all other choices.

    A choice counts if something reads it: inside of a candidate if that is chosen, in a cell if it is called.
    keep: what the method keeps of the edges into a node.
    """
    return architectures(program, cell_sizes(program, keep))


def architectures(program: Program, of_cells: Mapping[str, int]) -> int:
    """The number of ways to decide the network and, for each, the cells that it calls.

    of_cells: the number of ways to decide each kind of cell.
    """
    paths = follow(program.network, 1, lambda count, node, option: count, int.__add__, _uncountable)
    kinds = {calls: {program.cells[name].kind for name, _ in calls} for calls in paths}
    return sum(count * prod(of_cells[kind] for kind in kinds[calls]) for calls, count in paths.items())


def _uncountable(states: dict[State, int]) -> dict[State, int]:
    message = "the choices of the network depend on each other in too many ways to be counted"
    raise fail("N0401", message, help="let fewer choices offer what other choices hand out")


def cell_sizes(program: Program, keep: Keep = AS_THE_SPACE) -> dict[str, int]:
    """The number of genotypes of each kind of cell alone."""
    counts = _Counts(program, keep)
    return {kind: counts.of_kind(kind) for kind in program.kinds}


def cell_classes(program: Program, keep: Keep = AS_THE_SPACE) -> dict[str, int | str]:
    """The number of genotypes of each kind of cell up to isomorphism, or the reason why it is unknown."""
    counts = _Counts(program, keep)
    return {name: _classes(program, counts, kind, keep) for name, kind in program.kinds.items()}


def _classes(program: Program, counts: _Counts, kind: CellKind, keep: Keep) -> int | str:
    selections = [s for s in program.selections.values() if s.cell == kind.name]
    if len(selections) != len(kind.nodes):
        return "some of its nodes are fixed" if selections else 1
    if any(s.sources != (*kind.inputs, *kind.nodes[:n]) for n, s in enumerate(selections)):
        return "a node does not see all nodes before it"
    edges = {
        (counts.options(s, source), counts.decided(s.id, source)) for s in selections for source in s.sources
    }
    if len(edges) > 1:
        return "its edges do not all choose from the same"
    ((options, ways),) = edges or {((), 1)}
    if keep.pairs and options and ways != len(options):
        return "a node may keep several operations of an edge, and these have choices of their own"
    kept = [counts.points[s.id].keep for s in selections]
    if keep.fewer and len(set(kept)) > 1:
        return "its nodes keep different numbers of edges, or fewer"
    places = tuple(
        Place(count, s.node in kind.output, fewer=keep.fewer)
        for count, s in zip(kept, selections, strict=True)
    )
    found = classes(len(kind.inputs), places, ways, pairs=keep.pairs and bool(options))
    return "it has too many nodes" if found is None else found * counts.beside_nodes(kind.name)


class _Counts:
    """Counts the ways to decide the choice points of cells; points inside of an option count with it."""

    def __init__(self, program: Program, keep: Keep) -> None:
        self.program = program
        self.points = skeleton(program, dict.fromkeys(program.cells, 1), keep).points
        self._outermost: list[Point] = []
        self._inside: dict[Port, list[Point]] = defaultdict(list)
        for point in self.points.values():
            nested = not point.is_sum and len(point.readers) == 1 and OUTPUT not in point.readers
            (self._inside[next(iter(point.readers))] if nested else self._outermost).append(point)

    def of_kind(self, kind: str) -> int:
        return prod(self.of(point) for point in self._outermost if point.cell == kind)

    def beside_nodes(self, kind: str) -> int:
        """The number of ways to decide what is neither a node nor an edge, such as a choice in the output."""
        return prod(self.of(one) for one in self._outermost if one.cell == kind and not one.is_sum)

    def of(self, point: Point) -> int:
        sums = _symmetric((self.through(point.id, label) for label in point.labels), point.keep)
        return sum(sums[point.fewest :])

    def through(self, point: str, label: str) -> int:
        """The number of ways to decide the points inside of an option or source, once it is kept."""
        return prod(self.of(inner) for inner in self._inside[point, label])

    def decided(self, point: str, source: str) -> int:
        """The number of ways to decide one edge into a node, once it is kept."""
        pairs = self.points[point].pairs
        own = [self.through(point, label) for label, pair in pairs.items() if pair.source == source]
        return sum(own) if own else self.through(point, source)

    def options(self, selection: Selection, source: str) -> tuple[str, ...]:
        """The options of an edge; none for an edge without a choice."""
        edge = selection.edges[selection.sources.index(source)]
        return self.program.choices[edge].remaining if edge in self.program.choices else ()


def _symmetric(values: Iterable[int], degree: int) -> list[int]:
    """The elementary symmetric polynomials to a degree: sums of products over all subsets of 0 .. `degree`
    values.
    """
    sums = [1, *[0] * degree]
    for value in values:
        for taken in range(degree, 0, -1):
            sums[taken] += value * sums[taken - 1]
    return sums


def params_extremes(program: Program, keep: Keep = AS_THE_SPACE) -> Extremes:
    """The smallest and the largest number of parameters of a pruned network.

    Exact if the states of a cell fit `limits.STATES` and the ways to call cells `limits.CALLS`, as in all
    shipped spaces; else genotypes attain both ends, but the range may be too narrow.
    """
    return _extremes(program, keep, lambda one: one.params)


def macs_extremes(program: Program, keep: Keep = AS_THE_SPACE) -> Extremes:
    """The smallest and the largest number of multiply-accumulates of a pruned network for one example."""
    return _extremes(program, keep, lambda one: one.macs)


def _extremes(program: Program, keep: Keep, figure: Callable[[Cost], int]) -> Extremes:
    least, most = (figure(cost(program, extreme(program, keep, figure, sign))) for sign in (1, -1))
    return Extremes(least, most)


def extreme(program: Program, keep: Keep, figure: Callable[[Cost], int], sign: int) -> Chosen:
    """The genotype that minimizes (`sign` 1) or maximizes (-1) a cost figure."""
    return proven_extreme(program, keep, figure, sign)[0]


def proven_extreme(
    program: Program, keep: Keep, figure: Callable[[Cost], int], sign: int
) -> tuple[Chosen, bool]:
    """As `extreme`, and whether no genotype goes beyond it: not proven where states were left out."""
    graph, crowd = program.network, _Crowd()
    prices = {step.node.id: sign * figure(step_cost(graph, step)) for step in walk(graph, Everything())}

    def passed(way: Way, node: GraphNode, option: str) -> Way:
        decided = (node.choice, (option,), way[1]) if option else way[1]
        return way[0] + prices[node.id], decided

    start: Way = (0, None)
    paths = crowd.cheapest(follow(graph, start, passed, _cheaper, crowd.cheapest), limits.CALLS)
    best = sorted(paths.items(), key=lambda path: path[1][0])
    ways = [_of_cells(skeleton(program, dict(calls), keep), figure, sign, way, crowd) for calls, way in best]
    return _chosen(program, keep, min(ways, key=lambda way: way[0])[1]), not crowd.dropped


def _cheaper(one: Way, other: Way) -> Way:
    return min(one, other, key=lambda way: way[0])


class _Crowd:
    """Leaves out states where there are too many. dropped: whether it did."""

    def __init__(self) -> None:
        self.dropped = False

    def cheapest(self, states: dict[Key, Way], most: int = limits.STATES) -> dict[Key, Way]:
        """The states, or the `most` cheapest of them."""
        if len(states) <= most:
            return states
        self.dropped = True
        return dict(sorted(states.items(), key=lambda item: item[1][0])[:most])


# --- the dynamic program -------------------------------------------------------------------------------

# A linked list of decisions, newest first: point, kept labels, earlier decisions.
Decisions = tuple[str, tuple[str, ...], "Decisions"] | None
Way = tuple[int, Decisions]  # cost times the sign of the extreme, and the decisions
Thing = str | Readers  # that can be alive: a choice point, or a group of costs
Key = TypeVar("Key")


def _of_cells(
    reduced: Skeleton, figure: Callable[[Cost], int], sign: int, network: Way, crowd: _Crowd
) -> Way:
    """The cheapest continuation of a way through the network by decisions in the cells that it calls."""
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
        states = crowd.cheapest(states, max(1, steps // point.ways))
        crowd.dropped |= point.ways > steps
        for alive, (total, decided) in states.items():
            kept = _subsets(point) if id in alive else iter([()])
            for labels in islice(kept, steps):
                after, price_after = enter(alive, total, point.opened(labels))
                key = after - {id} - last[id]
                if key not in following or price_after < following[key][0]:
                    following[key] = (price_after, (id, labels, decided) if labels else decided)
        states = crowd.cheapest(following)
    return min(states.values(), key=lambda way: way[0])


def _subsets(point: Point) -> Iterator[tuple[str, ...]]:
    """All sets of labels that a point may keep."""
    counts = range(point.fewest, point.keep + 1)
    return chain.from_iterable(combinations(point.labels, count) for count in counts)


def _opens(reduced: Skeleton) -> dict[Port, frozenset[Thing]]:
    """For each port the points and groups of costs that are alive if it is kept."""
    opens: dict[Port, set[Thing]] = defaultdict(set)
    for point in reduced.points.values():
        for port in point.readers:
            opens[port].add(point.id)
    for group in reduced.costs:
        for port in group:
            opens[port].add(group)
    return defaultdict(frozenset, {port: frozenset(things) for port, things in opens.items()})


def _last_readers(reduced: Skeleton) -> dict[str, frozenset[Thing]]:
    """For each point the groups of costs whose last reader it is: states after it can drop them."""
    place = {id: number for number, id in enumerate(["", *reduced.points])}
    last: dict[str, set[Thing]] = defaultdict(set)
    for group in reduced.costs:
        last[max((id for id, _ in group), key=place.__getitem__, default="")].add(group)
    always = last[""]
    return {id: frozenset(last[id] | always) for id in reduced.points}


def _chosen(program: Program, keep: Keep, decided: Decisions) -> Chosen:
    """The decisions as a policy; undecided points take their first options."""
    options = {id: point.remaining[0] for id, point in program.choices.items()}
    sources = {id: one.sources[: keep.of(one)] for id, one in program.selections.items()}
    several: dict[str, tuple[str, ...]] = {}
    while decided is not None:
        id, labels, decided = decided
        if id not in sources:
            (options[id],) = labels
            continue
        pairs = pairs_of(program, program.selections[id]) if keep.pairs else {}
        kept = [pairs[label] for label in labels if label in pairs]
        named = {pair.source for pair in kept} | {label for label in labels if label not in pairs}
        sources[id] = tuple(source for source in program.selections[id].sources if source in named)
        for choice in dict.fromkeys(pair.choice for pair in kept):
            several[choice] = tuple(pair.option for pair in kept if pair.choice == choice)
    options |= {choice: taken[0] for choice, taken in several.items() if len(taken) == 1}
    several = {choice: taken for choice, taken in several.items() if len(taken) > 1}
    return Chosen({id: one for id, one in options.items() if id not in several}, sources, several)
