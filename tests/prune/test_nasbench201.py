"""The space of NAS-Bench-201: its sizes are those that are published, and its cells are read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recordings import metrics_of, refused
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.source import Source
from dslnas.ir.analysis import extent
from dslnas.ir.genotype import Genotype, read
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.prune.nasbench201 import adopted_cell, read_cell
from dslnas.resolve.genotype_text import read_source, text_of
from dslnas.runs.begin import start
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))  # from a state, to a node
BARE = 73_306  # parameters on CIFAR-10 without those on edges


@cache
def space(data: str = "cifar10", *overrides: str) -> Experiment:
    return load("nasbench201", Request(data=data, preset="paper", overrides=overrides))


def text_with(*operations: str) -> str:
    """A cell as it is published, with an operation for each edge."""
    parts = [
        "".join(f"{one}~{edge[0]}|" for one, edge in zip(operations, EDGES, strict=True) if edge[1] == node)
        for node in (1, 2, 3)
    ]
    return "+".join(f"|{part}" for part in parts)


def genotype_of(text: str, experiment: Experiment) -> Genotype:
    found = read_cell(Source("x.txt", text))
    assert found is not None
    return adopted_cell(found, experiment.evaluation, experiment.space_hash, "x.txt")


@pytest.mark.parametrize(
    ("data", "least", "most"), [("cifar10", BARE, 1_531_546), ("cifar100", 79_156, 1_537_396)]
)
def test_sizes_are_those_of_the_benchmark(data: str, least: int, most: int) -> None:
    """The least and the most parameters among the networks of the benchmark, as its files say them."""
    experiment = space(data)
    found = extent.params_extremes(experiment.evaluation, experiment.method.keeping)
    assert (found.least, found.most) == (least, most)


@pytest.mark.parametrize(("operation", "macs"), [("skip_connect", 7_783_040), ("nor_conv_3x3", 220_119_680)])
def test_multiply_accumulates_are_those_of_the_benchmark(operation: str, macs: int) -> None:
    """7.78305 M and 220.11969 M there, where the ten biases of the last layer count as well."""
    experiment = space()
    genotype = genotype_of(text_with(*[operation] * 6), experiment)
    assert cost(experiment.evaluation, Chosen.of(genotype)).macs == macs
    assert cost(experiment.supernet, Everything()).params > BARE


@given(st.tuples(*[st.sampled_from(OPERATIONS)] * 6))
def test_any_cell_is_read_and_what_does_nothing_is_left_out(operations: tuple[str, ...]) -> None:
    experiment = space()
    there = {edge for edge, one in zip(EDGES, operations, strict=True) if one != "none"}
    fed = {0} | {node for node in (1, 2, 3) if _leads(there, 0, node)}
    alive = {
        edge: one
        for edge, one in zip(EDGES, operations, strict=True)
        if edge in there and edge[0] in fed and (edge[1] == 3 or _leads(there, edge[1], 3))
    }
    text = text_with(*operations)
    if not alive:
        refused(
            "N0502",
            "nothing that comes into this cell reaches its last node",
            lambda: genotype_of(text, experiment),
        )
        return
    genotype = genotype_of(text, experiment)
    (cell,) = genotype.cells
    assert sum(len(node.edges) for node in cell.nodes) == len(alive)
    sizes = {"nor_conv_1x1": 1, "nor_conv_3x3": 9}
    of_edges = sum(
        5 * (sizes[one] * width**2 + 2 * width)
        for one in alive.values()
        if one in sizes
        for width in (16, 32, 64)
    )
    assert cost(experiment.evaluation, Chosen.of(genotype)).params == BARE + of_edges


def _leads(edges: set[tuple[int, int]], start: int, end: int) -> bool:
    """Whether edges lead from a state to another."""
    return any(one == start and (other == end or _leads(edges, other, end)) for one, other in edges)


def test_a_network_without_a_node_hands_out_what_is_left() -> None:
    experiment = space("fsdd", "repeat=1", "channels=4")
    operations = ("nor_conv_3x3", "none", "none", "skip_connect", "none", "none")
    genotype = genotype_of(text_with(*operations), experiment)
    network = PrunedNetwork(experiment.evaluation, genotype, 0).eval()
    shape = experiment.evaluation.network.of_kind("input")[0].type.stored
    assert network(torch.zeros(2, *shape)).shape == (2, 10)
    assert [len(node.edges) for node in genotype.cells[0].nodes] == [0, 0, 1]


@pytest.mark.usefixtures("tiny_runs")
def test_it_is_searched_and_trained_on_recordings(tones: Path, tmp_path: Path) -> None:
    sizes = ("repeat=1", "channels=4", "search.batch=4", "train.batch=4", "search.steps=2", "train.steps=2")
    experiment = load("nasbench201", Request(data=f"folder:{tones}", overrides=sizes))
    start(experiment, tmp_path / "run", device="cpu").execute()
    found = read(tmp_path / "run" / "genotype.json")
    assert [len(node.edges) for node in found.cells[0].nodes] == [1, 2, 3]
    live = cost(experiment.evaluation, Chosen.of(found)).params
    assert metrics_of(tmp_path / "run")["params"]["live"] == live


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("|nor_conv_3x3~0|+|none~0|none~1|", "N0502", "one input and 2 nodes"),
        (text_with(*["nor_conv_5x5"] * 6), "N0502", "no operation `nor_conv_5x5`"),
        ("|none~0|+|none~0|skip_connect~2|", "N0501", "an edge of node 2 comes from state 2"),
        ("|none~0|+|", "N0501", "has no edge"),
        (f"{text_with(*OPERATIONS, 'none')}\n|none~0|", "N0501", "holds 2 cells"),
        (text_with(*["skip_connect"] * 6).replace("~1|+", "~1|skip_connect~1|+"), "N0502", "two edges"),
    ],
)
def test_mistakes_are_told(text: str, code: str, message: str) -> None:
    refused(code, message, lambda: genotype_of(text, space()))


def test_other_text_is_no_cell_of_it() -> None:
    for text in ("", "Genotype(normal=[])", "| a | b |", "|a|", "a~0|", "||"):
        assert read_cell(Source("x", text)) is None


def test_a_line_of_a_log_is_imported_as_text_and_as_json(tmp_path: Path) -> None:
    operations = ("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "nor_conv_3x3")
    log = tmp_path / "log.txt"
    log.write_text(f"best so far: {text_with(*operations)} with 91.2 %\n")
    done = CliRunner().invoke(app, ["import", str(log), "-o", str(tmp_path / "found.nas")])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "found.nas").read_text()
    assert re.search(r"node last1 = avg_pool_3x3\(prev\) \+ nor_conv_1x1\(n1\) \+ nor_conv_3x3\(n2\)", text)
    again = read_source(tmp_path / "found.nas")
    assert again is not None and again.cells == genotype_of(log.read_text(), space()).cells
    assert text_of(again, "found")
    wrong = CliRunner().invoke(app, ["import", str(log), "--space", "darts"])
    assert wrong.exit_code == 1
