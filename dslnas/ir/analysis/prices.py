"""What a network costs, without building it: parameters, multiply-accumulates, memory of activations.

Memory is the peak, over the steps of the forward pass, of the values that are held for one example. It counts
what the network itself asks for, whatever runs it:

* a value counts from the step that makes it to the last that reads it; while a step runs, its inputs, its
  output and all values that are still to be read are held. The input of the network is such a value.
* a value takes 4 bytes a number (float32); a complex number is two numbers.
* the values inside of a cell come on top of those around it; the inputs of a cell are held until it is done.
* nothing is computed in place: an activation and what it reads are two values. A choice of one option, a sum
  of one edge, or a dropout makes none: it hands on what it reads.
* weights, statistics, the code and what a kernel needs while it runs (a padded or unfolded input, a partial
  sum) count nothing, nor does the front end that makes the features.

So it bounds from below what an interpreter with its own plan of buffers needs for the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph import Graph, GraphNode, Program
from ..primitives.registry import Cost
from ..walk import Policy, Step, step_cost, walk

NUMBER = 4  # bytes of a number in float32


@dataclass(frozen=True)
class Prices:
    """What a network costs. macs: multiply-accumulates for one example. memory: bytes, the peak of the
    activations of one example.
    """

    params: int
    macs: int
    memory: int


def prices(program: Program, policy: Policy) -> Prices:
    """The prices of one network; of many of one program, `Pricing` gives them faster."""
    return Pricing(program).prices(policy)


class Pricing:
    """The prices of the networks of one program. What a node costs is worked out once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._costs: dict[str, dict[str, Cost]] = {graph.name: {} for graph in program.graphs()}
        self._sizes: dict[str, dict[str, int]] = {graph.name: {} for graph in program.graphs()}

    def prices(self, policy: Policy) -> Prices:
        """The prices of the network that a policy leaves of the program."""
        cells: dict[str, Prices] = {}
        steps = walk(self.program.network, policy)
        for name in {step.node.cell for step in steps if step.node.kind == "call"}:
            cell = self.program.cells[name]
            cells[name] = self._graph(cell, walk(cell, policy), {})
        return self._graph(self.program.network, steps, cells)

    def _graph(self, graph: Graph, steps: Sequence[Step], cells: dict[str, Prices]) -> Prices:
        """The prices of a graph that calls `cells`; the inputs of a cell are held outside of it."""
        params = macs = held = peak = 0
        values, last = _values(steps)
        sizes = {id: self._size(graph, step.node) for step in steps if values[id := step.node.id] == id}
        inside = graph is not self.program.network
        sizes |= {step.node.id: 0 for step in steps if step.node.kind == "input" and inside}
        for place, step in enumerate(steps):
            node, working = step.node, 0
            if node.kind == "primitive":
                one = self._cost(graph, step)
                params, macs = params + one.params, macs + one.macs
            elif node.kind == "call":
                called = cells[node.cell]
                params, macs = params + called.params, macs + called.macs
                working = called.memory
            held += sizes.get(node.id, 0)
            # What a cell holds at its peak has its output among it, or less than that.
            peak = max(peak, held, held - sizes.get(node.id, 0) + working)
            read = {values[source] for source in step.inputs}
            held -= sum(sizes[value] for value in read if last[value] == place)
        return Prices(params, macs, peak)

    def _cost(self, graph: Graph, step: Step) -> Cost:
        known = self._costs[graph.name]
        if step.node.id not in known:
            known[step.node.id] = step_cost(graph, step)
        return known[step.node.id]

    def _size(self, graph: Graph, node: GraphNode) -> int:
        known = self._sizes[graph.name]
        if node.id not in known:
            known[node.id] = NUMBER * node.type.numbers
        return known[node.id]


def _values(steps: Sequence[Step]) -> tuple[dict[str, str], dict[str, int]]:
    """By node the node that makes its value, itself or one that it hands on; by value its last reader."""
    values: dict[str, str] = {}
    last: dict[str, int] = {}
    for place, step in enumerate(steps):
        node = step.node
        for source in step.inputs:
            last[values[source]] = place
        values[node.id] = values[step.inputs[0]] if step.hands_on else node.id
    return values, last
