"""Cells up to isomorphism against the closed form of small cases and against every genotype, renamed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.ir.analysis import extent
from dslnas.ir.analysis.isomorphism import SKELETON_LIMIT, Place, classes
from dslnas.runs.load import load
from dslnas.runs.request import Request

Cell = tuple[frozenset[tuple[int, int]], ...]  # for each node its (source, operation); inputs come first


def every_cell(
    inputs: int, places: tuple[Place, ...], operations: int, pairs: bool = False
) -> Iterator[Cell]:
    """All cells; of each node with as many edges as it may keep, from sources that differ unless `pairs`."""
    nodes = [
        [
            frozenset(edges)
            for count in range(1 if place.fewer else place.keep, place.keep + 1)
            for edges in combinations(list(product(range(inputs + n), range(operations))), count)
            if pairs or len({source for source, _ in edges}) == count
        ]
        for n, place in enumerate(places)
    ]
    return product(*nodes)


def canonical(inputs: int, places: tuple[Place, ...], cell: Cell) -> tuple[object, ...]:
    """The least of all renamings of the nodes, whatever order they leave."""
    forms = []
    for order in permutations(range(len(cell))):
        moved = [*range(inputs), *(inputs + new for new in order)]
        renamed: list[object] = [None] * len(cell)
        for node, edges in enumerate(cell):
            ends = tuple(sorted((moved[source], operation) for source, operation in edges))
            renamed[order[node]] = (places[node].handed_out, ends)
        forms.append(tuple(renamed))
    return min(forms, key=repr)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[int, tuple[Place, ...], int]:
    """Cells of few enough genotypes to try them all."""
    inputs, nodes = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    places = tuple(
        Place(draw(st.integers(1, min(2, inputs + n))), draw(st.booleans()) or n == nodes - 1)
        for n in range(nodes)
    )
    return inputs, places, draw(st.integers(1, 2))


@settings(max_examples=30, deadline=None)
@given(shapes())
def test_classes_are_those_of_every_genotype_renamed(shape: tuple[int, tuple[Place, ...], int]) -> None:
    inputs, places, operations = shape
    found = {canonical(inputs, places, cell) for cell in every_cell(inputs, places, operations)}
    assert classes(inputs, places, operations) == len(found)


@settings(max_examples=30, deadline=None)
@given(shapes(), st.booleans(), st.booleans())
def test_classes_of_pairs_and_of_fewer_edges(
    shape: tuple[int, tuple[Place, ...], int], pairs: bool, fewer: bool
) -> None:
    """Several operations between two nodes; nodes that keep fewer edges, where all may keep as many."""
    inputs, places, operations = shape
    if fewer:
        least = min(place.keep for place in places)
        places = tuple(Place(least, place.handed_out, fewer=True) for place in places)
    found = {canonical(inputs, places, cell) for cell in every_cell(inputs, places, operations, pairs)}
    assert classes(inputs, places, operations, pairs=pairs) == len(found)


def test_two_nodes_by_hand() -> None:
    """Either both read the two inputs, and are a multiset; or the second reads the first and one input."""
    operations = 3
    pairs = operations**2
    both, chained = pairs * (pairs + 1) // 2, 2 * pairs**2
    assert classes(2, (Place(2, True),) * 2, operations) == both + chained


def test_a_space_counts_its_cells_up_to_isomorphism() -> None:
    program = load("ss1", Request(preset="quick", overrides=["nodes=2"])).supernet
    both = 49 * 50 // 2
    assert extent.cell_sizes(program) == {"normal": 3 * 7**4, "reduction": 3 * 7**4}
    assert extent.cell_classes(program) == {"normal": both + 2 * 7**4, "reduction": both + 2 * 7**4}


def test_too_many_nodes_are_no_number() -> None:
    assert classes(2, (Place(2, True),) * 7, 7) is None
    assert (classes(2, (Place(2, True),) * 5, 7) or 0) > SKELETON_LIMIT
    program = load("ss1", Request(preset="quick", overrides=["nodes=7", "repeat=0"])).supernet
    assert extent.cell_classes(program)["reduction"] == "it has too many nodes"


def test_one_node_has_no_other_name() -> None:
    for inputs, keep, operations in ((1, 1, 5), (2, 2, 3), (4, 2, 2)):
        whole = len(list(every_cell(inputs, (Place(keep, True),), operations)))
        assert classes(inputs, (Place(keep, True),), operations) == whole
