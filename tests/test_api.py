"""The Python API: the words of the language from a text to a network, and what a notebook shows of them."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch
from small import random_genotype

import dslnas
from dslnas.api import Findings, Genotype, Space
from dslnas.ir import genotype as genotypes
from dslnas.runs.load import load as engine_load
from dslnas.runs.request import Request

SMALL = {"nodes": 2, "channels": 4, "repeat": 0, "train.channels": 6}


def small(space: str = "sspolasym5", **more: object) -> Space:
    return dslnas.load(space, data="fsdd", settings={**SMALL, **more})


def test_from_a_text_to_a_network_in_five_lines() -> None:
    space = small()
    assert space.check() == () and str(space.check()) == "well formed"
    net = space.supernet()
    g = net.genotype()
    network = g.network()
    x = torch.randn(2, *space.experiment.frontend.output.shape)
    assert net(x).shape == network(x).shape == (2, len(space.experiment.classes))


def test_the_network_is_the_one_that_is_planned() -> None:
    space = small()
    net = space.supernet()
    g = net.genotype()
    planned = space.plan(g)
    assert sum(p.numel() for p in net.network.parameters()) == planned.params.supernet
    assert sum(p.numel() for p in g.network().parameters()) == planned.params.live
    assert planned.settings["search"]["channels"] == 4 and planned.settings["train"]["channels"] == 6


@torch.no_grad()
def test_the_genotype_follows_the_architecture_parameters() -> None:
    space = small()
    net = space.supernet()
    options = next(iter(space.experiment.supernet.choices.values())).options
    for operation in ("skip_connect", "sep_conv_3x3"):
        for alpha in net.architecture.alpha.values():
            alpha.zero_()
            alpha[:, options.index(operation)] = 5.0
        nodes = [node for cell in net.genotype().cells for node in cell.nodes]
        assert {edge.operation for node in nodes for edge in node.edges} == {operation}


def test_weights_follow_from_the_seed() -> None:
    space = small()
    one, same, other = (list(space.supernet(seed).parameters()) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_genotype_is_saved_and_read_again(tmp_path: Path) -> None:
    space = small()
    g = space.genotype(random_genotype(space.experiment.evaluation, 5))
    path = g.save(tmp_path / "found.json")
    assert space.genotype(path) == g
    assert space.genotype(genotypes.to_json(g)) == g and isinstance(g, dslnas.Genotype)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(dslnas.DslnasError, match="no dslnas genotype"):
        space.genotype(tmp_path / "other.json")
    text = path.read_text().replace(g.cells[0].nodes[0].edges[0].operation, "sep_conv_9x9")
    (tmp_path / "wrong.json").write_text(text)
    with pytest.raises(dslnas.DslnasError, match="sep_conv_9x9"):
        space.genotype(tmp_path / "wrong.json")


def test_mistakes_are_told_all_at_once_and_raised_where_they_matter(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text("space Mine {\n    network = input -> convv(3) -> global_pool -> liner(classes)\n}\n")
    space = dslnas.load(path)
    found = space.check()
    assert [d.code for d in found] == ["N0201", "N0201"] and isinstance(found, Findings)
    assert "^^^^^" in repr(found) and "conv" in repr(found)
    with pytest.raises(dslnas.DslnasError) as caught:
        space.plan()
    assert caught.value.diagnostics == found
    assert any("mine.nas:2:" in note for note in caught.value.__notes__)


def test_what_is_wrong_with_the_settings_is_told_as_well() -> None:
    (found,) = small(**{"search.epoch": 3}).check()
    assert found.severity == "error" and "search.epoch" in found.message
    with pytest.raises(dslnas.DslnasError, match="no_such_space"):
        dslnas.load("no_such_space")


def test_loading_says_the_same_as_the_engine() -> None:
    space = dslnas.load("ss1", data="sc09", preset="paper", settings={"method": "forcedarts"}, seed=3)
    experiment = engine_load(
        "ss1", Request(data="sc09", preset="paper", overrides=["method=forcedarts"], seed=3)
    )
    assert space.experiment.settings == experiment.settings and space.name == "SS1"
    assert space.experiment.method == experiment.method and experiment.method.name == "forcedarts"


def test_a_run_is_started_from_a_space(tmp_path: Path) -> None:
    run = small().start(tmp_path / "run", device="cpu")
    assert (tmp_path / "run" / "space.nas").is_file()
    assert run.experiment.settings.search.parameters["nodes"] == 2


def test_a_notebook_shows_a_space_as_a_table() -> None:
    space = small()
    table = ElementTree.fromstring(space._repr_html_())
    shown = {row[0].text: row[1].text for row in table.iter("tr")}
    assert shown["architectures"] == f"{space.plan().size:,}" and shown["data"] is not None
    assert "GiB" in (shown["peak memory of a step"] or "") and table.find("caption") is not None


def test_a_notebook_shows_cells_and_genotypes_as_pictures() -> None:
    space = small()
    g = space.genotype(random_genotype(space.experiment.evaluation, 1))
    for picture, says in (
        (space.cells["reduction"]._repr_svg_(), "7 candidates"),
        (g.cell("reduction")._repr_svg_(), g.cell("reduction").nodes[0].edges[0].operation),
        (g._repr_svg_(), "reduction"),
    ):
        assert picture is not None and says in picture
        assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert Genotype("Layers", "", "darts", ())._repr_svg_() is None


def test_checking_planning_and_showing_a_table_need_no_torch() -> None:
    code = (
        "import sys, dslnas; s = dslnas.load('ss1'); s.check(); s.plan(); s._repr_html_(); s.cells; "
        "print(sorted({'torch', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
