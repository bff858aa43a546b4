"""The canonical form of a cell: one text for all its genotypes that differ by the names of nodes alone.

Two genotypes of a cell are isomorphic where a renaming of nodes takes one to the other (`isomorphism.py`
counts them). Renaming keeps what a node adds up, the operations on its edges, and what reads it outside of
edges. The nodes that are read are numbered in an order in which each comes after those that it reads, and a
row is written for each: of all such orders, the smallest text is the same for all isomorphic genotypes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...base import limits
from ..graph import Graph, GraphNode, Program
from ..names import node_id
from .forks import Candidate

Gene = str
Form = tuple[object, ...]
ANY_ORDER = ("add", "multiply", "concat")  # their inputs may change places, but for the order of channels


@dataclass(frozen=True)
class EdgeForm:
    """One edge into a node: a number for what it may compute, its choice, and the choices inside of it.

    form: the same for edges that offer the same operations. choice: empty where it has none of its own.
    inside: the genes inside of its options, each with its name apart from the edge.
    """

    form: int
    choice: str
    inside: tuple[tuple[Gene, str], ...]


class CellForms:
    """The canonical forms of the genotypes of one kind of cell."""

    def __init__(self, program: Program, kind: str) -> None:
        nodes = program.kinds[kind].nodes
        ids = [node_id(kind, node) for node in nodes]
        self.selections = {id: program.selections[id] for id in ids if id in program.selections}
        self.inside: dict[tuple[str, str], list[tuple[Gene, str]]] = {}
        for id, point in program.choices.items():
            called = point.called
            if called.owner == kind and called.site.node and not called.is_edge:
                edge = called.site.node, called.site.source
                self.inside.setdefault(edge, []).append((id, "/".join(called.path[1:])))
        reading = [_Reading(graph, program) for graph in program.cells.values() if graph.kind == kind]
        numbers: dict[Form, int] = {}
        self.readers = {
            id: numbers.setdefault(tuple(one.outside(selection.node) for one in reading), len(numbers))
            for id, selection in self.selections.items()
        }
        self.edges = {
            (id, source): EdgeForm(
                numbers.setdefault(tuple(one.edge(selection.node, source) for one in reading), len(numbers)),
                choice,
                tuple(self.inside.get((selection.node, source), ())),
            )
            for id, selection in self.selections.items()
            for source, choice in zip(selection.sources, selection.edges, strict=True)
        }
        self.named = {selection.node: id for id, selection in self.selections.items()}
        self.genes = frozenset(self.selections).union(
            *({edge.choice, *(gene for gene, _ in edge.inside)} for edge in self.edges.values())
        )

    def text(self, candidate: Candidate, alive: frozenset[str]) -> str:
        """The canonical form of what is alive of a candidate."""
        rows = {
            id: [(source, self._operation(id, source, candidate, alive)) for source in candidate[id]]
            for id in self.selections
            if id in alive
        }
        orders: list[tuple[str, ...]] = [()]
        lines: list[str] = []
        for _ in rows:
            following: dict[tuple[str, ...], str] = {}
            for order in orders:
                places = {id: str(place) for place, id in enumerate(order)}
                for id in rows.keys() - places.keys():
                    row = self._row(id, rows[id], places)
                    if row is not None:
                        following[(*order, id)] = row
            smallest = min(following.values())
            lines.append(smallest)
            orders = self._different([o for o, row in following.items() if row == smallest], rows)
        return "; ".join(lines)

    def _operation(self, id: str, source: str, candidate: Candidate, alive: frozenset[str]) -> str:
        edge = self.edges[id, source]
        own = candidate[edge.choice] if edge.choice else ""
        inside = [f"{name} = {candidate[gene]}" for gene, name in edge.inside if gene in alive]
        return f"{edge.form} {own} {inside}"

    def _row(self, id: str, edges: Sequence[tuple[str, str]], places: Mapping[str, str]) -> str | None:
        """The row of a node whose sources are numbered; None where one is not."""
        found = []
        for source, operation in edges:
            name = self.named.get(source)
            if name is not None and name not in places:
                return None
            found.append(f"{source if name is None else places[name]}: {operation}")
        return f"{self.readers[id]} {sorted(found)}"

    def _different(
        self, orders: Sequence[tuple[str, ...]], rows: Mapping[str, Sequence[tuple[str, str]]]
    ) -> list[tuple[str, ...]]:
        """The orders without those that differ by nodes which the same nodes read in the same way.

        Such nodes can change places and nothing differs. Where more than `limits.ORDERS` remain, the first
        are kept: a cell of so many nodes alike may then have several forms.
        """
        read_by: dict[str, list[tuple[str, str]]] = {id: [] for id in rows}
        for reader, edges in rows.items():
            for source, operation in edges:
                if source in self.named:
                    read_by[self.named[source]].append((reader, operation))
        alike = {id: str(sorted(readers)) for id, readers in read_by.items()}
        found: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}
        for order in sorted(orders):
            found.setdefault((order[:-1], alike[order[-1]]), order)
        return list(found.values())[: limits.ORDERS]


class _Reading:
    """What edges compute in the graph of a cell, and what reads its nodes outside of edges."""

    def __init__(self, graph: Graph, program: Program) -> None:
        self.graph, self.program = graph, program
        selected = {(one.cell, one.node) for one in program.selections.values()}
        numbers: dict[Form, int] = {}
        self._forms: dict[str, int] = {}
        self._sums: dict[str, frozenset[str]] = {}  # the nodes of the cell that a value on an edge is made of
        self._outside: dict[str, set[Form]] = {}
        for node in graph:
            sources = graph.inputs(node.id)
            if node.kind == "sum":
                self._forms[node.id] = numbers.setdefault(("node",), len(numbers))
                self._sums[node.id] = frozenset((node.id,))
                continue
            if (graph.kind, node.site.node) in selected:
                form = self._form(node, sources)
                self._sums[node.id] = frozenset().union(*(self._sums[id] for id in sources))
            else:
                form = ("value", node.id)
                self._sums[node.id] = frozenset()
                self._note(node, sources)
            self._forms[node.id] = numbers.setdefault(form, len(numbers))

    def _form(self, node: GraphNode, sources: Sequence[str]) -> Form:
        """What a value on an edge is, apart from the names of the edge and of the nodes of the cell."""
        choice = self.program.choices[node.choice].called.path[1:] if node.choice else ()
        own = (node.kind, node.primitive, repr(node.attributes), str(node.type), node.labels, choice)
        return (*own, *(self._forms[id] for id in sources))

    def _note(self, node: GraphNode, sources: Sequence[str]) -> None:
        """Note that a value outside of the edges reads nodes of the cell."""
        for port, source in enumerate(sources):
            place = -1 if node.primitive in ANY_ORDER else port
            for sum in self._sums[source]:
                self._outside.setdefault(sum, set()).add((node.id, place, self._forms[source]))

    def edge(self, node: str, source: str) -> object:
        """What an edge may compute; None where the graph lacks the node."""
        if node not in self.graph:
            return None
        place = self.graph[node].labels.index(source)
        return self._forms[self.graph.inputs(node)[place]]

    def outside(self, node: str) -> object:
        """What reads a node of the cell outside of the edges."""
        return frozenset(self._outside.get(node, ()))
