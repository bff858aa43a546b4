"""What kind of operation a candidate is: a skip, one without parameters, a polynomial. Free of torch.

Told from what the text computes, never from a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..graph import Program
from ..walk import Step, step_cost
from .edge_options import EdgeOption, edge_options
from .polynomial_order import order_of_option


@dataclass(frozen=True)
class Traits:
    """What an operation is in one kind of cell.

    skip: it hands on its input in some cell of the program; where a cell halves the size, the same candidate
    is a factorized reduce and counts as a skip all the same, as published tables count it.
    parameters: it has weights to train. order: its polynomial order; 2 and more is a polynomial.
    """

    skip: bool
    parameters: bool
    order: int

    @property
    def polynomial(self) -> bool:
        return self.order > 1


@dataclass(frozen=True)
class CellTraits:
    """reduces: the cell hands out another size than any of its inputs. operations: by their names."""

    reduces: bool
    operations: Mapping[str, Traits]


def traits_of(program: Program) -> dict[str, CellTraits]:
    """The traits of each kind of cell, of a program as it is built."""
    reduce, operations = reducing(program), _operations(program)
    return {cell: CellTraits(cell in reduce, operations.get(cell, {})) for cell in program.kinds}


def reducing(program: Program) -> frozenset[str]:
    """The kinds of cells that hand out another size than any of their inputs, somewhere in the network."""
    return frozenset(
        graph.kind
        for graph in program.cells.values()
        if graph.output.type.size not in {node.type.size for node in graph.of_kind("input")}
    )


def _operations(program: Program) -> dict[str, dict[str, Traits]]:
    found: dict[str, dict[str, list[EdgeOption]]] = {}
    for option in edge_options(program):
        found.setdefault(option.point.cell, {}).setdefault(option.operation, []).append(option)
    skips = {
        operation
        for cell in found.values()
        for operation, uses in cell.items()
        if any(u.identity for u in uses)
    }
    return {
        cell: {
            operation: Traits(
                operation in skips,
                any(map(_has_parameters, uses)),
                max(order_of_option(program, use) for use in uses),
            )
            for operation, uses in operations.items()
        }
        for cell, operations in found.items()
    }


def _has_parameters(option: EdgeOption) -> bool:
    graph = option.graph
    steps = (Step(node, tuple(graph.inputs(node.id)), ()) for node in option.nodes)
    return any(step_cost(graph, step).params for step in steps)
