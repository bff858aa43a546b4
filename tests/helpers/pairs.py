"""Genotypes in which several operations may join the same two nodes, by a reference of a few lines."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from dslnas.ir.genotype import Cell, Edge, Genotype, Node
from dslnas.ir.graph import Program


def genotype_of_pairs(program: Program, seed: int) -> Genotype:
    """Each node keeps pairs of a source and an operation as chance has it, often two of one source."""
    chance = random.Random(seed)
    cells = []
    for kind in program.kinds.values():
        nodes = []
        for name in kind.nodes:
            selection = program.selections[f"{kind.name}/{name}"]
            sources = chance.sample(selection.sources, chance.randint(1, min(2, len(selection.sources))))
            pairs = [
                Edge(source, option)
                for source, choice in zip(selection.sources, selection.edges, strict=True)
                if source in sources
                for option in (program.choices[choice].remaining if choice else ("",))
            ]
            kept = chance.sample(pairs, min(selection.keep, len(pairs)))
            nodes.append(Node(name, tuple(edge for edge in pairs if edge in kept)))
        cells.append(Cell(kind.name, kind.inputs, tuple(nodes), kind.output))
    free = {id: chance.choice(point.remaining) for id, point in program.choices.items() if not point.node}
    return Genotype(program.space, "sha256:0", "gdas", tuple(cells), tuple(free.items()))


def joins_twice(genotype: Genotype) -> bool:
    """Whether several operations join the same two nodes."""
    return any(len(node.operations) < len(node.edges) for cell in genotype.cells for node in cell.nodes)


def hot(program: Program, genotype: Genotype) -> dict[str, Tensor]:
    """The mixed weights that are 1 at what a genotype keeps and 0 elsewhere; dropped edges have any."""
    weights = {id: torch.zeros(len(point.options)).double() for id, point in program.choices.items()}
    weights |= {id: torch.zeros(len(one.sources)).double() for id, one in program.selections.items()}
    for cell in genotype.cells:
        for node in cell.nodes:
            selection = program.selections[f"{cell.name}/{node.name}"]
            for edge in node.edges:
                place = selection.sources.index(edge.source)
                choice = selection.edges[place]
                weights[selection.id][place] = 1.0
                weights[choice][program.choices[choice].options.index(edge.operation)] = 1.0
    for id, option in genotype.choices:
        weights[id][program.choices[id].options.index(option)] = 1.0
    return weights


def drawn_weights(program: Program, seed: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Weights of the options of every choice point, and of the edges of every node, between 0 and 1."""
    chance = random.Random(seed)
    alpha = {id: [chance.random() for _ in point.options] for id, point in program.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in program.selections.items()}
    return alpha, gamma


def sorted_pairs(
    program: Program, node: str, alpha: Mapping[str, Sequence[float]], gamma: Mapping[str, Sequence[float]]
) -> list[tuple[float, str, str]]:
    """All pairs of an edge into a node and an operation that is no zero, the heaviest first."""
    selection = program.selections[node]
    return sorted(
        (
            (gamma[node][place] * weight, source, option)
            for place, source in enumerate(selection.sources)
            for option, weight in zip(
                program.choices[selection.edges[place]].options, alpha[selection.edges[place]], strict=True
            )
            if option not in program.choices[selection.edges[place]].zeros
        ),
        reverse=True,
    )
