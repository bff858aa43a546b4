"""What values and choice points are called, as data; the ids in files and messages are made of it here.

Ids are labels: they are put together in this module, and nothing takes them apart again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..base.diagnostics import Decision


def node_id(cell: str, node: str) -> str:
    """The id of what is decided at a node of a kind of cell: `normal/n1`."""
    return f"{cell}/{node}"


def edge_name(node: str, source: str) -> str:
    """What an edge is called in its cell: `n1<-a`."""
    return f"{node}<-{source}"


def edge_id(cell: str, node: str, source: str) -> str:
    """The id of the choice point that is all of an edge: `normal/n1<-a`."""
    return f"{cell}/{edge_name(node, source)}"


@dataclass(frozen=True)
class Site:
    """Where in its graph a value is made.

    node, source: of the edge that it is on; let: the `let` that it is in; a value is in one of both, or in
    neither. point, option: the innermost choice point and the option of it that the value belongs to.
    """

    node: str = ""
    source: str = ""
    let: str = ""
    point: PointName | None = None
    option: str = ""

    @cached_property
    def options(self) -> tuple[tuple[PointName, str], ...]:
        """The choice points around with the option of each that the value belongs to, outermost first."""
        return () if self.point is None else (*self.point.site.options, (self.point, self.option))

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names of all around, outermost first: the edge or the `let`, choice points and options."""
        if self.point is not None:
            return (*self.point.path, self.option)
        return (edge_name(self.node, self.source),) if self.node else (self.let,) if self.let else ()


NOWHERE = Site()  # beside all edges, `let`s and options


@dataclass(frozen=True)
class PointName:
    """What a choice point is called, or a node of a cell at which edges are kept.

    owner: the kind of cell that it is in, or `network`, or `input` of a front end. site: what is around it.
    name: its own name there; empty where it is the choice that an edge ends with. stem: the name without
    number: of the operation whose arguments are searched, or `choose`, or what is chosen.
    """

    owner: str
    name: str
    stem: str = ""
    site: Site = NOWHERE

    @cached_property
    def id(self) -> str:
        return f"{self.owner}/{self.label}"

    @property
    def is_edge(self) -> bool:
        """Whether the choice is all of an edge."""
        return not self.name

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names of all around and its own, outermost first."""
        return (*self.site.path, self.name) if self.name else self.site.path

    @cached_property
    def label(self) -> str:
        """What it is called in its owner."""
        return "/".join(self.path)

    def taking(self, option: str) -> Site:
        """The site of what an option computes."""
        return Site(self.site.node, self.site.source, self.site.let, self, option)

    def decision(self, *taken: str) -> Decision:
        """What a message says of it: which of its options or sources are taken."""
        node, source = self.site.node, self.site.source
        edge = (node_id(self.owner, node), source) if node else None
        return Decision(self.id, taken, self.path[-1], edge, tuple(one.id for one, _ in self.site.options))


def value_id(name: str, site: Site, variant: tuple[tuple[PointName, str], ...] = ()) -> str:
    """The id of a value in its graph: `n1<-a/sep_conv/conv_1`, `conv_1 [depth_1: 2]`.

    variant: the choice points whose options the network goes on in several ways for, and the options taken.
    """
    id = "/".join((*site.path, name) if name else site.path)
    return f"{id} [{', '.join(f'{one.label}: {option}' for one, option in variant)}]" if variant else id
