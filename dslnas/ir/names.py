"""Names of values and choice points as data, and the ids made of them for files and messages.

Ids are opaque labels: only this module composes them, and nothing parses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..base.diagnostics import Decision


def node_id(cell: str, node: str) -> str:
    """The id of a node of a kind of cell: `normal/n1`."""
    return f"{cell}/{node}"


def edge_name(node: str, source: str) -> str:
    """The name of an edge in its cell: `n1<-a`."""
    return f"{node}<-{source}"


def edge_id(cell: str, node: str, source: str) -> str:
    """The id of a choice point that is a whole edge: `normal/n1<-a`."""
    return f"{cell}/{edge_name(node, source)}"


@dataclass(frozen=True)
class Site:
    """The place of a value in its graph.

    node, source: of the edge that contains it; let: the `let` that contains it; at most one of both.
    point, option: the innermost choice point around it and the option to which the value belongs.
    """

    node: str = ""
    source: str = ""
    let: str = ""
    point: PointName | None = None
    option: str = ""

    @cached_property
    def options(self) -> tuple[tuple[PointName, str], ...]:
        """The enclosing choice points, each with the option to which the value belongs, outermost first."""
        return () if self.point is None else (*self.point.site.options, (self.point, self.option))

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names of everything around it, outermost first: edge or `let`, choice points and options."""
        if self.point is not None:
            return (*self.point.path, self.option)
        return (edge_name(self.node, self.source),) if self.node else (self.let,) if self.let else ()


NOWHERE = Site()  # outside of all edges, `let`s and options


@dataclass(frozen=True)
class PointName:
    """The name of a choice point, or of a node of a cell that keeps some of its edges.

    owner: the kind of cell that contains it, or `network`, or `input` of a front end. site: its place there.
    name: unique at its site; empty for the choice that an edge ends with. stem: the name without number: the
    operation whose arguments are searched, or `choose`, or the kind of choice (`depth`).
    """

    owner: str
    name: str
    stem: str = ""
    site: Site = NOWHERE

    @cached_property
    def id(self) -> str:
        """The id in its program: `normal/n1<-a`."""
        return f"{self.owner}/{self.label}"

    @property
    def is_edge(self) -> bool:
        """Whether the choice is a whole edge."""
        return not self.name

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names of everything around it and its own, outermost first."""
        return (*self.site.path, self.name) if self.name else self.site.path

    @cached_property
    def label(self) -> str:
        """Its name within its owner."""
        return "/".join(self.path)

    def taking(self, option: str) -> Site:
        """The site of the values inside of one of its options."""
        return Site(self.site.node, self.site.source, self.site.let, self, option)

    def decision(self, *taken: str) -> Decision:
        """The decision for options or sources that are taken, as it is shown in messages."""
        node, source = self.site.node, self.site.source
        edge = (node_id(self.owner, node), source) if node else None
        return Decision(self.id, taken, self.path[-1], edge, tuple(one.id for one, _ in self.site.options))


def value_id(name: str, site: Site, variant: tuple[tuple[PointName, str], ...] = ()) -> str:
    """The id of a value in its graph: `n1<-a/sep_conv/conv_1`, `conv_1 [depth_1: 2]`.

    variant: the choice points for whose options the network has variants, with the option taken of each.
    """
    id = "/".join((*site.path, name) if name else site.path)
    return f"{id} [{', '.join(f'{one.label}: {option}' for one, option in variant)}]" if variant else id
