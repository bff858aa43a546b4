"""Pictures of cells in every format: valid, complete, the same bytes every time."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from drawn_cells import BOTH, HOSTILE, NORMAL, REDUCTION, names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.patches import PathPatch
from repository import ROOT

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.genotype import Cell, Edge, Node
from dslnas.report.render.figure import cells_figure
from dslnas.report.render.palette import colour
from dslnas.report.render.pictures import (
    FORMATS,
    CellDrawing,
    drawing_of,
    drawings_beside,
    render,
    svg_text,
)
from dslnas.report.render.text import dot_text, mermaid_text

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def genotypes(draw: st.DrawFn) -> list[CellDrawing]:
    """Cells as a search finds them, under any names."""
    found = []
    for _ in range(draw(st.integers(1, 2))):
        known = draw(st.lists(names, min_size=3, max_size=8, unique=True))
        nodes = []
        for place in range(2, len(known)):
            sources = draw(st.lists(st.sampled_from(known[:place]), min_size=1, max_size=2, unique=True))
            nodes.append(Node(known[place], tuple(Edge(source, draw(names)) for source in sources)))
        found.append(drawing_of(Cell(draw(names), tuple(known[:2]), tuple(nodes), tuple(known[2:]))))
    return found


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_drawing_holds_all_of_its_cell() -> None:
    drawing = drawing_of(NORMAL)
    assert (drawing.name, drawing.inputs, drawing.nodes) == ("normal", ("a", "b"), ("n1", "n2", "n3"))
    assert drawing.edges[1] == ("b", "n1", "skip_connect")
    assert len(drawing.edges) == 6
    assert drawing.output == ("n1", "n2", "n3")


def test_png_has_a_picture_on_it(tmp_path: Path) -> None:
    from matplotlib.image import imread

    path = render(BOTH, tmp_path / "cells.png")
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    pixels = imread(path)
    assert pixels.shape[1] > 1000
    assert len({tuple(pixel) for pixel in pixels[::3, ::3, :3].reshape(-1, 3).round(3).tolist()}) > 20
    border = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
    assert all((edge[..., :3] == 1.0).all() for edge in border), "something touches the border"


def test_pdf_is_a_pdf(tmp_path: Path) -> None:
    data = render(BOTH, tmp_path / "cells.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in data


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_cells_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first = render(BOTH, tmp_path / f"one.{suffix}", "t").read_bytes()
    render([BOTH[1]], tmp_path / f"other.{suffix}")
    assert render(BOTH, tmp_path / f"two.{suffix.upper()}", "t").read_bytes() == first


def test_what_surrounds_the_process_changes_nothing(tmp_path: Path) -> None:
    """The user's matplotlib settings and the seed of Python's hashes leave the picture alone."""
    import matplotlib as mpl

    before = render(BOTH, tmp_path / "one.svg").read_bytes()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert render(BOTH, tmp_path / "two.svg").read_bytes() == before
        assert mpl.rcParams["font.size"] == 30
    script = (
        "from pathlib import Path\n"
        "from dslnas.ir.genotype import Cell, Edge, Node\n"
        "from dslnas.report.render.pictures import *\n"
        f"cells = [drawing_of(cell) for cell in ({NORMAL!r}, {REDUCTION!r})]\n"
        f"render(cells, Path({str(tmp_path / 'three.svg')!r}))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, env={"PYTHONHASHSEED": "77"})
    assert (tmp_path / "three.svg").read_bytes() == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(genotypes())
def test_any_names_make_valid_pictures(drawings: list[CellDrawing]) -> None:
    found = texts(svg_text(drawings))
    assert sum(text in ("concat", "output") for text in found) >= len(drawings)
    edges = sum(len(drawing.edges) + len(drawing.output) for drawing in drawings)
    dot = dot_text(drawings, HOSTILE)
    assert len(re.findall(r"^    c\d+_\d+ -> c\d+_", dot, re.MULTILINE)) == edges
    for line in dot.splitlines():
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0, "a quote is open"
    mermaid = mermaid_text(drawings)
    assert len(re.findall(r"^    c\d+_\d+ -->", mermaid, re.MULTILINE)) == edges
    for line in mermaid.splitlines():
        for quoted in re.findall(r'"([^"]*)"', line):
            assert not re.search(r"[<>|{}\[\]\\%&`]", quoted)
    dot.encode(), mermaid.encode()


@pytest.mark.parametrize("suffix", FORMATS)
def test_hostile_names_are_drawn_as_text(tmp_path: Path, suffix: str) -> None:
    cell = Cell(HOSTILE, ("a", "b"), (Node(HOSTILE, (Edge("a", HOSTILE), Edge("b", ""))),), (HOSTILE,))
    data = render([drawing_of(cell)], tmp_path / f"cell.{suffix}", HOSTILE).read_bytes()
    assert len(data) > 100
    if suffix in ("svg", "pdf"):
        assert b"<script" not in data


@pytest.mark.parametrize("name", ["cells.gif", "cells", "cells.", ".svg"])
def test_unknown_suffixes_are_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(DslnasError) as caught:
        render(BOTH, tmp_path / name)
    assert caught.value.diagnostics[0].code == "N0603"
    assert caught.value.diagnostics[0].help == "use one of .svg, .png, .pdf, .dot, .mmd"
    assert list(tmp_path.iterdir()) == []


def test_no_cells_and_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="there is no cell to draw"):
        render([], tmp_path / "x.svg")
    with pytest.raises(DslnasError, match="cannot be written: No such file or directory"):
        render(BOTH, tmp_path / "nowhere" / "x.svg")


def test_a_failed_write_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = render(BOTH, tmp_path / "x.dot")
    old = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DslnasError, match="No space left"):
        render(BOTH[:1], path)
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == ["x.dot"]


def test_beside_each_other_what_both_have_stands_back() -> None:
    """Grey and thin; the other edges keep their colours and are thick."""
    changed = Node("n1", (Edge("a", "sep_conv_3x3"), Edge("b", "avg_pool_3x3")))
    other = Cell("normal", NORMAL.inputs, (changed, *NORMAL.nodes[1:]), NORMAL.output)
    drawings = drawings_beside(NORMAL, other, ("before", "after"))
    assert [drawing.name for drawing in drawings] == ["normal: before", "normal: after"]
    both = {edge for edge in drawings[0].edges if edge in drawings[1].edges}
    assert drawings[0].quiet == drawings[1].quiet == both and len(both) == 5
    figure = cells_figure(drawings, per_row=2)
    lines = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    thick = [line for line in lines if line.get_linewidth() > 2]
    assert len(thick) == 2 * 2  # an edge of each, in two pieces around its label
    assert dot_text(drawings).count(f'color="{colour("line")}"') == 2 * (5 + 3)
    assert mermaid_text(drawings).count("-.->") == 2 * 5
