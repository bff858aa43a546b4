"""Evolution of networks by NSGA-II, and random search beside it: algorithm 2 of NASC-net (2020)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...ir.analysis.genes import Candidate, Genes
from ...methods.method import SampledMethod
from .archive import Archive, By, Entry
from .front import Evolved
from .goals import Goals
from .population import (
    LAST_SHARE,
    Fits,
    Individual,
    Offspring,
    chance_of,
    evolved_share,
    standing_of,
    survivors,
)

# All figures of each candidate of a batch, in its order. Each is kept as soon as it is handed out.
Assess = Callable[[Sequence[Candidate]], Iterable[Mapping[str, float]]]


@dataclass(frozen=True)
class Progress:
    """What an evolution tells after each generation, and random search after each batch.

    evaluations: so far, of this search alone. best: the candidates that the next generation comes from, the
    best first; of random search, empty.
    """

    by: By
    generation: int
    generations: int
    evaluations: int
    best: tuple[Individual, ...] = ()


Observe = Callable[[Progress], None]


def evolve(
    genes: Genes,
    method: SampledMethod,
    assess: Assess,
    seed: int,
    archive: Archive,
    observe: Observe = lambda progress: None,
    *,
    random: bool = True,
    fits: Fits | None = None,
) -> Evolved:
    """Look for the best networks of a space, by the goals of a method.

    assess: evaluates candidates; it gets the new ones of a generation at once. seed: all that is drawn
    follows from it and from figures. archive: what was evaluated before is not evaluated again, and each new
    evaluation is added, so that an interrupted evolution that is run again comes to the same end, bit by bit.
    random: whether random search draws as many candidates beside it; it takes figures from the archive as
    well, and counts what it draws as its own. fits: whether a candidate keeps to what is required, by which a
    method that breeds none draws its own.

    It ends early where the space has no more networks to draw: `Evolved.exhausted`.
    """
    search = _Search(genes, method, assess, seed, archive, observe)
    if not method.breeds:
        return search.random(fits)
    evolved = search.evolution([], lambda generation: evolved_share(generation, method.generations))
    return evolved if not random else search.beside(evolved)


def answer(method: SampledMethod, archive: Archive) -> Evolved:
    """What the evaluated candidates come to under the goals of a method, with nothing more evaluated."""
    return Evolved(Goals.of(method), tuple(map(_individual, archive)), method.population)


def evolve_on(
    genes: Genes,
    method: SampledMethod,
    assess: Assess,
    seed: int,
    archive: Archive,
    observe: Observe = lambda progress: None,
) -> Evolved:
    """Go on from what was evaluated under other requirements, for the generations of a method.

    The first parents are the best of the archive by the goals of the method, and the share that is drawn at
    random is that of the last generation of an evolution. Entries are marked by the requirements: asked for
    the same again, also after a kill, it begins where it began and evaluates nothing twice. The rest is as in
    `evolve`.
    """
    marks = asked(method)
    search = _Search(genes, method, assess, seed, archive, observe, marks)
    start = [_individual(one) for one in archive.before(marks)]
    return search.evolution(start, lambda generation: LAST_SHARE)


def asked(method: SampledMethod) -> tuple[str, ...]:
    """What `evolve_on` marks entries by: the requirements of a method, as text.

    Whether to go on is best decided by `answer(method, archive.before(asked(method)))`: that is the same when
    the same is asked again, also after a kill.
    """
    return tuple(one.text for one in method.require)


def _individual(entry: Entry) -> Individual:
    return Individual(entry.key, entry.candidate, entry.figures, entry.generation)


@dataclass(frozen=True)
class _Search:
    """What the searches share. asked: the requirements of one that goes on from others."""

    genes: Genes
    method: SampledMethod
    assess: Assess
    seed: int
    archive: Archive
    observe: Observe
    asked: tuple[str, ...] = ()

    @property
    def goals(self) -> Goals:
        return Goals.of(self.method)

    def evolution(self, start: Sequence[Individual], bred_share: Callable[[int], float]) -> Evolved:
        """Algorithm 2 from given individuals; bred_share: the share of each generation that is bred."""
        size, generations = self.method.population, self.method.generations
        found = list(start)
        best = survivors(self.goals, start, size)
        shares: list[tuple[int, float]] = []
        stream = " ".join(("evolution", *self.asked))
        for generation in range(1, generations + 1):
            chance = chance_of(self.seed, stream, generation)
            offspring = Offspring(self.genes, {one.key for one in found}, chance)
            bred = round(bred_share(generation) * size) if len(best) > 1 else 0
            drawn = offspring.draw(size - bred)
            offspring.breed(best, standing_of(self.goals, best), bred)
            drawn += offspring.draw(size - len(offspring.found))
            if not offspring.found:
                return Evolved(self.goals, tuple(found), size, tuple(shares), exhausted=True)
            children = self._evaluated(offspring.found, "evolution", generation)
            found += children
            best = survivors(self.goals, [*best, *children], size)
            shares.append((generation, drawn / len(children)))
            self.observe(Progress("evolution", generation, generations, len(found) - len(start), tuple(best)))
        return Evolved(self.goals, tuple(found), size, tuple(shares))

    def random(self, fits: Fits | None) -> Evolved:
        """Random search alone: as many candidates as the method says, which all fit."""
        size = self.method.population
        offspring = Offspring(self.genes, set(), chance_of(self.seed, "random", 1), fits)
        exhausted = offspring.draw(size) < size
        found = self._evaluated(offspring.found, "random", 1)
        self.observe(Progress("random", 1, 1, len(found)))
        return Evolved(self.goals, tuple(found), size, exhausted=exhausted)

    def beside(self, evolved: Evolved) -> Evolved:
        """The result with a random search of as many evaluations beside it."""
        size, wanted = self.method.population, len(evolved.found)
        found: list[Individual] = []
        batches = -(-wanted // size)
        for batch in range(1, batches + 1):
            chance = chance_of(self.seed, "random", batch)
            offspring = Offspring(self.genes, {one.key for one in found}, chance)
            if not offspring.draw(min(size, wanted - len(found))):
                break
            found += self._evaluated(offspring.found, "random", batch)
            self.observe(Progress("random", batch, batches, len(found)))
        return evolved.beside(found)

    def _evaluated(self, drawn: Mapping[str, Candidate], by: By, generation: int) -> list[Individual]:
        """The candidates with their figures; those that the archive lacks are evaluated and added to it."""
        new = [(key, candidate) for key, candidate in drawn.items() if key not in self.archive]
        if new:
            assessed = self.assess([candidate for _, candidate in new])
            for (key, candidate), figures in zip(new, assessed, strict=True):
                plain = {
                    name: value if type(value) is int else float(value) for name, value in figures.items()
                }
                self.archive.add(Entry(key, candidate, plain, by, generation, self.asked))
        return [
            Individual(key, candidate, self.archive[key].figures, generation)
            for key, candidate in drawn.items()
        ]
