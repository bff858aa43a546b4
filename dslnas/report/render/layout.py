"""Layered graph layout of a cell, in which nothing can overlap.

The layers of the longest path become columns of nodes, from left to right; between two of them lies a
column of labels. An edge that passes a column has a slot of its own there, as wide as the column, and runs
straight through it; it bends only in the empty gaps between columns. So no arrow can cross a label or a node.
The phases are those of Sugiyama, Tagawa and Toda (1981): layering, ordering, placing.

All lengths are points (1/72 inch); y grows downwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from .drawing import CellDrawing, check, shown
from .ordering import order
from .placing import place
from .slots import Link, Slot

# Width and height of a text in points: `measure(text, role)` with the role it plays in the picture.
Role = Literal["node", "label"]
Measure = Callable[[str, Role], tuple[float, float]]

BEND = 26.0  # width of the empty gap in which arrows bend
PITCH = 9.0  # distance of two arrows at the side of a node
NODE_PADDING = (11.0, 7.0)
LABEL_PADDING = (7.0, 3.5)
CONCAT = ""  # the vertex of the concatenation; other vertices carry their names behind a prefix


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre and its extent."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """x of the left side."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """x of the right side."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """y of the upper side."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """y of the lower side."""
        return self.y + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes have an area in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True)
class Arrow:
    """One arrow: way points from the source's side to the target's, and the label that interrupts it."""

    source: str
    target: str | None  # None: the concatenation
    label: str
    box: Box | None
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """The placed picture; everything lies within `width` x `height` from the origin."""

    width: float
    height: float
    inputs: dict[str, Box]
    nodes: dict[str, Box]
    concat: Box
    arrows: tuple[Arrow, ...]


def layout(drawing: CellDrawing, measure: Measure) -> Layout:
    """The layout of a drawing; raises DslnasError N0501 where it is no acyclic graph over its names."""
    check(drawing)
    layers = layering(drawing)
    columns: list[list[Slot]] = [[] for _ in range(2 * layers[CONCAT] + 1)]
    slots = _node_slots(drawing, layers, columns, measure)
    edges = [(_vertex(s), _vertex(t), shown(label)) for s, t, label in drawing.edges]
    edges += [(_vertex(name), CONCAT, "") for name in drawing.output]
    chains = [_chain(slots[s], slots[t], label, columns, measure) for s, t, label in edges]
    order(columns)
    _spread_ports(columns)
    place(columns)
    return _finish(drawing, columns, slots, chains)


def layering(drawing: CellDrawing) -> dict[str, int]:
    """The layer of every vertex by its longest path: inputs at 0, nodes from 1, the concatenation last."""
    graph = nx.DiGraph()
    graph.add_nodes_from(_vertex(name) for name in (*drawing.inputs, *drawing.nodes))
    graph.add_edges_from((_vertex(source), _vertex(target)) for source, target, _ in drawing.edges)
    inputs = {_vertex(name) for name in drawing.inputs}
    layers: dict[str, int] = {}
    for vertex in nx.topological_sort(graph):
        before = [layers[source] for source in graph.predecessors(vertex)]
        layers[vertex] = 0 if vertex in inputs else 1 + max(before, default=0)
    layers[CONCAT] = 1 + max(layers.values(), default=0)
    return layers


def _vertex(name: str) -> str:
    return f"v{name}"


def _node_slots(
    drawing: CellDrawing, layers: dict[str, int], columns: list[list[Slot]], measure: Measure
) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    texts = {_vertex(name): shown(name) for name in (*drawing.inputs, *drawing.nodes)}
    texts[CONCAT] = "concat" if len(drawing.output) != 1 else "output"
    for vertex, text in texts.items():
        width, height = measure(text, "node")
        width, height = width + 2 * NODE_PADDING[0], height + 2 * NODE_PADDING[1]
        slot = Slot("node", vertex, 2 * layers[vertex], max(width, height), height)
        columns[slot.column].append(slot)
        slots[vertex] = slot
    return slots


def _chain(start: Slot, end: Slot, label: str, columns: list[list[Slot]], measure: Measure) -> list[Link]:
    """Give an edge a slot in each column between its ends; its label has the one before its target."""
    chain, at = [], start
    for column in range(start.column + 1, end.column):
        if label and column == end.column - 1:
            width, height = measure(label, "label")
            size = (width + 2 * LABEL_PADDING[0], height + 2 * LABEL_PADDING[1])
            slot = Slot("label", label, column, *size)
        else:
            slot = Slot("bend", "", column, 0.0, 1.0)
        columns[column].append(slot)
        chain.append(_link(at, slot))
        at = slot
    return [*chain, _link(at, end)]


def _link(start: Slot, end: Slot) -> Link:
    link = Link(start, end)
    start.right.append(link)
    end.left.append(link)
    return link


def _spread_ports(columns: list[list[Slot]]) -> None:
    """Spread the arrows at the sides of every node, in the order of their other ends."""
    for index, column in enumerate(columns):
        ranks = [
            {id(slot): rank for rank, slot in enumerate(columns[at])} if 0 <= at < len(columns) else {}
            for at in (index - 1, index + 1)
        ]
        for slot in column:
            if slot.kind != "node":
                continue
            arrows = max(len(slot.left), len(slot.right))
            slot.height = max(slot.height, PITCH * (arrows + 0.5))
            slot.left.sort(key=lambda link: ranks[0][id(link.start)])
            slot.right.sort(key=lambda link: ranks[1][id(link.end)])
            for rank, link in enumerate(slot.left):
                link.enters = PITCH * (rank - (len(slot.left) - 1) / 2)
            for rank, link in enumerate(slot.right):
                link.leaves = PITCH * (rank - (len(slot.right) - 1) / 2)


def _finish(
    drawing: CellDrawing, columns: list[list[Slot]], slots: dict[str, Slot], chains: list[list[Link]]
) -> Layout:
    edges: list[tuple[float, float]] = []  # left and right of every column
    x = 0.0
    for column in columns:
        width = max((slot.width for slot in column), default=0.0)
        edges.append((x, x + width))
        x += width + BEND
    top = min(slot.y - slot.height / 2 for column in columns for slot in column)
    bottom = max(slot.y + slot.height / 2 for column in columns for slot in column)
    for column in columns:
        for slot in column:
            slot.y -= top

    def box(slot: Slot) -> Box:
        left, right = edges[slot.column]
        return Box((left + right) / 2, slot.y, slot.width, slot.height)

    ends = [(source, target) for source, target, _ in drawing.edges]
    arrows = [
        _arrow(source, target, chain, edges, box)
        for (source, target), chain in zip(
            [*ends, *((name, None) for name in drawing.output)], chains, strict=True
        )
    ]
    return Layout(
        edges[-1][1],
        bottom - top,
        {name: box(slots[_vertex(name)]) for name in drawing.inputs},
        {name: box(slots[_vertex(name)]) for name in drawing.nodes},
        box(slots[CONCAT]),
        tuple(arrows),
    )


def _arrow(
    source: str,
    target: str | None,
    chain: list[Link],
    edges: list[tuple[float, float]],
    box: Callable[[Slot], Box],
) -> Arrow:
    start, end = box(chain[0].start), box(chain[-1].end)
    points = [
        (start.right, start.y + chain[0].leaves),
        (edges[chain[0].start.column][1], start.y + chain[0].leaves),
    ]
    label, label_box = "", None
    for link in chain[:-1]:
        slot = link.end
        left, right = edges[slot.column]
        points += [(left, slot.y), (right, slot.y)]
        if slot.kind == "label":
            label, label_box = slot.name, box(slot)
    y = end.y + chain[-1].enters
    points += [(edges[chain[-1].end.column][0], y), (end.left, y)]
    return Arrow(source, target, label, label_box, tuple(dict.fromkeys(points)))
