"""Simulation of a training pass: which tensors live when, and the peak of their bytes.

The instructions are those of `ir/schedule.py`, in their order. A value lives while a later instruction reads
it or a recorded application saves it for its backward pass. The backward pass goes through the tape in
reverse: an application turns the gradient of its output into gradients of its inputs, gradients of one value
are summed in place, and what the application saved is freed. A recomputed cell (`passes/recompute.py`) saves
its inputs; the backward pass records it when it gets there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...ir.graph import Graph, GraphNode, Program
from ...ir.primitives import REGISTRY
from ...ir.primitives.registry import Saved
from ...ir.schedule import Instruction, instructions
from ...ir.tensortype import TensorType
from ...ir.walk import Everything, Policy, Step, step_cost, walk

Leaves = Literal["architecture", "weights", "both"]
INDEX, MASTER = 8, 4  # bytes of a position, and of a weight whatever the precision


@dataclass(frozen=True, eq=False)
class Value:
    """A simulated tensor: its bytes.

    recorded: whether autograd tracks it. asked: whether this backward pass forms its gradient.
    """

    size: int
    recorded: bool = False
    asked: bool = False


@dataclass(frozen=True)
class Applied:
    """An application on the tape: inputs, output, saved values; bytes of workspace and weight gradients.

    again: the cell that it stands for, where that is recomputed in the backward pass.
    """

    read: tuple[Value, ...]
    made: Value
    kept: tuple[Value, ...]
    workspace: int = 0
    weights: int = 0
    again: Graph | None = None


class Heap:
    """Reference counts of values; the sum of the bytes of live ones, now and at its peak."""

    def __init__(self) -> None:
        self.live = self.peak = 0
        self._holders: Counter[Value] = Counter()

    def hold(self, value: Value) -> Value:
        """Add a reference to a value, and return it."""
        if not self._holders[value]:
            self.live += value.size
            self.peak = max(self.peak, self.live)
        self._holders[value] += 1
        return value

    def drop(self, value: Value) -> None:
        """Remove a reference; without any, the value is freed."""
        self._holders[value] -= 1
        if not self._holders[value]:
            self.live -= value.size

    def touch(self, size: int) -> None:
        """Raise the peak by workspace that is freed at once."""
        self.peak = max(self.peak, self.live + size)


class Tape:
    """One forward and backward pass over a program under a policy, for a batch.

    leaves: whose gradients the backward pass forms. width: bytes of a number. policy: the options kept
    at choices; None: all. mixed: whether they are weighted, as in a supernet, or summed, as in a pruned
    network; None: weighted where all are kept.
    """

    def __init__(
        self,
        program: Program,
        leaves: Leaves,
        batch: int,
        width: int,
        policy: Policy | None = None,
        mixed: bool | None = None,
    ) -> None:
        self.program, self.leaves, self.batch, self.width = program, leaves, batch, width
        self.mixed = policy is None if mixed is None else mixed
        self.policy = policy or Everything()
        self.heap = Heap()
        self.applied: list[Applied] = []
        self.recording = True

    def peak(self) -> int:
        """Bytes at the peak of the pass: activations, gradients and workspace, the weights apart."""
        network = self.program.network
        read = {step.node.id for step in walk(network, self.policy)}
        inputs = [
            self._value(node.type) if node.id in read else Value(0, False, False)
            for node in network.of_kind("input")
        ]
        output = self._graph(network, inputs)
        self._backward(self.applied, {output: self.heap.hold(Value(output.size))})
        return self.heap.peak

    def _value(
        self, type: TensorType, read: Sequence[Value] = (), leaf: bool = False, asked: bool = False
    ) -> Value:
        """The output of an application. leaf: it has weights; asked: their gradients are formed."""
        recorded = leaf or any(value.recorded for value in read)
        return Value(self._bytes(type.numbers), recorded, asked or any(value.asked for value in read))

    def _bytes(self, numbers: int) -> int:
        return numbers * self.batch * self.width

    # --- forward -----------------------------------------------------------------------------------------

    def _graph(self, graph: Graph, inputs: Sequence[Value]) -> Value:
        """Run a graph on values that the caller holds; returns its output, held for the caller."""
        steps = walk(graph, self.policy)
        by_id = {step.node.id: step for step in steps}
        names = [node.id for node in graph if node.kind == "input"]
        values = {name: self.heap.hold(value) for name, value in zip(names, inputs, strict=True)}
        for one in instructions(steps):
            read = [values[source] for source in one.sources]
            values[one.target] = self._run(graph, by_id[one.target], one, read)
            for name in one.last:
                self.heap.drop(values.pop(name))
        output = values.pop("output")
        for value in values.values():
            self.heap.drop(value)
        return output

    def _run(self, graph: Graph, step: Step, one: Instruction, read: list[Value]) -> Value:
        if one.kind == "output" or (len(read) == 1 and one.kind in ("mix", "sum") and not self.mixed):
            return self.heap.hold(read[0])
        if one.kind == "call":
            cell = self.program.cells[step.node.cell]
            return self._unrecorded(cell, read) if one.recompute else self._graph(cell, read)
        if one.kind == "primitive":
            return self._primitive(graph, step, read)
        if one.kind == "dropout":
            return self._dropout(step.node, read)
        if one.kind == "blend":
            return self._blend(step.node, read)
        if one.kind == "target":
            return self.heap.hold(read[0])
        return self._weighted_sum(step.node, read)

    def _unrecorded(self, cell: Graph, read: list[Value]) -> Value:
        """A recomputed cell, which saves its inputs alone, as one application."""
        self.recording = False
        made = self._graph(cell, read)
        self.recording = True
        held = tuple(self.heap.hold(value) for value in read)
        self.applied.append(Applied(tuple(read), made, held, again=cell))
        return made

    def _primitive(self, graph: Graph, step: Step, read: list[Value]) -> Value:
        node, inputs = step.node, tuple(graph[source].type for source in step.inputs)
        weights = step_cost(graph, step).params * MASTER
        asked = weights > 0 and self.leaves != "architecture"
        made = self.heap.hold(self._value(node.type, read, weights > 0, asked))
        kept = REGISTRY[node.primitive].saves(inputs, node.type, dict(node.attributes))
        self._record(read, made, kept, weights if asked else 0)
        return made

    def _dropout(self, node: GraphNode, read: list[Value]) -> Value:
        """Dropout saves the factor of each value; its workspace is a random number and a mask for each."""
        made = self.heap.hold(self._value(node.type, read))
        kept = node.type.numbers
        self.heap.touch(kept * self.batch * (MASTER + 1))
        self._record(read, made, Saved(values=kept), 0)
        return made

    def _weighted_sum(self, node: GraphNode, read: list[Value]) -> Value:
        """A weighted sum saves its inputs, but nothing while the weights of the network are trained."""
        asked = self.leaves != "weights"
        made = self.heap.hold(self._value(node.type, read, asked, asked))
        self._record(read, made, Saved(inputs=asked), 0)
        return made

    def _blend(self, node: GraphNode, read: list[Value]) -> Value:
        """A blend: several weighted sums as one value. They are gathered in a copy, and so are their
        gradients, which are spread over the lanes.
        """
        asked = self.leaves != "weights"
        made = self.heap.hold(self._value(node.type, read, asked, asked))
        attributes = dict(node.attributes)
        lane = node.type.numbers // attributes["targets"]
        spread = sum(lane * len(places) for places in {p.targets for p in attributes["ports"] if p.by_lane})
        self.heap.touch(self._bytes(node.type.numbers))
        self._record(read, made, Saved(inputs=asked, workspace=node.type.numbers + spread), 0)
        return made

    def _record(self, read: list[Value], made: Value, kept: Saved, weights: int) -> None:
        if not (made.recorded and self.recording):
            return
        held = list(read) if kept.inputs else []
        held += [made] if kept.output else []
        held.append(Value(self._bytes(kept.values) + kept.indices * self.batch * INDEX))
        for value in held:
            self.heap.hold(value)
        self.applied.append(Applied(tuple(read), made, tuple(held), self._bytes(kept.workspace), weights))

    # --- backward ----------------------------------------------------------------------------------------

    def _backward(self, applied: Sequence[Applied], gradients: dict[Value, Value]) -> None:
        """The backward pass over a tape; gradients: of each value, as far as they are formed."""
        for one in reversed(applied):
            if one.made not in gradients:
                continue  # no gradient arrives here
            if one.again is not None:
                self._backward_again(one, one.again, gradients)
                continue
            asked = [value for value in one.read if value.asked]
            formed = [self.heap.hold(Value(value.size)) for value in asked]
            self.heap.touch(one.workspace)
            self.heap.hold(Value(one.weights))  # until the optimizer has moved the weights
            for value in (gradients.pop(one.made), *one.kept):
                self.heap.drop(value)
            for value, gradient in zip(asked, formed, strict=True):
                if value in gradients:
                    self.heap.drop(gradient)
                else:
                    gradients[value] = gradient

    def _backward_again(self, one: Applied, cell: Graph, gradients: dict[Value, Value]) -> None:
        """Record a recomputed cell, and do its backward pass."""
        self.applied = []
        made = self._graph(cell, one.read)
        gradients[made] = gradients.pop(one.made)
        self.heap.drop(made)
        self._backward(self.applied, gradients)
        for value in one.kept:
            self.heap.drop(value)
