"""Cells to be drawn, and names that mean harm."""

from __future__ import annotations

from hypothesis import strategies as st

from dslnas.ir.genotype import Cell, Edge, Node
from dslnas.report.render.pictures import drawing_of

NORMAL = Cell(
    "normal",
    ("a", "b"),
    (
        Node("n1", (Edge("a", "sep_conv_3x3"), Edge("b", "skip_connect"))),
        Node("n2", (Edge("n1", "sep_conv_5x5"), Edge("a", "max_pool_3x3"))),
        Node("n3", (Edge("n1", "dil_conv_3x3"), Edge("n2", "sep_conv_3x3"))),
    ),
    ("n1", "n2", "n3"),
)
REDUCTION = Cell("reduction", NORMAL.inputs, NORMAL.nodes[:2], ("n1", "n2"))
BOTH = [drawing_of(NORMAL), drawing_of(REDUCTION)]
HOSTILE = '"]; <script>alert(1)</script> \\ $x_{1}$ |--> %% & \n\x00\ud800 end'
names = st.one_of(st.text(max_size=10), st.sampled_from([HOSTILE, "$\\frac$", "卷积", "#quot;", "end"]))
