"""Pruning ranks by mixed weights, and its genotypes fit their space."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import SPACES, program_of, random_genotype, small

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.analysis.extent import size
from dslnas.ir.genotype import Genotype, from_json, to_json
from dslnas.ir.graph import Program
from dslnas.prune.prune import prune, strongest, strongest_options
from dslnas.prune.validate import validate
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.relaxed.losses import gap


def space() -> Program:
    return program_of(small("ss1", "darts", "repeat=1", nodes=3))


def uniform(program: Program) -> tuple[dict[str, list[float]], dict[str, list[float]], dict[str, int]]:
    alpha = {id: [0.5] * len(point.options) for id, point in program.choices.items()}
    gamma = {id: [0.5] * len(s.sources) for id, s in program.selections.items()}
    return alpha, gamma, {id: s.keep for id, s in program.selections.items()}


def pruned(program: Program, alpha: Any, gamma: Any, keep: Any) -> Genotype:
    return prune(program, alpha, gamma, keep, "sha256:0", "darts")


def test_the_strongest_are_kept_in_their_order() -> None:
    assert strongest([0.1, 0.9, 0.3, 0.8], 2) == [1, 3]
    assert strongest([0.9, 0.1, 0.3, 0.8], 3) == [0, 2, 3]


def test_of_equal_weights_the_first_are_kept() -> None:
    assert strongest([0.5, 0.5, 0.5], 2) == [0, 1]
    assert strongest([0.5, 0.7, 0.5, 0.5], 2) == [0, 1]
    program = space()
    genotype = pruned(program, *uniform(program))
    for cell in genotype.cells:
        for node in cell.nodes:
            assert [edge.source for edge in node.edges] == ["a", "b"]
            assert {edge.operation for edge in node.edges} == {"max_pool_3x3"}


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=7, unique=True), st.integers(1, 3))
def test_negative_logits_rank_as_their_mixed_weights(logits: list[float], count: int) -> None:
    """Both mixing functions rise with the logit, also below 0: -0.1 beats -3."""
    total = sum(math.exp(logit) for logit in logits)
    softmax = [math.exp(logit) / total for logit in logits]
    sigmoid = [1 / (1 + math.exp(-logit)) for logit in logits]
    best = sorted(sorted(range(len(logits)), key=lambda i: logits[i])[-count:])
    if len(set(softmax)) == len(set(sigmoid)) == len(logits):
        assert strongest(softmax, count) == strongest(sigmoid, count) == best


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_each_node_keeps_its_strongest_edges_with_their_strongest_candidates(data: st.DataObject) -> None:
    program = space()
    alpha, gamma, keep = uniform(program)
    unit = st.floats(0, 1)
    for weights in (alpha, gamma):
        for id, w in weights.items():
            weights[id] = data.draw(st.lists(unit, min_size=len(w), max_size=len(w)))
    keep = {id: data.draw(st.integers(1, count)) for id, count in keep.items()}
    genotype = validate(pruned(program, alpha, gamma, keep), program)
    for cell in genotype.cells:
        for node in cell.nodes:
            selection = program.selections[f"{cell.name}/{node.name}"]
            kept = {edge.source for edge in node.edges}
            assert len(kept) == keep[selection.id]
            by_source = dict(zip(selection.sources, gamma[selection.id], strict=True))
            dropped = [weight for source, weight in by_source.items() if source not in kept]
            assert min(by_source[source] for source in kept) >= max(dropped, default=0)
            for edge in node.edges:
                point = f"{selection.id}<-{edge.source}"
                options = program.choices[point].options
                assert alpha[point][options.index(edge.operation)] == max(alpha[point])
    assert strongest_options(program, alpha).keys() == program.choices.keys()


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("seed", range(5))
def test_genotypes_survive_json_and_fit_their_space(name: str, seed: int) -> None:
    program = program_of(small(name, "darts", nodes=3))
    genotype = random_genotype(program, seed)
    assert validate(from_json(to_json(genotype)), program) == genotype


def with_zeros(program: Program, option: str) -> Program:
    """The program in which an option of every edge hands out zeros."""
    choices = {
        id: replace(point, zeros=(option,) if point.node else ()) for id, point in program.choices.items()
    }
    return replace(program, choices=choices)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_zeros_compete_and_never_remain(data: st.DataObject) -> None:
    """However strong `none` is, the edge keeps the strongest of the others."""
    none = "avg_pool_3x3"
    program = with_zeros(space(), none)
    alpha, gamma, keep = uniform(program)
    for id, weights in alpha.items():
        weights[:] = data.draw(st.lists(st.floats(0, 0.9), min_size=len(weights), max_size=len(weights)))
        if data.draw(st.booleans()):
            weights[program.choices[id].options.index(none)] = 1.0
    genotype = validate(pruned(program, alpha, gamma, keep), program)
    for id, option in strongest_options(program, alpha).items():
        others = [w for o, w in zip(program.choices[id].options, alpha[id], strict=True) if o != none]
        assert option != none
        assert alpha[id][program.choices[id].options.index(option)] == max(others)
    assert none not in str(to_json(genotype))


def test_zeros_are_known_by_what_they_compute(tmp_path: Path) -> None:
    """Not by a name: `absent` is one, and what is called `none` but computes something is not."""
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\nspace Mine = SS1 with {\n    candidates.absent = x -> zero(stride)\n'
        "    candidates.none = sep_conv(7)\n}\n"
    )
    program = load(path, Request(data="fsdd", overrides=["nodes=2", "channels=4", "repeat=0"])).supernet
    assert {point.zeros for point in program.choices.values()} == {("absent",)}
    assert all("none" in point.remaining for point in program.choices.values())


def test_a_genotype_with_zeros_on_an_edge_does_not_fit() -> None:
    genotype = random_genotype(space(), 0)
    taken = genotype.cells[0].nodes[0].edges[0].operation
    with pytest.raises(DslnasError, match=f"has an operation `{taken}`"):
        validate(genotype, with_zeros(space(), taken))


def test_zeros_are_no_genotypes() -> None:
    """A space with `none` has as many genotypes as the space without it."""
    program = program_of(small("ss1", "darts", nodes=2))
    edges, options = 2, len(next(iter(program.choices.values())).options)
    first_node = options**edges
    second_node = 3 * options**edges  # two of three edges
    assert size(program) == (first_node * second_node) ** len(program.kinds)
    fewer = (options - 1) ** edges
    assert size(with_zeros(program, "skip_connect")) == (fewer * 3 * fewer) ** len(program.kinds)


def test_the_gap_is_to_what_remains() -> None:
    """An edge on which zeros are strongest is far from the candidate that remains."""
    weights = {"e": torch.tensor([0.7, 0.2, 0.1])}
    assert float(gap(weights, {}, {}, {})) == pytest.approx((0.3 + 0.2 + 0.1) / 3)
    assert float(gap(weights, {}, {}, {}, {"e": [0]})) == pytest.approx((0.7 + 0.8 + 0.1) / 3)
