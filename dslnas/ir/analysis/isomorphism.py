"""Counts the cells of a space up to isomorphism, that is, up to the names of their nodes.

A cell is a graph whose nodes each sum some of the cell's inputs and of the nodes before them, with an
operation on each edge. Renaming the nodes of a genotype gives a genotype again if every node still comes
after those it reads. So a class of isomorphic genotypes has `e / |Aut|` members: `e` is the number of
topological orders of the nodes, and `Aut` are the automorphisms, which move every such order. Summed over
all genotypes, `|Aut| / e` counts the classes; for one set of edges it is, as in Burnside's lemma, the sum
over the automorphisms of the edges of `operations ** orbits of edges`, divided by `e`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, groupby, permutations, product
from math import comb, prod

SKELETON_LIMIT = 5000  # the most sets of edges to enumerate; SS1 with five nodes has 2,700

Parents = tuple[frozenset[int], ...]  # the sources of each node; inputs are numbered before nodes


@dataclass(frozen=True)
class Place:
    """The constraints on the node at a position: how many edges it keeps, whether it is a cell output."""

    keep: int
    handed_out: bool


@lru_cache(maxsize=64)
def classes(inputs: int, places: tuple[Place, ...], operations: int) -> int | None:
    """The number of cells up to isomorphism; None if there are more than `SKELETON_LIMIT` sets of edges.

    inputs: the number of cell inputs. A node can read them and all nodes before it; each kept edge carries
    one of `operations` operations.
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
    """All sets of edges: for each node the sources that it keeps."""
    kept = (combinations(range(inputs + n), place.keep) for n, place in enumerate(places))
    return (tuple(map(frozenset, sources)) for sources in product(*kept))


def _orders(inputs: int, parents: Parents, places: Sequence[Place]) -> int:
    """The number of topological orders of the nodes, each node at a position with its own constraints."""
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
    """The number of orbits of edges under each automorphism of the edges."""
    edges = [(source, inputs + node) for node, sources in enumerate(parents) for source in sources]
    for moved in _renamings(inputs, parents, places):
        if all(
            {moved[source] for source in sources} == parents[moved[inputs + node] - inputs]
            for node, sources in enumerate(parents)
        ):
            yield _orbits(edges, moved)


def _renamings(inputs: int, parents: Parents, places: Sequence[Place]) -> Iterator[tuple[int, ...]]:
    """Permutations that may be automorphisms: inputs stay, nodes move among locally similar ones."""

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
