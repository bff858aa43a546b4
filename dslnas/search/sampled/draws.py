"""The paths that a batch trains, as a function of the seed and of the step alone.

`fair` is strict fairness (Chu et al., 2019; algorithm 1 of NASC-net), for any space. A choice point takes its
options in turn, in an order drawn at random, and in a new order each time it has been through them. It has a
turn in each path in which something reads it: a choice inside of an option has one where that option is
taken, a choice on an edge of a cell where that edge is kept. A node that keeps k of n edges takes the next k
of an order of its sources. So, over the paths of a batch, an option is taken floor or ceil(turns / options)
times, an edge is kept floor or ceil(k * turns / n) times. There are as many paths as it takes for each option
to be taken once: where all choice points have C options and are always alive, C of them, as in the paper.
Nested choices multiply: six options inside of one of three take eighteen paths. Where that comes to more than
`limits.PATHS`, the paths are those of several batches that follow each other, and fairness holds over them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from ...base import limits
from ...ir.analysis import extent
from ...ir.graph import Graph, GraphNode, Keep, Program
from ...ir.walk import Chosen, Policy, walk
from ...methods.method import Sampling


class Draws:
    """The paths of each batch.

    fair: whether every option has its turn. cycle: the paths after which each has had one, where it is fair;
    paths: how many of them a batch trains; batches: of how many batches they are.
    """

    def __init__(self, program: Program, keep: Keep, sampling: Sampling, seed: int) -> None:
        self.program, self.keep, self.sampling, self.seed = program, keep, sampling, seed
        self.fair = sampling.kind == "fair"
        self._ends: list[Chosen] = []
        if sampling.kind == "sandwich":
            self._ends = [extent.extreme(program, keep, lambda one: one.macs, sign) for sign in (-1, 1)]
        self.cycle = turns_needed(program, keep) if self.fair else len(self._ends) + sampling.paths
        self.batches = -(-self.cycle // limits.PATHS) if self.fair else 1
        self.paths = -(-self.cycle // self.batches)
        self._latest: tuple[int, list[Chosen]] = (-1, [])

    def at(self, step: int) -> list[Chosen]:
        """The paths of the batch of a step, counted from 0."""
        if not self.fair:
            chance = random.Random(f"{self.seed}/paths/{step}")
            drawn = [random_path(self.program, self.keep, chance) for _ in range(self.sampling.paths)]
            return [*self._ends, *drawn]
        number, batch = divmod(step, self.batches)
        if self._latest[0] != number:
            turns = _Turns(self.program, self.keep, f"{self.seed}/paths/{number}")
            self._latest = (number, [turns.next() for _ in range(self.paths * self.batches)])
        return self._latest[1][batch * self.paths : (batch + 1) * self.paths]


def random_path(program: Program, keep: Keep, chance: random.Random) -> Chosen:
    """A path with each decision as likely as another."""
    options = {id: chance.choice(point.remaining) for id, point in program.choices.items()}
    sources = {}
    for id, one in program.selections.items():
        places = sorted(chance.sample(range(len(one.sources)), keep.of(one)))
        sources[id] = tuple(one.sources[place] for place in places)
    return Chosen(options, sources)


# --- turns --------------------------------------------------------------------------------------------------


class _Round:
    """Things that are taken in turn, in a new random order each time that all have been taken."""

    def __init__(self, things: Sequence[str], name: str) -> None:
        self._things, self._chance = tuple(things), random.Random(name)
        self._waiting: list[str] = []

    def take(self, count: int) -> tuple[str, ...]:
        """The next `count` different things, at most all of them, in their own order."""
        taken = self._waiting[:count]
        self._waiting = self._waiting[count:]
        if len(taken) < count:
            order = self._chance.sample(self._things, len(self._things))
            more = [one for one in order if one not in taken][: count - len(taken)]
            self._waiting = [one for one in order if one not in more]
            taken += more
        return tuple(one for one in self._things if one in taken)


class _Turns:
    """Paths in which every choice point and every selection that is alive has its next turn."""

    def __init__(self, program: Program, keep: Keep, name: str) -> None:
        self._program = program
        self._keep = {id: keep.of(one) for id, one in program.selections.items()}
        self._rounds = {id: _Round(p.remaining, f"{name}/{id}") for id, p in program.choices.items()}
        self._rounds |= {id: _Round(s.sources, f"{name}/{id}") for id, s in program.selections.items()}

    def next(self) -> Chosen:
        """The next path; it decides what is alive in it, and nothing else."""
        deciding = _Deciding(self._rounds, self._keep)
        calls = [step.node.cell for step in walk(self._program.network, deciding) if step.node.kind == "call"]
        for cell in dict.fromkeys(calls):
            walk(self._program.cells[cell], deciding)
        return Chosen(deciding.options, deciding.sources)


class _Deciding(Policy):
    """A policy that decides a point when the walk first meets it: so only points that are alive have a
    turn.
    """

    def __init__(self, rounds: Mapping[str, _Round], keep: Mapping[str, int]) -> None:
        self._rounds, self._keep = rounds, keep
        self.options: dict[str, str] = {}
        self.sources: dict[str, tuple[str, ...]] = {}

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        """The ports of what has its turn."""
        id = node.choice
        if node.kind == "mix":
            if id not in self.options:
                (self.options[id],) = self._rounds[id].take(1)
            return (node.labels.index(self.options[id]),)
        if id not in self.sources:
            self.sources[id] = self._rounds[id].take(self._keep[id])
        return tuple(port for port, source in enumerate(node.labels) if source in self.sources[id])


# --- how many turns it takes --------------------------------------------------------------------------------

Port = tuple[str, str]  # a point and one of its options or sources
ALWAYS: Port = ("", "")


@dataclass(frozen=True)
class _Point:
    """What has turns. kept: how many of its labels at once. readers: by point, the labels through which it is
    read; none where it is always alive.
    """

    labels: tuple[str, ...]
    kept: int
    readers: Mapping[str, frozenset[str]]

    def covered(self, labels: Collection[str]) -> bool:
        """Whether one of these labels is kept in any case."""
        return len(labels) > len(self.labels) - self.kept

    def sure(self, turns: int, labels: Collection[str]) -> int:
        """In how many of its turns one of these labels, which are not covered, is kept at least."""
        each, more = divmod(turns * self.kept, len(self.labels))
        kept = len(labels) * each + max(0, more - (len(self.labels) - len(labels)))
        return -(-kept // min(len(labels), self.kept))


def turns_needed(program: Program, keep: Keep) -> int:
    """The number of paths after which every option of a fair draw has been taken, and every edge kept.

    A point that is alive under decisions of several points at once counts as often as the surest of them
    makes it.
    """
    points = _points(program, keep)

    def enough(paths: int) -> bool:
        turns: dict[str, int] = {}
        for id, point in points.items():
            surest = (points[one].sure(turns[one], labels) for one, labels in point.readers.items())
            turns[id] = max(surest, default=paths)
        return all(turns[id] * point.kept >= len(point.labels) for id, point in points.items())

    most = 1
    while not enough(most):
        most *= 2
    least = most // 2  # not enough, or 0
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most


def _points(program: Program, keep: Keep) -> dict[str, _Point]:
    """All points that something reads, each after those that it is read through."""
    readers: dict[str, set[Port]] = defaultdict(set)
    calls: dict[str, set[Port]] = defaultdict(set)
    for node, ports in _read_through(program, program.network, frozenset([ALWAYS])):
        if node.kind == "call":
            calls[node.cell] |= ports
        elif node.choice:
            readers[node.choice] |= ports
    for name, graph in program.cells.items():
        for node, ports in _read_through(program, graph, frozenset(calls[name])):
            if node.choice:
                readers[node.choice] |= ports
    found: dict[str, _Point] = {}
    for id in _in_order({id: ports for id, ports in readers.items() if ports}):
        through = _whole(readers[id], found)
        if id in program.choices:
            found[id] = _Point(program.choices[id].remaining, 1, through)
        else:
            found[id] = _Point(program.selections[id].sources, keep.of(program.selections[id]), through)
    return found


def _whole(ports: Iterable[Port], points: Mapping[str, _Point]) -> dict[str, frozenset[str]]:
    """The labels through which something is read, by point; none where it is read in any case.

    Where one of the labels of a point is kept in any case, what is read is what reads that point.
    """
    by_point: dict[str, set[str]] = defaultdict(set)
    for id, label in ports:
        by_point[id].add(label)
    while covered := [id for id, labels in by_point.items() if id and points[id].covered(labels)]:
        for id in covered:
            del by_point[id]
            for reader, labels in (points[id].readers or {"": frozenset([""])}).items():
                by_point[reader] |= labels
    return {} if "" in by_point else {id: frozenset(labels) for id, labels in by_point.items()}


def _read_through(
    program: Program, graph: Graph, output: frozenset[Port]
) -> Iterable[tuple[GraphNode, frozenset[Port]]]:
    """All nodes, from the output backwards, with the ports that may be kept and through which it is read."""
    found: dict[str, set[Port]] = defaultdict(set)
    for node in reversed(list(graph)):
        ports = output if node.kind == "output" else frozenset(found[node.id])
        remaining = program.choices[node.choice].remaining if node.kind == "mix" else node.labels
        for place, source in enumerate(graph.inputs(node.id) if ports else ()):
            if not node.choice:
                found[source] |= ports
            elif node.labels[place] in remaining:
                found[source].add((node.choice, node.labels[place]))
        yield node, ports


def _in_order(readers: Mapping[str, set[Port]]) -> list[str]:
    order = nx.DiGraph()
    order.add_nodes_from(readers)
    order.add_edges_from((reader, id) for id, ports in readers.items() for reader, _ in ports if reader)
    place = {id: number for number, id in enumerate(readers)}
    return list(nx.lexicographical_topological_sort(order, key=place.__getitem__))
