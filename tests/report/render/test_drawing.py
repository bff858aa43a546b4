"""Drawings of cells that lost nodes, beside the whole ones."""

from __future__ import annotations

from dslnas.ir.genotype import Cell, Edge, Genotype, Node, Position
from dslnas.report.render.drawing import drawings_at


def test_a_cell_that_lost_nodes_stands_beside_the_whole_one() -> None:
    """What is left is grey on both sides; an untouched place has no picture."""
    nodes = (Node("n1", (Edge("a", "skip"),)), Node("n2", (Edge("n1", "pool"), Edge("a", "conv"))))
    cell = Cell("normal", ("a",), nodes, ("n1", "n2"))
    position = Position("network/normal_1", "normal", ("n1",))
    found = drawings_at(Genotype("S", "sha256:0", "darts", (cell,), (), (position,)))
    (before, after) = found["network/normal_1"]
    assert list(found) == ["network/normal_1"]
    assert before.nodes == ("n1", "n2") and after.nodes == ("n2",)
    assert before.quiet == after.quiet == {("a", "n2", "conv")}
