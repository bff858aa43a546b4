"""Which decisions a network reads: its choice points alone, followed from the output backwards.

A fork is a choice point, or a node that keeps some of its edges, where a network reads it; what it keeps
opens the forks behind. Forks with the same gene and the same forks behind them are one, so that the cells of
one kind are followed once, however often the network calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..graph import Graph, Program

# What is kept at a fork: the option of a choice point, or the sources of a node.
Decision = str | tuple[str, ...]
Candidate = Mapping[str, Decision]  # by gene: the id of a choice point or of a selection
Ends = frozenset[int]  # forks, by number


@dataclass(frozen=True)
class Fork:
    """One fork: its gene, and the forks that each option or source opens."""

    gene: str
    opened: Mapping[str, Ends]


class Forks:
    """The forks of programs that share their choice points: a supernet, and the network trained later."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self._forks: list[Fork] = []
        self._known: dict[tuple[str, tuple[tuple[str, Ends], ...]], int] = {}
        self._start: Ends = frozenset()
        for program in programs:
            behind = {name: self._of(graph, {}) for name, graph in program.cells.items()}
            self._start |= self._of(program.network, behind)

    def read(self, candidate: Candidate) -> frozenset[str]:
        """The genes that some network reads under these decisions."""
        seen = set(self._start)
        frontier = list(self._start)
        while frontier:
            fork = self._forks[frontier.pop()]
            kept = candidate[fork.gene]
            for label in (kept,) if isinstance(kept, str) else kept:
                new = fork.opened[label] - seen
                seen |= new
                frontier += new
        return frozenset(self._forks[number].gene for number in seen)

    def _of(self, graph: Graph, behind: Mapping[str, Ends]) -> Ends:
        """The forks that the output of a graph reads first; `behind`: those of the cells that it calls."""
        first: dict[str, Ends] = {}
        for node in graph:
            sources = graph.inputs(node.id)
            if node.kind in ("mix", "sum"):
                opened = tuple((label, first[id]) for label, id in zip(node.labels, sources, strict=True))
                first[node.id] = frozenset((self._numbered(node.choice, opened),))
            else:
                own = behind[node.cell] if node.kind == "call" else frozenset()
                first[node.id] = own.union(*(first[id] for id in sources))
        return first[graph.output.id]

    def _numbered(self, gene: str, opened: tuple[tuple[str, Ends], ...]) -> int:
        """The number of a fork, the same for the same gene and the same forks behind."""
        number = self._known.setdefault((gene, opened), len(self._forks))
        if number == len(self._forks):
            self._forks.append(Fork(gene, dict(opened)))
        return number
