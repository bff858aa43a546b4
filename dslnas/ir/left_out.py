"""Networks whose genotype leaves nodes of a cell out: nodes without edges, which nothing reads.

FairDARTS (Chu et al., 2020) keeps the edges whose weights pass a threshold, so that a node may keep none. The
original then leaves it out of the concatenation, with the edges from it: a cell of four nodes of C channels
of which one is left out hands out 3C, and what reads it has so many weights less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..base.diagnostics import fail
from .genotype import Genotype
from .graph import Graph, GraphNode, Program
from .primitives import REGISTRY
from .tensortype import Domain, TensorType


def left_out(genotype: Genotype) -> dict[str, frozenset[str]]:
    """The nodes without edges of each kind of cell that has some."""
    bare = {
        cell.name: frozenset(node.name for node in cell.nodes if not node.edges) for cell in genotype.cells
    }
    return {name: nodes for name, nodes in bare.items() if nodes}


def without_left_out(program: Program, genotype: Genotype) -> Program:
    """The program in which cells have no nodes that the genotype leaves out; itself where there are none.

    Every instance of a cell whose types change has a graph of its own. Raises DslnasError N0502 where
    something other than edges and a concatenation reads such a node.
    """
    removed = left_out(genotype)
    if not removed:
        return program
    cells: dict[str, Graph] = {}
    numbers: dict[str, int] = {}
    made: dict[tuple[str, tuple[TensorType, ...]], str] = {}
    network = program.network.empty()
    for node in program.network:
        sources = program.network.inputs(node.id)
        types = tuple(network[source].type for source in sources)
        if node.kind != "call":
            network.add(replace(node, type=_type(node, types, network.domain)), sources)
            continue
        if (node.cell, types) not in made:
            old = program.cells[node.cell]
            numbers[old.kind] = numbers.get(old.kind, 0) + 1
            own = _retyped(old, numbers[old.kind], types, removed.get(old.kind, frozenset()))
            cells[own.name] = own
            made[node.cell, types] = own.name
        name = made[node.cell, types]
        network.add(replace(node, cell=name, type=cells[name].output.type), sources)
    return replace(program, network=network, cells=cells)


def _retyped(graph: Graph, number: int, inputs: Sequence[TensorType], removed: frozenset[str]) -> Graph:
    """The graph of a cell that is fed other types, without nodes and the edges from them."""
    result = Graph(graph.kind, graph.domain, number)
    fed: Mapping[str, TensorType] = {
        node.id: type for node, type in zip(graph.of_kind("input"), inputs, strict=True)
    }
    gone: set[str] = set()
    for node in graph:
        sources = graph.inputs(node.id)
        ports = [port for port, source in enumerate(sources) if source not in gone]
        joins = node.kind in ("sum", "mix") or node.primitive == "concat"
        if node.id in removed or (sources and not ports):
            gone.add(node.id)
            continue
        if len(ports) < len(sources) and not joins:
            message = (
                f"cell `{graph.kind}` cannot leave out {', '.join(sorted(removed))}: `{node.id}` reads it"
            )
            raise fail("N0502", message, help="give each of its nodes an edge")
        kept = [sources[port] for port in ports]
        type = fed.get(node.id) or _type(node, tuple(result[one].type for one in kept), graph.domain)
        labels = tuple(node.labels[port] for port in ports) if node.labels else ()
        result.add(replace(node, labels=labels, type=type), kept)
    return result


def _type(node: GraphNode, inputs: tuple[TensorType, ...], domain: Domain) -> TensorType:
    """The type of a node that is fed other types than before."""
    if node.kind == "primitive":
        return REGISTRY[node.primitive].type_rule(inputs, dict(node.attributes), domain)
    return inputs[0] if inputs else node.type
