"""Narrows a search space: the program without some options of its choice points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..ir.graph import ChoicePoint, Graph, Program

Kept = Mapping[str, Sequence[str]]  # choice point -> the options that it goes on with, in their order


def narrow(program: Program, kept: Kept) -> Program:
    """The program whose choice points offer the kept options alone; those that `kept` lacks offer all.

    Nodes that served the others are gone, and all that stay have the names and weights that they had: its
    genotypes are genotypes of the whole program. So are choice points inside of an option that is gone: they
    stay, with no node that mixes them. Raises KeyError or ValueError where an option is not offered.
    """
    choices = {id: _narrowed(point, kept.get(id, point.options)) for id, point in program.choices.items()}
    cells = {name: _offering(graph, choices) for name, graph in program.cells.items()}
    return replace(program, network=_offering(program.network, choices), cells=cells, choices=choices)


def _narrowed(point: ChoicePoint, options: Sequence[str]) -> ChoicePoint:
    if unknown := set(options) - set(point.options):
        raise ValueError(f"`{point.id}` does not offer `{min(unknown)}`")
    zeros, skips = (tuple(one for one in some if one in options) for some in (point.zeros, point.skips))
    return replace(point, options=tuple(options), zeros=zeros, skips=skips)


def _offering(graph: Graph, choices: Mapping[str, ChoicePoint]) -> Graph:
    """The graph whose mixes have the options of their choice points, without what fed the others alone."""
    result = graph.empty()
    for node in graph:
        sources = graph.inputs(node.id)
        if node.kind == "mix":
            options = choices[node.choice].options
            sources = [sources[node.labels.index(option)] for option in options]
            node = replace(node, labels=options)
        result.add(node, sources)
    alive = result.ancestors(result.output.id) | {result.output.id}
    result.remove([node.id for node in result if node.id not in alive and node.kind != "input"])
    return result
