"""Cells as text for Graphviz and Mermaid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from drawn_cells import BOTH
from repository import ROOT

from dslnas.report.render.text import dot_text, mermaid_text


def test_dot_names_every_edge() -> None:
    text = dot_text(BOTH)
    found = re.findall(r'^    (c\d+_\d+) -> (c\d+_\w+) \[label="(\w+)"', text, re.MULTILINE)
    number = {name: index for index, name in enumerate(("a", "b", "n1", "n2", "n3"))}
    assert found == [
        (f"c{index}_{number[source]}", f"c{index}_{number[target]}", label)
        for index, drawing in enumerate(BOTH)
        for source, target, label in drawing.edges
    ]
    assert len(re.findall(r"-> c\d_out ", text)) == 5


def test_mermaid_names_every_edge() -> None:
    text = mermaid_text(BOTH, "it's found")
    assert text.startswith("---\ntitle: 'it''s found'\n---\nflowchart LR\n")
    found = re.findall(r'^    (c\d+_\d+) -->\|"([^"]+)"\| (c\d+_\d+)$', text, re.MULTILINE)
    assert [label for _, label, _ in found] == [label for drawing in BOTH for _, _, label in drawing.edges]
    assert len(re.findall(r"^    c\d_\d+ --> c\d_out$", text, re.MULTILINE)) == 5


def test_text_formats_need_no_matplotlib(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from dslnas.report.render.pictures import *\n"
        "cell = CellDrawing('c', ('a',), ('n',), (('a', 'n', 'op'),), ('n',))\n"
        f"for suffix in ('dot', 'mmd'): render([cell], Path({str(tmp_path)!r}) / f'c.{{suffix}}')\n"
        "assert not {'matplotlib', 'networkx', 'numpy', 'torch'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    assert {path.name for path in tmp_path.iterdir()} == {"c.dot", "c.mmd"}
