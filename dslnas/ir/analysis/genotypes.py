"""Makes genotypes of decisions: what remains of each node and of each choice beside the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..genotype import Cell, Edge, Genotype, Node
from ..graph import Program
from ..names import node_id
from ..walk import Chosen

# By selection, what remains of the edges into a node: the position of an edge and an operation on it, in
# order. The operation of an edge without a choice is empty.
Kept = Mapping[str, Sequence[tuple[int, str]]]


def assembled(
    program: Program, kept: Kept, options: Mapping[str, str], space_hash: str, method: str
) -> Genotype:
    """The genotype of what remains of each node, and of the options of the choices that are no whole edge."""
    cells = []
    for kind in program.kinds.values():
        fixed = {node.name: node for node in kind.fixed}
        nodes = []
        for name in kind.nodes:
            if name in fixed:
                nodes.append(fixed[name])
                continue
            selection = program.selections[node_id(kind.name, name)]
            edges = tuple(Edge(selection.sources[place], option) for place, option in kept[selection.id])
            nodes.append(Node(name, edges))
        cells.append(Cell(kind.name, kind.inputs, tuple(nodes), kind.output))
    return Genotype(program.space, space_hash, method, tuple(cells), tuple(options.items()))


def genotype_of(program: Program, chosen: Chosen, space_hash: str, method: str) -> Genotype:
    """The genotype whose policy is the given one."""
    kept = {
        id: [
            (place, option)
            for place, (source, edge) in enumerate(zip(one.sources, one.edges, strict=True))
            if source in chosen.sources[id]
            for option in (chosen.taken(edge) if edge else ("",))
        ]
        for id, one in program.selections.items()
    }
    options = {id: chosen.options[id] for id, point in program.choices.items() if not point.node}
    return assembled(program, kept, options, space_hash, method)
