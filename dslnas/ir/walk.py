"""Traverses a program for lowering and cost counts; a policy selects what remains at choice points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from .genotype import Genotype
from .graph import Graph, GraphNode, Program
from .names import edge_id, node_id
from .primitives import REGISTRY
from .primitives.registry import Cost


class Policy(Protocol):
    """A policy: decides which inputs of a mix or of a sum remain."""

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        """The ports that remain, in order."""
        ...


class Everything:
    """The policy of a supernet: every option and every edge remains."""

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        """All ports."""
        return tuple(range(len(node.labels)))


@dataclass(frozen=True)
class Chosen:
    """The policy of a genotype: one option of each choice point, the kept edges of each node.

    options: the option of each choice point that keeps one. sources: the kept sources of each selection.
    several: the options of each edge that keeps more than one, which are summed.
    """

    options: Mapping[str, str]
    sources: Mapping[str, tuple[str, ...]]
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, genotype: Genotype) -> Self:
        """The policy of a genotype."""
        options = dict(genotype.choices)
        sources: dict[str, tuple[str, ...]] = {}
        several: dict[str, tuple[str, ...]] = {}
        for cell in genotype.cells:
            for node in cell.nodes:
                sources[node_id(cell.name, node.name)] = tuple(node.operations)
                for source, operations in node.operations.items():
                    edge = edge_id(cell.name, node.name, source)
                    if len(operations) > 1:
                        several[edge] = operations
                    else:
                        (options[edge],) = operations
        return cls(options, sources, several)

    def taken(self, choice: str) -> tuple[str, ...]:
        """The options of a choice point that remain."""
        return self.several[choice] if choice in self.several else (self.options[choice],)

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        """The ports of the chosen options, or those of the kept edges."""
        if node.kind == "mix":
            taken = self.taken(node.choice)
            return tuple(sorted(node.labels.index(option) for option in taken))
        return tuple(port for port, source in enumerate(node.labels) if source in self.sources[node.choice])


@dataclass(frozen=True)
class Path:
    """The policy of a path: one option of every choice point, and all edges.

    A supernet that samples options computes such a path. The networks with dead edges whose parameters tables
    3 to 5 of the ForceDARTS paper count are of this kind too: each edge has its strongest option.
    """

    options: Mapping[str, str]

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        """The port of the taken option, or all edges."""
        if node.kind == "sum":
            return tuple(range(len(node.labels)))
        return (node.labels.index(self.options[node.choice]),)


@dataclass(frozen=True)
class Step:
    """One node of the lowered network, with the ids that it reads and their ports, as far as they remain."""

    node: GraphNode
    inputs: tuple[str, ...]
    ports: tuple[int, ...]

    @property
    def hands_on(self) -> bool:
        """Whether in evaluation its value is the single one that it reads."""
        if self.node.kind == "primitive":
            return REGISTRY[self.node.primitive].training_only
        return self.node.kind == "output" or (self.node.kind in ("mix", "sum") and len(self.inputs) == 1)


def walk(graph: Graph, policy: Policy, also: Iterable[str] = ()) -> list[Step]:
    """The nodes that the output depends on under a policy, in topological order.

    also: the ids of further nodes that are wanted, with those that they depend on.
    """
    wanted: dict[str, Step] = {}
    frontier = [graph.output.id, *also]
    while frontier:
        id = frontier.pop()
        if id in wanted:
            continue
        node, inputs = graph[id], tuple(graph.inputs(id))
        if node.kind in ("mix", "sum"):
            ports = policy.kept(node)
            inputs = tuple(inputs[port] for port in ports)
        else:
            ports = tuple(range(len(inputs)))
        wanted[id] = Step(node, inputs, ports)
        frontier += inputs
    return [wanted[id] for id in graph.ids() if id in wanted]


def step_cost(graph: Graph, step: Step) -> Cost:
    """Parameters, and multiply-accumulates for one example, of one step; 0 unless it is a primitive."""
    if step.node.kind != "primitive":
        return Cost()
    inputs = tuple(graph[source].type for source in step.inputs)
    return REGISTRY[step.node.primitive].cost(inputs, step.node.type, dict(step.node.attributes))


def cost(program: Program, policy: Policy) -> Cost:
    """Parameters, and multiply-accumulates for one example, of a program under a policy."""
    by_cell = {name: _total(_costs(graph, policy)) for name, graph in program.cells.items()}
    calls = (by_cell[s.node.cell] for s in walk(program.network, policy) if s.node.kind == "call")
    return _total([*_costs(program.network, policy), *calls])


def _costs(graph: Graph, policy: Policy) -> Iterator[Cost]:
    return (step_cost(graph, step) for step in walk(graph, policy))


def _total(costs: Iterator[Cost] | list[Cost]) -> Cost:
    params = macs = 0
    for one in costs:
        params, macs = params + one.params, macs + one.macs
    return Cost(params, macs)
