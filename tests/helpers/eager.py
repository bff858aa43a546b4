"""One architecture of a space on zeros: its network and cells over `eager_dataflow.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from eager_dataflow import Dataflow, Edge, Env, Fails, Run, at
from eager_primitives import alike
from torch import Tensor

from dslnas.base.source import Span
from dslnas.parse import syntax
from dslnas.parse.walking import names_in
from dslnas.resolve.definitions import CellDefinition


def evaluate_architecture(run: Run, x: Tensor) -> Tensor:
    """The output of an architecture for an input; raises Fails."""
    return Network(run, "network", "").run(x)


class Network(Dataflow):
    """The network, in which cells are stages that read the last outputs."""

    def run(self, x: Tensor) -> Tensor:
        self.history: list[Tensor] = []
        channels = self.here.parameters.get("channels", 1)
        given = {"classes": self.here.classes, "stride": 1, "C": channels, "input": self.made("input", x)}
        self.env = {**self.here.parameters, **given}
        block, ends = self.here.space.network, dict[str, tuple[list[Tensor], Any]]()
        for let in block.lets:
            self.begin(let.value, ends, channels)
            self.env[let.name] = self.value(let.value, self.env)
            ends[let.name] = list(self.history), self.env["C"]
        self.begin(block.value, ends, channels)
        output = self.made("output", self.value(block.value, self.env))
        if output.is_complex() or output.shape[1:] != (self.here.classes,):
            last = block.value.stages[-1] if isinstance(block.value, syntax.Pipe) else block.value
            raise Fails(last.span, "the output is no real number for each class")
        return output

    def begin(self, pipe: syntax.Expr, ends: Mapping[str, tuple[list[Tensor], Any]], channels: Any) -> None:
        """What cells read, and `C`, where a pipe begins: as its `let` ended, else anew."""
        first = pipe.value if isinstance(pipe, syntax.Pipe) else pipe
        read = [one for name, one in ends.items() if name in names_in([first])]
        self.history, self.env["C"] = read[-1] if read else ([], channels)
        self.history = list(self.history) if isinstance(first, syntax.Name) else []

    def counted(self, stage: syntax.Expr, x: Tensor, env: Env) -> None:
        history, channels = list(self.history), self.env["C"]
        super().counted(stage, x, env)
        self.history, self.env["C"] = history, channels

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Tensor, env: Env, span: Span
    ) -> Any:
        cell = self.here.space.cells.get(name.name)
        if cell is None:
            return super().call(name, arguments, x, env, span)
        if arguments:
            self.env["C"] = self.decided("channels", self.value(arguments[0].value, env))
        if not self.history or self.history[-1] is not x:
            self.history = [x]
        last = self.history[-len(cell.inputs) :]
        inputs = [last[0]] * (len(cell.inputs) - len(last)) + last
        id = self.fresh(cell.name)
        value = CellRun(self.here, cell.name, id).run(cell, inputs, self.env["C"])
        self.history.append(self.made(id, value.view_as(value)))  # a tensor of its own
        return self.history[-1]


class CellRun(Dataflow):
    """A cell, where the network calls it."""

    def run(self, cell: CellDefinition, inputs: Sequence[Tensor], channels: int) -> Tensor:
        env: dict[str, Any] = {**self.here.parameters, "C": channels, "stride": 1}
        stride = self.value(cell.settings["stride"], env) if "stride" in cell.settings else 1
        arriving: dict[str, tuple[Tensor, int]] = {}  # what edges come from, and their stride
        read = names_in(item.value for item in cell.items if isinstance(item, syntax.Let))
        of_nodes = {item.name for item in cell.items if isinstance(item, syntax.NodeArray)}
        for name, x in zip(cell.inputs, inputs, strict=True):
            env[name] = self.made(name, x)
            if name not in read:
                arriving[name] = x, stride
        for item in cell.items:
            if isinstance(item, syntax.NodeArray):
                env[item.name] = self.nodes(item, arriving, env)
                continue
            with self.inside(item.name):
                env[item.name] = self.value(item.value, env)
            late = not of_nodes.isdisjoint(names_in([item.value]))
            of_nodes |= {item.name} if late else set()
            arriving[item.name] = env[item.name], 1 if late else stride
        return self.made("output", self.value(cell.value, env))

    def nodes(
        self, array: syntax.NodeArray, arriving: dict[str, tuple[Tensor, int]], env: Env
    ) -> tuple[Tensor, ...]:
        values: list[Tensor] = []
        for index in range(1, self.value(array.indices, env).high + 1):
            values.append(self.node(f"{array.name}{index}", array, arriving, env))
            arriving[f"{array.name}{index}"] = values[-1], 1
        return tuple(values)

    def node(
        self, name: str, array: syntax.NodeArray, arriving: Mapping[str, tuple[Tensor, int]], env: Env
    ) -> Tensor:
        assert isinstance(array.value, syntax.Call)
        each = array.value.arguments[0].value
        assert isinstance(each, syntax.Comprehension)
        last = each.value.stages[-1] if isinstance(each.value, syntax.Pipe) else each.value
        edges = []
        for source in self.here.take(f"{self.owner}/{name}", tuple(arriving)):
            x, stride = arriving[source]
            self.edge = Edge(f"{name}<-{source}", last, x)
            with self.inside(self.edge.point):
                value = self.value(each.value, {**env, each.variable: x, "stride": stride})
            halved = tuple(ceil(size / stride) for size in x.shape[2:])
            with at(each.value.span):
                if tuple(value.shape[2:]) == tuple(x.shape[2:]) != halved:
                    raise ValueError(f"the stride of {stride} changes nothing")
            edges.append(value)
            self.edge = None
        with at(array.value.span):
            return self.made(name, alike(*edges))
