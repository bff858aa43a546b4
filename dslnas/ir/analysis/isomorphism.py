"""How many cells a space has up to isomorphism: those are one that differ in the names of their nodes alone.

A cell is a graph whose nodes each add up some of the cell's inputs and of the nodes before them, with an
operation on each edge. Renaming the nodes of a genotype gives a genotype again where the new order still has
every node after those it reads. So a class of isomorphic genotypes has `e / |Aut|` members, `e` the orders
that respect the edges and `Aut` the automorphisms, which move every such order. Summed over all genotypes,
`|Aut| / e` counts the classes; for one set of edges it is, as in Burnside's lemma, the sum over the
automorphisms of the edges of `operations ** orbits of edges`, divided by `e`. Free of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, groupby, permutations, product
from math import comb, prod

SKELETON_LIMIT = 5000  # sets of edges that are gone through; SS1 with five nodes has 2,700

Parents = tuple[frozenset[int], ...]  # of each node; inputs are numbered before the nodes


@dataclass(frozen=True)
class Place:
    """What holds for the node at a place: how many edges it keeps, whether the cell hands it out."""

    keep: int
    handed_out: bool


@lru_cache(maxsize=64)
def classes(inputs: int, places: tuple[Place, ...], operations: int) -> int | None:
    """The number of cells up to isomorphism; None where there are too many sets of edges to go through.

    inputs: how many inputs the cell has. A node sees them and all nodes before it; each of the edges that it
    keeps carries one of `operations` operations.
    """
    if prod(comb(inputs + n, place.keep) for n, place in enumerate(places)) > SKELETON_LIMIT:
        return None
    total = Fraction(0)
    for parents in _skeletons(inputs, places):
        fixed = sum(operations**orbits for orbits in _edge_orbits(inputs, parents, places))
        total += Fraction(fixed, _orders(inputs, parents, places))
    assert total.denominator == 1, "classes are whole"
    return int(total)


def _skeletons(inputs: int, places: Sequence[Place]) -> Iterator[Parents]:
    """Every set of edges: for each node the sources that it keeps."""
    kept = (combinations(range(inputs + n), place.keep) for n, place in enumerate(places))
    return (tuple(map(frozenset, sources)) for sources in product(*kept))


def _orders(inputs: int, parents: Parents, places: Sequence[Place]) -> int:
    """The orders of the nodes in which each stands after those it reads, at a place that is like its own."""
    before: dict[frozenset[int], int] = {frozenset(): 1}  # placed nodes -> ways to place them
    for place in places:
        after: dict[frozenset[int], int] = {}
        for placed, ways in before.items():
            known = placed | set(range(-inputs, 0))
            for node in set(range(len(places))) - placed:
                if places[node] == place and {source - inputs for source in parents[node]} <= known:
                    key = placed | {node}
                    after[key] = after.get(key, 0) + ways
        before = after
    (ways,) = before.values()
    return ways


def _edge_orbits(inputs: int, parents: Parents, places: Sequence[Place]) -> Iterator[int]:
    """For each automorphism of the edges, into how many orbits it divides them."""
    edges = [(source, inputs + node) for node, sources in enumerate(parents) for source in sources]
    for moved in _renamings(inputs, parents, places):
        if all(
            {moved[source] for source in sources} == parents[moved[inputs + node] - inputs]
            for node, sources in enumerate(parents)
        ):
            yield _orbits(edges, moved)


def _renamings(inputs: int, parents: Parents, places: Sequence[Place]) -> Iterator[tuple[int, ...]]:
    """Where inputs and nodes go: inputs stay, nodes change with those that look alike from nearby."""

    def looks(node: int) -> tuple[bool, list[int], int, int]:
        from_inputs = sorted(source for source in parents[node] if source < inputs)
        read_by = sum(inputs + node in sources for sources in parents)
        return places[node].handed_out, from_inputs, len(parents[node]), read_by

    nodes = sorted(range(len(parents)), key=looks)
    alike = [list(group) for _, group in groupby(nodes, key=looks)]
    for chosen in product(*(permutations(group) for group in alike)):
        moved = list(range(inputs + len(parents)))
        for group, images in zip(alike, chosen, strict=True):
            for node, image in zip(group, images, strict=True):
                moved[inputs + node] = inputs + image
        yield tuple(moved)


def _orbits(edges: Sequence[tuple[int, int]], moved: Sequence[int]) -> int:
    left, orbits = set(edges), 0
    while left:
        orbits += 1
        source, node = left.pop()
        edge = moved[source], moved[node]
        while edge in left:
            left.remove(edge)
            edge = moved[edge[0]], moved[edge[1]]
    return orbits
