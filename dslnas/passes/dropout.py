"""Dropout on skip connections, so that a search does not lean on them: they help other weights to learn.

P-DARTS (Chen et al., 2019), section 3.3, as its code does it: the output of a skip loses some of its values,
on each edge others, and only where the skip is the identity. The search sets the rate.
"""

from __future__ import annotations

from dataclasses import replace

from ..ir.graph import Graph, GraphNode, Program


def drop_skips(program: Program) -> Program:
    """The program in which the skips of every cell go through a dropout of their own."""
    cells = {name: _dropping(graph, program) for name, graph in program.cells.items()}
    return replace(program, cells=cells)


def _dropping(graph: Graph, program: Program) -> Graph:
    result = graph.empty()
    for node in graph:
        sources = graph.inputs(node.id)
        if node.kind == "mix":
            point = program.choices[node.choice]
            for port, (option, source) in enumerate(zip(node.labels, sources, strict=True)):
                if option in point.skips:
                    site = point.called.taking(option)
                    dropped = GraphNode("dropout", "dropout", node.type, span=node.span, site=site)
                    sources[port] = result.add(dropped, [source])
        result.add(node, sources)
    return result
