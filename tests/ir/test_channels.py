"""Channels that go together: a narrower cell is the cell of its space with fewer channels."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import random_genotype, small

from dslnas.ir.channels import narrowed, ties
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, walk
from dslnas.runs.load import load
from dslnas.runs.request import Request


def shapes(program: Program, chosen: Chosen, place: str) -> dict[str, str]:
    """The types of all values of the cell at a place that are not of what it reads."""
    call = next(step.node for step in walk(program.network, chosen) if step.node.id == place)
    graph = program.cells[call.cell]
    tied_to_inputs = {step.node.id for step in walk(graph, chosen) if step.node.primitive == "relu"}
    return {
        step.node.id: str(step.node.type)
        for step in walk(graph, chosen)
        if step.node.kind != "input" and step.node.id not in tied_to_inputs
    }


@pytest.mark.parametrize(
    ("space", "setting"),
    [("ss1", "domain=real"), ("ss1", "domain=complex"), ("darts", "affine=true"), ("sspolasym4", "repeat=1")],
)
def test_a_narrower_cell_is_that_of_its_space_with_fewer_channels(space: str, setting: str) -> None:
    wide = small(space, "darts", "repeat=1", "channels=8", setting, nodes=2).evaluation
    narrow = small(space, "darts", "repeat=1", "channels=4", setting, nodes=2).evaluation
    genotype = random_genotype(wide, 3)
    chosen = Chosen.of(genotype)
    tied = ties(wide, chosen)
    assert tied.widths.keys() == {f"network/{call.id}" for call in wide.network.of_kind("call")}
    halved = narrowed(wide, chosen, {name: width // 2 for name, width in tied.widths.items()})
    for call in wide.network.of_kind("call"):
        assert shapes(halved, chosen, call.id) == shapes(narrow, chosen, call.id)


def test_channels_go_by_twos_where_convolutions_of_half_as_many_are_joined() -> None:
    program = small("ss1", "darts", "repeat=1", nodes=2).evaluation
    tied = ties(program, Chosen.of(random_genotype(program, 0)))
    assert tied.together("network/normal_1") == 1  # reads what has its size
    assert tied.together("network/normal_2") == 2  # its first input is halved by a factorized reduce


SPACE = """
use "lib/darts.nas"
use "lib/methods.nas"

space Plain(nodes = 1, channels = 8, repeat = 0) {
    candidates {
        skip = skip
        conv = sep_conv(3)
        norm = x -> conv(1) -> ln
    }
    cell plain(p) {
        node n[1..nodes] = sum(choose candidates(q) for q in earlier) keep 1
        concat(n)
    }
    network = input -> conv(3, channels) -> plain -> plain -> global_pool -> linear(classes)
}

method one_edge = darts with {
    prune: top(1, candidates), top(1, edges)
}

experiment {
    space:  Plain
    method: one_edge
}
"""


@pytest.mark.parametrize(("operation", "narrow"), [("skip", 0), ("conv", 2), ("norm", 0)])
def test_a_cell_keeps_its_width_where_channels_cannot_be_told_apart(
    tmp_path: Path, operation: str, narrow: int
) -> None:
    """A skip hands on what the cell before makes, and a layer norm joins all channels."""
    path = tmp_path / "plain.nas"
    path.write_text(SPACE)
    program = load(str(path), Request(data="fsdd")).evaluation
    genotype: Genotype = random_genotype(program, 0)
    chosen = Chosen({"plain/n1<-p": operation}, Chosen.of(genotype).sources)
    assert len(ties(program, chosen).units) == narrow
