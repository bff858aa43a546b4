"""The steps of a network whose times make up its latency, each by a text that says all it depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ...ir.graph import Graph, Program
from ...ir.tensortype import TensorType
from ...ir.walk import Everything, Policy, Step, walk


@dataclass(frozen=True)
class Work:
    """One step: a primitive with its attributes and the types that it reads and makes, or `sum` of two."""

    primitive: str
    attributes: tuple[tuple[str, object], ...]
    inputs: tuple[TensorType, ...]
    output: TensorType

    @property
    def text(self) -> str:
        """The step as text, `dwconv(kernel: 3, stride: 1) 16 x 32 x 32`: equal steps have equal texts."""
        given = ", ".join(f"{name}: {value}" for name, value in self.attributes)
        call = f"{self.primitive}({given})" if given else self.primitive
        return f"{call} {', '.join(map(str, self.inputs))}"


SUM = "sum"


class Steps:
    """The steps of the networks of one program. The text of a node is made once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.works: dict[str, Work] = {}  # by text, of all that was asked for
        self._texts: dict[tuple[str, str], str] = {}

    def all(self) -> Mapping[str, Work]:
        """Every step of every network of the program."""
        for graph in self.program.graphs():
            for step in walk(graph, Everything()):
                self._text(graph, step)
        return self.works

    def of(self, policy: Policy) -> Counter[str]:
        """How often a network takes each step; the order is that of its text."""
        found: Counter[str] = Counter()
        self._add(found, self.program.network, policy)
        return found

    def _add(self, found: Counter[str], graph: Graph, policy: Policy) -> None:
        for step in walk(graph, policy):
            node = step.node
            if node.kind == "primitive":
                found[self._text(graph, step)] += 1
            elif node.kind == "call":
                self._add(found, self.program.cells[node.cell], policy)
            elif node.kind in ("mix", "sum") and len(step.inputs) > 1:
                found[self._text(graph, step)] += len(step.inputs) - 1

    def _text(self, graph: Graph, step: Step) -> str:
        """The text of a step that takes time; of others nothing is asked."""
        place = (graph.name, step.node.id)
        if place not in self._texts:
            node = step.node
            if node.kind == "primitive":
                read = tuple(graph[source].type for source in step.inputs)
                work = Work(node.primitive, node.attributes, read, node.type)
            elif node.kind in ("mix", "sum"):
                work = Work(SUM, (), (node.type, node.type), node.type)
            else:
                return ""
            self._texts[place] = work.text
            self.works.setdefault(work.text, work)
        return self._texts[place]
