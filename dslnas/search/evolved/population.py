"""The next candidates of an evolution: drawn at random, or children of the best so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from ...base import limits
from ...ir.analysis.genes import Candidate, Genes
from .goals import Goals
from .nsga2 import Standing, select, standings, tournament

EXPLORED = 15  # of the 70 generations of NASC-net, those before which all are drawn at random
GENERATIONS = 70
SLOWNESS = 68.75  # of equation 1
Fits = Callable[[Candidate], bool]
LAST_SHARE = (GENERATIONS - EXPLORED) / SLOWNESS  # 0.8


@dataclass(frozen=True)
class Individual:
    """A candidate that was evaluated: the name of its network, its figures, and when it was drawn."""

    key: str
    candidate: Candidate
    figures: Mapping[str, float]
    generation: int


def evolved_share(generation: int, generations: int) -> float:
    """The share of a generation that is made by crossover and mutation: equation 1 of NASC-net.

    0 while i < 15, then (i - 15) / 68.75, which is 0.8 at i = 70: i is the generation, from 1, where there
    are 70 of them as in the paper, and as far along where there are more or fewer. The others are drawn at
    random: all at first, to explore, and a fifth at the end. The text and the equation of Li et al. (2020,
    section 2.2.3) say so; their algorithm 2 prints the two shares the wrong way round.
    """
    i = generation * GENERATIONS / generations
    return 0.0 if i < EXPLORED else (i - EXPLORED) / SLOWNESS


def explored(generations: int) -> int:
    """How many generations, the first of so many, have no child: all of their candidates are random."""
    return sum(evolved_share(one, generations) == 0.0 for one in range(1, generations + 1))


def chance_of(seed: int, stream: str, generation: int) -> Random:
    """The randomness of a generation: it follows from the seed and from nothing that came before."""
    digest = hashlib.sha256(f"{seed} {stream} {generation}".encode()).digest()
    return Random(int.from_bytes(digest, "big"))


def survivors(goals: Goals, individuals: Sequence[Individual], count: int) -> list[Individual]:
    """The `count` best of parents and children, by rank, then by crowding; the best first."""
    standing = standing_of(goals, individuals)
    return [individuals[place] for place in select(standing, count)]


def standing_of(goals: Goals, individuals: Sequence[Individual]) -> list[Standing]:
    """The rank and the crowding of each."""
    figures = [one.figures for one in individuals]
    return standings(goals.points(figures), [goals.excess(one) for one in figures])


class Offspring:
    """The new candidates of a generation by their keys; none has been drawn before.

    fits: whether a candidate that is drawn at random is wanted; None: each is.
    """

    def __init__(self, genes: Genes, known: set[str], chance: Random, fits: Fits | None = None) -> None:
        self.genes, self.known, self.chance, self.fits = genes, known, chance, fits
        self.found: dict[str, Candidate] = {}

    def draw(self, count: int) -> int:
        """Draw so many new candidates at random; returns how many were found.

        Fewer where `limits.DRAWS` draws in a row are known: the space is exhausted, or nearly so; or where
        `limits.MISSES` in a row do not fit.
        """
        return self._fill(count, self._drawn)

    def breed(self, parents: Sequence[Individual], standing: Sequence[Standing], count: int) -> int:
        """Make so many new candidates by crossover and mutation of two parents, each of a tournament.

        Children that are known are made anew, from parents drawn again. Returns how many were found, fewer as
        by `draw`.
        """
        return self._fill(count, lambda: self._children(parents, standing))

    def _drawn(self) -> Sequence[Candidate]:
        """A candidate at random that fits; none where hardly any does."""
        drawn = (self.genes.draw(self.chance) for _ in range(limits.MISSES))
        return tuple(islice((one for one in drawn if self.fits is None or self.fits(one)), 1))

    def _children(self, parents: Sequence[Individual], standing: Sequence[Standing]) -> Sequence[Candidate]:
        one = tournament(standing, self.chance)
        rest = [place for place in range(len(parents)) if place != one]
        other = rest[tournament([standing[place] for place in rest], self.chance)]
        crossed = self.genes.crossover(parents[one].candidate, parents[other].candidate, self.chance)
        return [self.genes.mutated(child, self.chance) for child in crossed]

    def _fill(self, count: int, make: Callable[[], Sequence[Candidate]]) -> int:
        wanted, before, tries = len(self.found) + count, len(self.found), 0
        while len(self.found) < wanted and tries < limits.DRAWS:
            tries += 1
            if not (made := make()):
                break
            for candidate in made:
                key = self.genes.key(candidate)
                if key not in self.known and key not in self.found and len(self.found) < wanted:
                    self.found[key] = candidate
                    tries = 0
        return len(self.found) - before
