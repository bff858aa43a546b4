"""The layout keeps its promise: nothing overlaps, everything flows from left to right."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.report.render.layout import Box, Layout, Role, layering, layout
from dslnas.report.render.pictures import CellDrawing

OPERATIONS = ("max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_5x5")


def measured(text: str, role: Role) -> tuple[float, float]:
    """A font in which every character is as wide as the widest."""
    size = 10.0 if role == "node" else 8.6
    return len(text) * size, size


def dense(nodes: int, labels: tuple[str, ...] = OPERATIONS) -> CellDrawing:
    """A supernet's cell: every node sees both inputs and all earlier nodes."""
    names = [f"n{number}" for number in range(1, nodes + 1)]
    every = ["a", "b", *names]
    pairs = [(source, node) for node in names for source in every[: every.index(node)]]
    edges = tuple((s, t, labels[i % len(labels)]) for i, (s, t) in enumerate(pairs))
    return CellDrawing("normal", ("a", "b"), tuple(names), edges, tuple(names))


FOUND = CellDrawing(
    "normal",
    ("a", "b"),
    ("n1", "n2", "n3"),
    (
        ("a", "n1", "sep_conv_3x3"),
        ("b", "n1", "skip_connect"),
        ("n1", "n2", "sep_conv_5x5"),
        ("a", "n2", "max_pool_3x3"),
        ("n1", "n3", "dil_conv_3x3"),
        ("n2", "n3", "sep_conv_3x3"),
    ),
    ("n1", "n2", "n3"),
)
PARALLEL = CellDrawing("p", ("a",), ("n1",), tuple(("a", "n1", f"op_{i}") for i in range(7)), ("n1",))


@st.composite
def cells(draw: st.DrawFn) -> CellDrawing:
    """Any acyclic cell: up to eight nodes, parallel edges, nodes without edges, bare arrows, odd names."""
    names = draw(st.lists(st.text(max_size=12), min_size=1, max_size=10, unique=True))
    inputs = draw(st.integers(0, min(3, len(names))))
    nodes = names[inputs:]
    edges = []
    for place, node in enumerate(nodes):
        earlier = names[: inputs + place]
        if earlier:
            sources = draw(st.lists(st.sampled_from(earlier), max_size=4))
            edges += [(source, node, draw(st.text(max_size=15))) for source in sources]
    output = draw(st.lists(st.sampled_from(names), unique=True))
    return CellDrawing(
        draw(st.text(max_size=8)), tuple(names[:inputs]), tuple(nodes), tuple(edges), tuple(output)
    )


def boxes(placed: Layout) -> list[Box]:
    labels = [arrow.box for arrow in placed.arrows if arrow.box]
    return [*placed.inputs.values(), *placed.nodes.values(), placed.concat, *labels]


def check_promises(drawing: CellDrawing) -> None:
    placed = layout(drawing, measured)
    everything = boxes(placed)
    for one, other in combinations(everything, 2):
        assert not one.overlaps(other)
    for box in everything:
        assert box.left > -1e-6 and box.right < placed.width + 1e-6
        assert box.top > -1e-6 and box.bottom < placed.height + 1e-6
    assert len(placed.arrows) == len(drawing.edges) + len(drawing.output)
    for arrow in placed.arrows:
        own = {**placed.inputs, **placed.nodes}
        start = own[arrow.source]
        end = placed.concat if arrow.target is None else own[arrow.target]
        assert arrow.points[0][0] == pytest.approx(start.right)
        assert arrow.points[-1][0] == pytest.approx(end.left)
        assert start.top <= arrow.points[0][1] <= start.bottom
        assert end.top <= arrow.points[-1][1] <= end.bottom
        for (x0, y0), (x1, y1) in pairwise(arrow.points):
            assert x0 <= x1 + 1e-6
            for box in everything:
                if box not in (start, end, arrow.box):
                    assert not crosses(box, x0, y0, x1, y1), (drawing, arrow)


def crosses(box: Box, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether the piece of an arrow meets the box; it stays within its own rectangle, whatever its bend."""
    low, high = sorted((y0, y1))
    eps = 1e-6
    across = x0 < box.right - eps and box.left + eps < x1
    return across and low < box.bottom - eps and box.top + eps < high


@pytest.mark.parametrize("drawing", [FOUND, PARALLEL, *(dense(n) for n in range(1, 7)), dense(4, ("",))])
def test_cells_like_the_papers_overlap_nowhere(drawing: CellDrawing) -> None:
    check_promises(drawing)


@settings(max_examples=60, deadline=None)
@given(cells())
def test_no_cell_whatever_overlaps_anywhere(drawing: CellDrawing) -> None:
    check_promises(drawing)


def test_layers_follow_the_longest_path() -> None:
    layers = layering(FOUND)
    assert {name: layers[f"v{name}"] for name in ("a", "b", "n1", "n2", "n3")} == {
        "a": 0,
        "b": 0,
        "n1": 1,
        "n2": 2,
        "n3": 3,
    }
    assert max(layers.values()) == 4


def test_parallel_edges_are_all_drawn() -> None:
    placed = layout(PARALLEL, measured)
    assert sorted(arrow.label for arrow in placed.arrows if arrow.label) == [f"op_{i}" for i in range(7)]
    assert len({arrow.points for arrow in placed.arrows}) == 8


def test_a_chain_is_drawn_straight() -> None:
    chain = CellDrawing("c", ("a",), ("n1", "n2"), (("a", "n1", "x"), ("n1", "n2", "y")), ("n2",))
    heights = {round(y, 6) for arrow in layout(chain, measured).arrows for _, y in arrow.points}
    assert len(heights) == 1


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (CellDrawing("c", ("a",), ("n",), (("z", "n", "x"),), ("n",)), "`z` is neither an input nor a node"),
        (CellDrawing("c", ("a",), ("n",), (("a", "a", "x"),), ("n",)), "ends at `a`, which is no node"),
        (CellDrawing("c", ("a",), ("n",), (("a", "n", "x"),), ("q",)), "`q` is neither"),
        (CellDrawing("c", ("a",), ("a",), (), ()), "the name `a` stands for two"),
        (CellDrawing("c", (), ("m", "n"), (("m", "n", "x"), ("n", "m", "y")), ()), "in a circle"),
    ],
)
def test_what_is_no_cell_is_refused_in_words(drawing: CellDrawing, words: str) -> None:
    with pytest.raises(DslnasError, match=words) as caught:
        layout(drawing, measured)
    assert caught.value.diagnostics[0].code == "N0501"
