"""Decisions already made in a space: by a genotype that it uses, and by lines that name an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.diagnostics import fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.genotype import Genotype, Node
from ..parse import syntax


@dataclass(frozen=True)
class Found:
    """What a genotype decides: options by choice point, the kept edges by node (`normal/n1`).

    span: what names the genotype; places: the text of each choice, node and edge (`normal/n1<-a`) in it.
    """

    options: Mapping[str, str]
    nodes: Mapping[str, Node]
    span: Span = field(compare=False, repr=False)
    places: Mapping[str, Span] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Listed:
    """What a line of a `with` decides: `network.mb_17.k: 5`; `network.mb.k: 3` for every use of `mb`."""

    path: tuple[str, ...]
    value: syntax.Expr
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        return ".".join(self.path)


Fix = Found | Listed


def found(genotype: Genotype, owner: str | None, span: Span, places: Mapping[str, Span]) -> Found:
    """What a genotype decides in a cell or in the `network`; in all of the space where `owner` is None.

    span: what names it; places: where its text says each choice, node and edge (`genotype_text.places_of`).
    Raises DslnasError N0201 where the genotype says nothing of the owner.
    """
    nodes = {f"{cell.name}/{node.name}": node for cell in genotype.cells for node in cell.nodes}
    options = {f"{id}<-{e.source}": e.operation for id, node in nodes.items() for e in node.edges}
    options = {id: option for id, option in options.items() if option} | dict(genotype.choices)
    owners = dict.fromkeys(id.partition("/")[0] for id in (*nodes, *options))
    if owner is None:
        return Found(options, nodes, span, places)
    if owner not in owners:
        help = did_you_mean(owner, owners) or f"it decides {', '.join(owners) or 'nothing'}"
        raise fail("N0201", f"the genotype decides nothing of `{owner}`", span, help=help)
    own = f"{owner}/"
    return Found(
        {id: option for id, option in options.items() if id.startswith(own)},
        {id: node for id, node in nodes.items() if id.startswith(own)},
        span,
        places,
    )
