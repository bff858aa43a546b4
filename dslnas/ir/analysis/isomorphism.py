"""Counts the cells of a space up to isomorphism, that is, up to the names of their nodes.

A cell is a graph whose nodes each sum some of the cell's inputs and of the nodes before them, with an
operation on each edge. Renaming the nodes of a genotype gives a genotype again if every node still comes
after those it reads. So a class of isomorphic genotypes has `e / |Aut|` members: `e` is the number of
topological orders of the nodes, and `Aut` are the automorphisms, which move every such order. Summed over
all genotypes, `|Aut| / e` counts the classes; for one set of edges it is, as in Burnside's lemma, the sum
over the automorphisms of the edges of `operations ** orbits of edges`, divided by `e`. Where several edges
may join the same two nodes, `m` of them have `comb(operations, m)` ways, in place of `operations`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, groupby, permutations, product
from math import comb, prod

SKELETON_LIMIT = 5000  # the most sets of edges to enumerate; SS1 with five nodes has 2,700

# The sources of each node in ascending order; inputs are numbered before nodes. A source from which several
# edges lead to the node is there as often.
Parents = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Place:
    """The constraints on the node at a position: how many edges it keeps, whether it is a cell output.

    fewer: it may keep fewer, and at least one.
    """

    keep: int
    handed_out: bool
    fewer: bool = False

    @property
    def degrees(self) -> range:
        """The numbers of edges that it may keep."""
        return range(1 if self.fewer else self.keep, self.keep + 1)


@lru_cache(maxsize=64)
def classes(inputs: int, places: tuple[Place, ...], operations: int, *, pairs: bool = False) -> int | None:
    """The number of cells up to isomorphism; None if there are more than `SKELETON_LIMIT` sets of edges.

    inputs: the number of cell inputs. A node can read them and all nodes before it; each kept edge carries
    one of `operations` operations. pairs: several edges may join the same two nodes, with different ones.
    """
    if prod(_sets(inputs + n, place, pairs) for n, place in enumerate(places)) > SKELETON_LIMIT:
        return None
    total = Fraction(0)
    for parents in _skeletons(inputs, places, pairs):
        fixed = sum(
            prod(comb(operations, times) for times in orbits)
            for orbits in _edge_orbits(inputs, parents, places)
        )
        total += Fraction(fixed, _orders(inputs, parents, places))
    assert total.denominator == 1, "classes are whole"
    return int(total)


def _sets(sources: int, place: Place, pairs: bool) -> int:
    """The number of ways to keep edges from so many sources."""
    return sum(comb(sources + count - 1 if pairs else sources, count) for count in place.degrees)


def _skeletons(inputs: int, places: Sequence[Place], pairs: bool) -> Iterator[Parents]:
    """All sets of edges: for each node the sources that it keeps."""
    ways = combinations_with_replacement if pairs else combinations
    kept = (
        [sources for count in place.degrees for sources in ways(range(inputs + n), count)]
        for n, place in enumerate(places)
    )
    return product(*kept)


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


def _edge_orbits(inputs: int, parents: Parents, places: Sequence[Place]) -> Iterator[list[int]]:
    """The orbits of joined nodes under each automorphism of the edges: how many edges join each two."""
    edges = Counter((source, inputs + node) for node, sources in enumerate(parents) for source in sources)
    for moved in _renamings(inputs, parents, places):
        if all(
            tuple(sorted(moved[source] for source in sources)) == parents[moved[inputs + node] - inputs]
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


def _orbits(edges: Mapping[tuple[int, int], int], moved: Sequence[int]) -> list[int]:
    left, orbits = set(edges), []
    while left:
        source, node = left.pop()
        orbits.append(edges[source, node])
        edge = moved[source], moved[node]
        while edge in left:
            left.remove(edge)
            edge = moved[edge[0]], moved[edge[1]]
    return orbits
