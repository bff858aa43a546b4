"""Groups the nodes of a graph by the edge, the `let` or the block of the network that they belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..ir.graph import GraphNode
from ..ir.names import Site
from ..ir.walk import Step
from .naming import identifier


@dataclass(frozen=True)
class Unit:
    """The nodes of one line of a forward pass: a single node, or those of one operation together.

    key: what all its nodes are part of, by name. inputs: what it reads, output: the node whose value it
    returns, both without the nodes that only pass a value on.
    """

    key: str
    steps: tuple[Step, ...]
    inputs: tuple[str, ...]
    output: str

    @property
    def name(self) -> str:
        """Its key as an identifier: of `n1<-a` it is `n1_from_a`."""
        site = self._site
        if not site.node:
            return identifier(self.key)
        path = _path(self.steps[0].node)
        if self.key == "/".join(path[:2]):  # one of several options
            path = path[:2]
        elif len(self.steps) > 1 or self.key == path[0]:
            path = path[:1]
        return identifier("_".join((f"{site.node}_from_{site.source}", *path[1:])))

    @property
    def is_edge(self) -> bool:
        """Whether it is the operation on an edge, `n1<-a`."""
        return bool(self._site.node)

    @property
    def is_let(self) -> bool:
        """Whether it is an intermediate that the space names."""
        return bool(self._site.let)

    @property
    def _site(self) -> Site:
        return self.steps[0].node.site


def is_alias(step: Step) -> bool:
    """Whether a node only passes on the single value that it reads."""
    return step.hands_on


def resolved(id: str, alias: Mapping[str, str]) -> str:
    """The node that computes the value of a node."""
    while id in alias:
        id = alias[id]
    return id


def units_of(steps: Sequence[Step], alias: Mapping[str, str]) -> list[Unit]:
    """The units of a graph, each after those that it reads.

    The nodes of an edge, of a `let` or of the options of one choice are one unit where one value alone leaves
    them. Of an edge that keeps several options, each is a unit of its own, and so is their sum.
    """
    computing = [step for step in steps if step.node.kind != "input" and step.node.id not in alias]
    several = _edges_of_several(computing)
    keys = {step.node.id: _key(step.node, several) for step in computing}
    groups: dict[str, list[Step]] = {}
    for step in computing:
        groups.setdefault(keys[step.node.id], []).append(step)
    read = {step.node.id: [resolved(source, alias) for source in step.inputs] for step in computing}
    output = resolved(next(step.node.id for step in steps if step.node.kind == "output"), alias)
    units = []
    for step in computing:
        group = groups[keys[step.node.id]]
        inside = {one.node.id for one in group}
        others = [source for id, sources in read.items() if id not in inside for source in sources]
        leaving = inside & {*others, output}
        if len(leaving) > 1:
            units.append(_unit(step.node.id, [step], read))
        elif step.node.id in leaving:
            units.append(_unit(keys[step.node.id], group, read))
    return units


def _edges_of_several(steps: Sequence[Step]) -> frozenset[str]:
    """The names of the edges whose choice keeps several options."""
    sums = (step.node for step in steps if len(step.inputs) > 1 and not step.node.name)
    return frozenset(node.id for node in sums if node.site.node)


def _key(node: GraphNode, several: Collection[str]) -> str:
    """What is around a node, at most: an edge, a `let` or a choice point; itself where nothing is.

    several: the edges of which each option is by itself.
    """
    path = node.site.path
    if not path or (path[0] in several and len(path) == 1):
        return node.id
    return "/".join(path[:2]) if path[0] in several else path[0]


def _unit(key: str, group: Sequence[Step], read: Mapping[str, Sequence[str]]) -> Unit:
    inside = {step.node.id for step in group}
    sources = [source for step in group for source in read[step.node.id] if source not in inside]
    inputs = tuple(sources) if len(group) == 1 else tuple(dict.fromkeys(sources))
    return Unit(key, tuple(group), inputs, group[-1].node.id)


def local_name(node: GraphNode, unit: Unit) -> str:
    """The name of a node inside its unit: of the names around it and its own those that not all share."""
    parts = [_path(step.node) for step in unit.steps]
    shared = next(
        (place for place, column in enumerate(zip(*parts, strict=False)) if len(set(column)) > 1),
        min(map(len, parts)) - 1,
    )
    return identifier("_".join(part for part in _path(node)[shared:] if part.isidentifier()))


def _path(node: GraphNode) -> tuple[str, ...]:
    return (*node.site.path, node.name)
