"""Classifies candidate operations: skip, with or without parameters, polynomial order.

The class follows from what an operation computes, never from its name.
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
    """The traits of an operation in one kind of cell.

    skip: it is the identity in some cell of the program; in a cell that halves the size, the same candidate
    is a factorized reduction and still counts as a skip, as in published tables.
    parameters: it has trainable weights. order: its polynomial order.
    """

    skip: bool
    parameters: bool
    order: int

    @property
    def polynomial(self) -> bool:
        """Whether its order is 2 or more."""
        return self.order > 1


@dataclass(frozen=True)
class CellTraits:
    """The traits of a kind of cell.

    reduces: its output has another size than any of its inputs. operations: traits by name.
    """

    reduces: bool
    operations: Mapping[str, Traits]


def traits_of(program: Program) -> dict[str, CellTraits]:
    """The traits of each kind of cell in a program before passes."""
    reduce, operations = reducing(program), _operations(program)
    return {cell: CellTraits(cell in reduce, operations.get(cell, {})) for cell in program.kinds}


def reducing(program: Program) -> frozenset[str]:
    """The kinds of cells whose output somewhere has another size than any of their inputs."""
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
