"""Paths through a network: a dynamic program over all ways to decide its choices.

A path takes one option at each mix that it meets on its way from the output back to the input; a mix that it
does not meet decides nothing. All paths are followed at once, node by node from the output backwards: paths
that need the same nodes, and have decided the choices yet to come in the same way, are merged. A choice is
yet to come if a mix of it lies before a node that the path needs, and not in the part of another width, which
the path does not take. A path records which cells it calls, but not the choices inside of cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ...base import limits
from ..graph import Graph, GraphNode

Value = TypeVar("Value")
Calls = tuple[tuple[str, int], ...]  # graph of a cell -> how often a path calls it


@dataclass(frozen=True)
class State:
    """The state of paths: nodes still needed, options taken of choices yet to come, calls of cells so far."""

    needed: frozenset[str]
    taken: frozenset[tuple[str, str]] = frozenset()
    calls: Calls = ()

    def only(self, coming: frozenset[str]) -> State:
        """The state without the choices that are not yet to come."""
        taken = frozenset(pair for pair in self.taken if pair[0] in coming)
        return self if len(taken) == len(self.taken) else State(self.needed, taken, self.calls)


def follow(
    network: Graph,
    start: Value,
    passed: Callable[[Value, GraphNode, str], Value],
    met: Callable[[Value, Value], Value],
    crowded: Callable[[dict[State, Value]], dict[State, Value]],
) -> dict[Calls, Value]:
    """The combined value of all paths, by the cells that they call.

    start: the value of a path at the output. passed: its value after one more node, given the option taken if
    that is a mix. met: combines the values of merged paths. crowded: reduces more than
    `limits.STATES` states.
    """
    before = _choices_before(network)
    coming: dict[frozenset[str], frozenset[str]] = {}  # of paths, by the nodes that they need
    states = {State(frozenset((network.output.id,))): start}
    for node in reversed(list(network)):
        inputs = tuple(network.inputs(node.id))
        after: dict[State, Value] = {}
        for state, value in states.items():
            ways = [(state, value)]
            if node.id in state.needed:
                ways = [(way, passed(value, node, option)) for option, way in _ways(node, inputs, state)]
            for way, now in ways:
                if way.needed not in coming:
                    coming[way.needed] = frozenset().union(*(before[id] for id in way.needed))
                following = way.only(coming[way.needed])
                after[following] = met(after[following], now) if following in after else now
        states = after if len(after) <= limits.STATES else crowded(after)
    found: dict[Calls, Value] = {}
    for state, value in states.items():
        found[state.calls] = met(found[state.calls], value) if state.calls in found else value
    return found


def _choices_before(network: Graph) -> dict[str, frozenset[str]]:
    """For each node the choices of the mixes from there back to the input, its own among them."""
    found: dict[str, frozenset[str]] = {}
    for node in network:
        own = {node.choice} if node.kind == "mix" else set()
        found[node.id] = frozenset(own).union(*(found[id] for id in network.inputs(node.id)))
    return found


def _ways(node: GraphNode, inputs: tuple[str, ...], state: State) -> Iterator[tuple[str, State]]:
    """The states after a needed node, with the option taken; at a mix, one state for each possible option."""
    needed = state.needed - {node.id}
    if node.kind != "mix":
        calls = _called(state.calls, node.cell) if node.kind == "call" else state.calls
        yield "", State(needed.union(inputs), state.taken, calls)
        return
    for option, source in zip(node.labels, inputs, strict=True):
        if dict(state.taken).get(node.choice, option) == option:
            yield option, State(needed | {source}, state.taken | {(node.choice, option)}, state.calls)


def _called(calls: Calls, cell: str) -> Calls:
    counts = Counter(dict(calls))
    counts[cell] += 1
    return tuple(sorted(counts.items()))
