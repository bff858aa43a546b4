"""Published genotypes in the DARTS space: read, counted against a network built by hand, written back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pairs import genotype_of_pairs
from small import random_genotype
from torch import nn
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.source import Source
from dslnas.export.python import python_file
from dslnas.ir.genotype import Genotype, from_json, read, to_json
from dslnas.ir.positions import network_of
from dslnas.ir.walk import Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.prune.darts_text import read_published
from dslnas.prune.published import adopted, published_text
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

FILE = Path(__file__).with_name("published_genotypes.txt")
CANDIDATES = (
    "none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
    "dil_conv_5x5",
)  # fmt: skip
# Parameters as the papers and their code give them, of the network without its auxiliary head.
PUBLISHED = {
    "DARTS_V1": 3_169_414, "DARTS_V2": 3_349_342, "PCDARTS_cifar": 3_634_678, "PDARTS": 3_433_798,
    "GDAS_V1": 3_368_782,
}  # fmt: skip
# FairDARTS counts the auxiliary head as well: 3.88 M and 3.84 M.
WITH_AUXILIARY = {
    "FairDARTS_b": 3.88, "FairDARTS_d": 3.84, "FairDARTS_a": 2.83, "FairDARTS_e": 3.12, "FairDARTS_g": 3.375,
}  # fmt: skip
Edges = list[tuple[str, int]]


@cache
def darts() -> Experiment:
    return load("darts", Request(preset="paper"))


def published(name: str) -> Genotype:
    source = Source(FILE.name, FILE.read_text())
    return adopted(read_published(source, name), darts().evaluation, darts().space_hash, FILE.name)


def counted(genotype: Genotype) -> int:
    return cost(*network_of(darts().evaluation, genotype)).params


# --- the network by hand, as its authors build it: the layers that have weights ----------------------------


def operation(name: str, c: int, stride: int, affine: bool, norm_pools: bool) -> Iterator[nn.Module]:
    kind, _, kernel = name.rpartition("_")
    k = int(kernel[0]) if "x" in kernel else 0
    if kind == "sep_conv":
        for _ in range(2):
            yield nn.Conv2d(c, c, k, groups=c, bias=False)
            yield from pointwise(c, c, affine)
    elif kind == "dil_conv":
        yield nn.Conv2d(c, c, k, dilation=2, groups=c, bias=False)
        yield from pointwise(c, c, affine)
    elif name == "skip_connect" and stride == 2:
        yield from halved(c, c, affine)
    elif "pool" in name and norm_pools:
        yield nn.BatchNorm2d(c, affine=False)


def pointwise(c_in: int, c: int, affine: bool) -> Iterator[nn.Module]:
    yield nn.Conv2d(c_in, c, 1, bias=False)
    yield nn.BatchNorm2d(c, affine=affine)


def halved(c_in: int, c: int, affine: bool) -> Iterator[nn.Module]:
    for _ in range(2):
        yield nn.Conv2d(c_in, c // 2, 1, stride=2, bias=False)
    yield nn.BatchNorm2d(c, affine=affine)


def network(
    normal: list[Edges], reduce: list[Edges], c: int, layers: int, affine: bool
) -> Iterator[nn.Module]:
    """The layers of a network whose cells have these edges into each node."""
    yield nn.Conv2d(3, 3 * c, 3, bias=False)
    yield nn.BatchNorm2d(3 * c)
    before, last, after_reduction = 3 * c, 3 * c, False
    for layer in range(layers):
        reduction = layer in (layers // 3, 2 * layers // 3)
        c *= 2 if reduction else 1
        yield from (halved if after_reduction else pointwise)(before, c, affine)
        yield from pointwise(last, c, affine)
        nodes = reduce if reduction else normal
        for name, source in (edge for edges in nodes for edge in edges):
            stride = 2 if reduction and source < 2 else 1
            yield from operation(name, c, stride, affine, norm_pools=not affine)
        before, last, after_reduction = last, len(nodes) * c, reduction
    yield nn.Linear(last, 10)


def parameters(modules: Iterator[nn.Module]) -> int:
    return sum(weight.numel() for module in modules for weight in module.parameters())


def by_hand(name: str) -> int:
    """The parameters of the evaluation network of a genotype, read from the file by other means."""
    calls = {
        statement.targets[0].id: {k.arg: k.value for k in statement.value.keywords}
        for statement in ast.parse(FILE.read_text()).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Call)
    }

    def nodes(field: str) -> list[Edges]:
        edges: list[Any] = ast.literal_eval(calls[name][field])
        if len(edges[0]) == 2:
            return [edges[place : place + 2] for place in range(0, len(edges), 2)]
        into = {node for _, node, _ in edges}
        return [
            [(op, source) for op, node, source in edges if node == state and source in {0, 1, *into}]
            for state in sorted(into)
        ]

    return parameters(network(nodes("normal"), nodes("reduce"), c=36, layers=20, affine=True))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_network_has_its_published_parameters(name: str) -> None:
    assert counted(published(name)) == by_hand(name) == PUBLISHED[name]


def test_a_node_without_edges_is_left_out_of_the_concatenation() -> None:
    """FairDARTS_c: the original counts 2.59 M without its head, cut off."""
    genotype = published("FairDARTS_c")
    assert counted(genotype) == by_hand("FairDARTS_c") == 2_598_814
    assert [len(node.edges) for node in genotype.cell("normal").nodes] == [2, 0, 2, 1]
    assert from_json(to_json(genotype)) == genotype
    network = PrunedNetwork(small().evaluation, genotype, seed=0)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    file = python_file(small(), genotype, "network.pt", "New.")
    assert set(file.weights(network.state_dict()))


@cache
def small() -> Experiment:
    return load("darts", Request(data="cifar10", overrides=["channels=2", "repeat=0"]))


@pytest.mark.parametrize("name", WITH_AUXILIARY)
def test_fairdarts_counts_the_auxiliary_head(name: str) -> None:
    own = counted(published(name))
    head = [nn.Conv2d(576, 128, 1, bias=False), nn.BatchNorm2d(128), nn.Conv2d(128, 768, 2, bias=False)]
    auxiliary = parameters(iter([*head, nn.BatchNorm2d(768), nn.Linear(768, 10)]))
    assert own == by_hand(name)
    assert (own + auxiliary) / 1e6 == pytest.approx(WITH_AUXILIARY[name], abs=0.0075)  # some are cut off


def test_the_supernet_has_the_parameters_of_the_original_code() -> None:
    every = [[(name, source) for source in range(2 + node) for name in CANDIDATES] for node in range(4)]
    supernet = cost(darts().supernet, Everything()).params
    assert supernet == parameters(network(every, every, c=16, layers=8, affine=False)) == 1_930_618


def test_the_candidates_stand_in_the_original_order() -> None:
    assert {point.options for point in darts().supernet.choices.values()} == {CANDIDATES}


# --- there and back ----------------------------------------------------------------------------------------


def kept(genotype: Genotype, edges: list[int]) -> Genotype:
    """The genotype with so many edges at each node, in turn."""

    def cut(cell: Any) -> Any:
        nodes = zip(cell.nodes, edges, strict=False)
        return replace(cell, nodes=tuple(replace(node, edges=node.edges[:count]) for node, count in nodes))

    return replace(genotype, cells=tuple(map(cut, genotype.cells)))


@given(st.integers(0, 10**6), st.lists(st.integers(1, 2), min_size=4, max_size=4))
def test_a_genotype_in_their_form_is_read_back(seed: int, edges: list[int]) -> None:
    genotype = kept(random_genotype(darts().evaluation, seed), edges)
    text = published_text(genotype, "mine")
    found = read_published(Source("mine.py", text))
    back = adopted(found, darts().evaluation, genotype.space_hash, "mine.py")
    assert (found.name, back.cells, back.choices) == ("mine", genotype.cells, ())


def test_another_name_of_a_genotype_is_a_name() -> None:
    assert published("DARTS").cells == published("DARTS_V2").cells


@given(st.integers(0, 10**6))
def test_several_operations_between_two_nodes_are_read_back(seed: int) -> None:
    """Whatever the method of the space: DARTS keeps one of an edge, and takes a network that has two."""
    genotype = genotype_of_pairs(darts().evaluation, seed)
    found = read_published(Source("mine.py", published_text(genotype, "mine")))
    assert adopted(found, darts().evaluation, genotype.space_hash, "mine.py").cells == genotype.cells


def test_edges_of_zeros_are_left_out() -> None:
    before, name, after = FILE.read_text().partition("FairDARTS_b = ")
    last = '("dil_conv_5x5", 5, 1)'
    assert last in after
    text = f"{before}{name}{after.replace(last, last + ', (' + repr('none') + ', 5, 2)', 1)}"
    found = read_published(Source("zeros.py", text), "FairDARTS_b")
    assert ("none", 2, 5) in {(edge.operation, edge.source, edge.node) for edge in found.normal.edges}
    assert adopted(found, darts().evaluation, "", "zeros.py").cells == published("FairDARTS_b").cells


# --- the commands ------------------------------------------------------------------------------------------


def test_the_command_writes_what_the_others_read(tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    out, text = tmp_path / "g.json", tmp_path / "g.nas"
    for file in (out, text):
        run("import", FILE, "--name", "PDARTS", "--space", "spaces/darts.nas", "-o", file)
    genotype = read(out)
    assert genotype.cells == published("PDARTS").cells and genotype.space == "DARTS"
    assert "3.434 M" in run("plan", text, "--data", "cifar10")
    assert run("print", out, "--name", "best", "--darts").startswith(
        "best = Genotype(\n    normal=[('skip_connect', 0)"
    )
    run("render", out, "-o", tmp_path / "g.svg")
    assert from_json(ast.literal_eval(run("import", FILE, "--name", "PDARTS"))) == genotype
