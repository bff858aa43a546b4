"""`dslnas render`: spaces, genotypes and runs in every format."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from dslnas.ir.genotype import Cell, Edge, Genotype, Node, to_json
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["render", *arguments])


@pytest.fixture
def genotype(tmp_path: Path) -> Path:
    """A run folder with a genotype in it; returns the genotype's file."""
    node = Node("n1", (Edge("a", "sep_conv_3x3"), Edge("b", "skip_connect")))
    cells = tuple(Cell(kind, ("a", "b"), (node,), ("n1",)) for kind in ("normal", "reduction"))
    start(load("ss1", Request(overrides=["nodes=1"])), tmp_path / "run")
    path = tmp_path / "run" / "genotype.json"
    path.write_text(json.dumps(to_json(Genotype("SS1", "sha256:0", "darts", cells))))
    return path


def test_a_space_shows_every_edge_and_how_many_candidates_compete(tmp_path: Path) -> None:
    out = tmp_path / "ss1.dot"
    result = invoke("ss1", "-o", str(out))
    assert (result.exit_code, result.stdout) == (0, f"{out}\n")
    assert out.read_text().count("7 candidates") == 2 * (2 + 3 + 4)
    assert invoke("ss1", "-o", str(out), "--set", "nodes=1").exit_code == 0
    assert out.read_text().count("7 candidates") == 2 * 2


def test_a_genotype_and_its_run_show_the_operations(tmp_path: Path, genotype: Path) -> None:
    for number, source in enumerate((genotype, genotype.parent)):
        out = tmp_path / f"{number}.mmd"
        assert invoke(str(source), "-o", str(out)).exit_code == 0
        text = out.read_text()
        assert text.count("sep_conv_3x3") == text.count("skip_connect") == 2
        assert "candidates" not in text


def test_what_is_left_of_a_cell_is_drawn_beside_the_whole(tmp_path: Path, genotype: Path) -> None:
    data = json.loads(genotype.read_text())
    data |= {"version": 2, "positions": {"network/normal_1": {"cell": "normal", "removed": ["n1"]}}}
    genotype.write_text(json.dumps(data))
    out = tmp_path / "cells.mmd"
    assert invoke(str(genotype), "-o", str(out)).exit_code == 0
    assert "normal at network/normal_1" in out.read_text()
    assert out.read_text().count("sep_conv_3x3") == 2
    assert invoke(str(genotype), "-o", str(tmp_path / "cells.svg")).exit_code == 0


@pytest.mark.parametrize(
    ("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_the_formats(tmp_path: Path, genotype: Path, suffix: str, magic: bytes) -> None:
    out = tmp_path / f"cells.{suffix}"
    result = invoke(str(genotype), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(magic)
    if suffix == "svg":
        assert ElementTree.parse(out).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("source", "out", "code"),
    [
        ("ss1", "cells.jpeg", "N0603"),
        ("ss1", "cells", "N0603"),
        ("ss1", "no/such/folder/cells.dot", "N0603"),
        ("ss9", "cells.svg", "N0102"),
        ("missing.json", "cells.svg", "N0501"),
        (".", "cells.svg", "N0701"),
    ],
)
def test_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, out: str, code: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(source, "-o", out)
    assert result.exit_code == 1 and f"error[{code}]" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_space_without_cells_shows_its_stages(tmp_path: Path) -> None:
    path = tmp_path / "flat.nas"
    path.write_text(
        "space Flat(channels = 2) { network = input -> conv(3) -> global_pool -> linear(classes) }\n"
    )
    result = invoke(str(path), "-o", str(tmp_path / "flat.svg"))
    assert result.exit_code == 0
    text = (tmp_path / "flat.svg").read_text()
    assert all(f">{stage}</text>" in text for stage in ("conv(3)", "global_pool", "linear(classes)"))
