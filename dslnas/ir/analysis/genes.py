"""The genes of a genotype: what evolution draws, crosses over and changes.

A candidate decides every gene: each choice point, and of each node of a cell the edges that it keeps. Some of
its genes are switched off by others: choices inside of an option that is not taken, the operation of an edge
that is not kept, a second block where the depth is 1. They never change by mutation and never make two
candidates different, but stay in a candidate, and are as they were once they are switched on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from ...base import limits
from ...base.diagnostics import fail
from ..genotype import Genotype
from ..graph import CellKind, Keep, Program
from ..names import node_id
from ..walk import Chosen
from .canonical import CellForms
from .forks import Candidate, Decision, Forks
from .genotypes import genotype_of

__all__ = ["Candidate", "Decision", "Gene", "Genes"]

SWAPPED = 2  # genes by crossover
MUTATED = (1, 4)  # genes by mutation, from and to


@dataclass(frozen=True)
class Gene:
    """A decision to be made: one of the options, or `keep` of them where it is about the edges of a node."""

    id: str
    options: tuple[str, ...]
    keep: int | None = None

    @property
    def open(self) -> bool:
        """Whether there is more than one way to decide it."""
        return len(self.options) > (1 if self.keep is None else self.keep)

    def draw(self, chance: Random) -> Decision:
        """A decision at random, each as likely as another; kept edges are in the order of the options."""
        if self.keep is None:
            return chance.choice(self.options)
        kept = sorted(chance.sample(range(len(self.options)), self.keep))
        return tuple(self.options[place] for place in kept)

    def another(self, decision: Decision, chance: Random) -> Decision:
        """Another decision at random, each as likely as another; the gene must be open."""
        found = self.draw(chance)
        while found == decision:
            found = self.draw(chance)
        return found


class Genes:
    """The genes of a space.

    all: each gene by its id, in the order of the program; choice points come before nodes.
    """

    def __init__(self, program: Program, keep: Keep, others: tuple[Program, ...] = ()) -> None:
        assert not keep.pairs and not keep.fewer, (
            "an evolved node keeps as many edges, each with one operation"
        )
        self.program = program
        self.all: Mapping[str, Gene] = {
            **{id: Gene(id, point.remaining) for id, point in program.choices.items()},
            **{id: Gene(id, one.sources, keep.of(one)) for id, one in program.selections.items()},
        }
        self._forks = Forks((program, *others))
        self._cells = {kind: CellForms(program, kind) for kind in program.kinds}
        self._in_cells = frozenset[str]().union(*(cell.genes for cell in self._cells.values()))

    @classmethod
    def of(cls, program: Program, keep: Keep, *others: Program) -> Genes:
        """The genes of a program.

        keep: what the method keeps of the edges into a node. others: programs with the same choice points,
        such as that of the network which is trained later; a gene is alive if one of the programs reads it.
        """
        return cls(program, keep, others)

    # --- candidates -----------------------------------------------------------------------------------------

    def draw(self, chance: Random) -> Candidate:
        """A candidate at random: each decision as likely as another, apart from the others.

        Raises DslnasError N0402 where no cell is found whose nodes are all read.
        """
        return self._whole({id: gene.draw(chance) for id, gene in self.all.items()}, chance)

    def crossover(self, one: Candidate, other: Candidate, chance: Random) -> tuple[Candidate, Candidate]:
        """Both candidates with two genes swapped (section 2.2.3 of NASC-net, Li et al., 2020).

        The genes are drawn from those that differ and that one of the two reads: a swap of others changes
        nothing. Where a single one differs, it is swapped; where none does, the candidates stay as they are.
        """
        read = self.alive(one) | self.alive(other)
        differ = [id for id in self.all if id in read and one[id] != other[id]]
        swapped = chance.sample(differ, min(SWAPPED, len(differ)))
        first = {**one, **{id: other[id] for id in swapped}}
        second = {**other, **{id: one[id] for id in swapped}}
        return self._whole(first, chance), self._whole(second, chance)

    def mutated(self, candidate: Candidate, chance: Random) -> Candidate:
        """The candidate with one to four of the genes changed that it reads (NASC-net, section 2.2.3)."""
        read = self.alive(candidate)
        able = [gene for id, gene in self.all.items() if id in read and gene.open]
        found = candidate
        for _ in range(limits.DRAWS if able else 0):
            changed = chance.sample(able, min(chance.randint(*MUTATED), len(able)))
            new = {gene.id: gene.another(candidate[gene.id], chance) for gene in changed}
            found = self._whole({**candidate, **new}, chance)
            if any(found[id] != candidate[id] for id in read):  # else an edge was moved back
                break
        return found

    def alive(self, candidate: Candidate) -> frozenset[str]:
        """The genes that the network reads under these decisions."""
        return self._forks.read(candidate)

    def key(self, candidate: Candidate) -> str:
        """A name for the network of a candidate: 32 hexadecimal digits.

        The same for candidates that differ by genes that are switched off, or by the names of the nodes of
        cells, alone.
        """
        alive = self.alive(candidate)
        outside = [f"{id} = {candidate[id]}" for id in sorted(alive - self._in_cells)]
        cells = [f"{kind} {{{form.text(candidate, alive)}}}" for kind, form in self._cells.items()]
        return hashlib.sha256("\n".join([*outside, *cells]).encode()).hexdigest()[:32]

    # --- what others make of a candidate --------------------------------------------------------------------

    def policy(self, candidate: Candidate) -> Chosen:
        """The candidate as a policy."""
        options = {id: one for id, one in candidate.items() if isinstance(one, str)}
        return Chosen(options, {id: one for id, one in candidate.items() if not isinstance(one, str)})

    def genotype(self, candidate: Candidate, space_hash: str, method: str) -> Genotype:
        """The genotype of a candidate; choices that nothing reads take their first option."""
        alive = self.alive(candidate)
        told = {
            id: one if id in alive or not isinstance(one, str) else self.all[id].options[0]
            for id, one in candidate.items()
        }
        return genotype_of(self.program, self.policy(told), space_hash, method)

    def candidate(self, genotype: Genotype) -> Candidate:
        """The candidate of a genotype of the space; choices on edges that it lacks take their first option.

        Raises DslnasError N0502 where several operations join two nodes, for genes decide for one, and where
        cells differ by position.
        """
        if genotype.positions:
            place = genotype.positions[0].place
            message = f"the cell is made smaller at `{place}`, and an evolved network has whole cells"
            raise fail("N0502", message, help="take a genotype without positions")
        chosen = Chosen.of(genotype)
        if chosen.several:
            message = f"two operations remain of `{min(chosen.several)}`, and an evolved network has one"
            raise fail("N0502", message, help="take a genotype of another method")
        decided: dict[str, Decision] = {}
        for id, gene in self.all.items():
            if gene.keep is None:
                decided[id] = chosen.options.get(id, gene.options[0])
            else:
                kept = chosen.sources.get(id, gene.options[: gene.keep])
                decided[id] = tuple(source for source in gene.options if source in kept)
        return decided

    # --- cells all of whose nodes are read ------------------------------------------------------------------

    def _whole(self, candidate: Candidate, chance: Random) -> Candidate:
        """The candidate, with edges moved at random where a node of a cell would be read by nothing.

        A genotype in which a node is on no path to the output of its cell does not fit its space.
        """
        decided = dict(candidate)
        for kind in self.program.kinds.values():
            if set(kind.nodes) <= set(kind.output):
                continue
            own = [id for node in kind.nodes if (id := node_id(kind.name, node)) in self.all]
            for _ in range(limits.DRAWS):
                if _joined(kind, decided, self.all, chance):
                    break
                decided |= {id: self.all[id].draw(chance) for id in own}
            else:
                message = f"no cell `{kind.name}` was found whose nodes are all read"
                raise fail("N0402", message, help="let the cell hand out all of its nodes")
        return decided


def _joined(kind: CellKind, decided: dict[str, Decision], genes: Mapping[str, Gene], chance: Random) -> bool:
    """Move edges so that each node of a cell is read, the last node first; False where that fails.

    An edge moves to a node that nothing reads from a source that another edge reads, or that comes earlier in
    the cell, and so finds its readers later.
    """
    places = {node: place for place, node in enumerate(kind.nodes)}
    ids = [node_id(kind.name, node) for node in kind.nodes if node_id(kind.name, node) in genes]
    read = Counter(source for id in ids for source in decided[id])
    read.update(edge.source for node in kind.fixed for edge in node.edges)
    for place, node in reversed(list(enumerate(kind.nodes))):
        if node in kind.output or read[node]:
            continue
        moves = [
            (id, source)
            for id in ids
            if node in genes[id].options
            for source in decided[id]
            if places.get(source, -1) < place or source in kind.output or read[source] > 1
        ]
        if not moves:
            return False
        id, source = chance.choice(moves)
        kept = {node, *decided[id]} - {source}
        decided[id] = tuple(option for option in genes[id].options if option in kept)
        read.update({node: 1, source: -1})
    return True
