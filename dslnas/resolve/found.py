"""Choices of a search space that are already decided: by a genotype, or by a setting that names an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.diagnostics import fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.genotype import Genotype, Node
from ..ir.names import edge_id, node_id
from ..parse import syntax


@dataclass(frozen=True)
class Found:
    """The choices that a genotype decides: options by choice point, kept edges by node (`normal/n1`).

    options: several for an edge that keeps several. edges: the node of each choice point that is an edge.
    span: where the genotype is named; places: the text of each choice, node and edge (`normal/n1<-a`) in it.
    """

    options: Mapping[str, tuple[str, ...]]
    nodes: Mapping[str, Node]
    edges: Mapping[str, str]
    span: Span = field(compare=False, repr=False)
    places: Mapping[str, Span] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Listed:
    """A choice that a `with` decides: `network.mb_17.k: 5`; `network.mb.k: 3` for every use of `mb`."""

    path: tuple[str, ...]
    value: syntax.Expr
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """The path as text: `network.mb_17.k`."""
        return ".".join(self.path)


Fix = Found | Listed


def decided_by(genotype: Genotype, owner: str | None, span: Span, places: Mapping[str, Span]) -> Found:
    """The choices that a genotype decides in `owner`, a cell or the `network`; None: in all of the space.

    span: where the genotype is named; places: of each choice, node and edge (`genotype_text.places_of`).
    What it removes at single positions is no choice of the space. Raises DslnasError N0201 if it decides
    nothing in the owner.
    """
    owners = dict.fromkeys(
        [cell.name for cell in genotype.cells if cell.nodes]
        + [names_of(key)[0] for key, _ in genotype.choices]
    )
    if owner is not None and owner not in owners:
        help = did_you_mean(owner, owners) or f"it decides {', '.join(owners) or 'nothing'}"
        raise fail("N0201", f"the genotype decides nothing of `{owner}`", span, help=help)
    nodes: dict[str, Node] = {}
    edges: dict[str, str] = {}
    options: dict[str, tuple[str, ...]] = {}
    for cell in (cell for cell in genotype.cells if owner in (None, cell.name)):
        for node in cell.nodes:
            id = node_id(cell.name, node.name)
            nodes[id] = node
            for source, operations in node.operations.items():
                if all(operations):
                    edges[edge_id(cell.name, node.name, source)] = id
                    options[edge_id(cell.name, node.name, source)] = operations
    options |= {key: (option,) for key, option in genotype.choices if owner in (None, names_of(key)[0])}
    return Found(options, nodes, edges, span, places)


def names_of(key: str) -> tuple[str, ...]:
    """The parts of a choice's key in a genotype: `network`, `mb_1` of `network/mb_1`."""
    return tuple(key.split("/"))
