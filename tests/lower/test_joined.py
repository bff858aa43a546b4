"""Layers that are computed together compute what they compute one by one, and what cannot be joined stays."""

from __future__ import annotations

import random
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
import torch
from nested import nested
from small import batch, program_of, small, stir
from torch import Tensor, nn

from dslnas.ir.analysis.extent import AS_THE_SPACE
from dslnas.lower import joined
from dslnas.lower.joined import JoinedNorm, ScaledSum, join_layers
from dslnas.lower.modules.norms import Norms
from dslnas.lower.paths import SampledSupernet
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.sampled.draws import random_path

# What is joined: the stem, the depthwise one, a branch, the last. What is not: a convolution of single pixels
# with a stride, one with two readers; a relu beside another reader does not work in place.
KINDS = """
op branch = x + (x -> conv(1, C_in) -> bn(affine: true) -> scaled(0.5))
op normed = x + (x -> bn)
op rectified = x + (x -> relu)
space Kinds {
    network = input
        -> conv(3, 8, stride: 2) -> bn -> relu6
        -> dwconv((3, 5), stride: (1, 2)) -> bn(affine: true) -> choose { tanh, relu }
        -> conv(1, 16, stride: 2) -> bn -> relu
        -> branch -> conv(3, 8) -> normed -> conv(3, 8) -> bn -> rectified
        -> global_pool -> linear(classes)
}
experiment {
    space:  Kinds
    method: nasc
}
"""


@cache
def experiment(name: str) -> Experiment:
    if name == "ss1":
        return small("ss1", "nasc", nodes=2)
    return nested() if name == "nested" else load("keywords", Request(data="fsdd"))


def kinds(folder: Path) -> Experiment:
    path = folder / "kinds.nas"
    path.write_text(KINDS)
    return load(path, Request(data="fsdd"))


def judged(supernet: SampledSupernet, path: object, clips: tuple[Tensor, Tensor]) -> list[Tensor]:
    """The logits of the first clips, those of the others with the statistics of the first, and these."""
    norms = Norms(supernet.eval())
    norms.reset()
    with torch.no_grad():
        with norms.estimating():
            first = supernet(clips[0], path)  # type: ignore[arg-type]
        then = supernet(clips[1], path)  # type: ignore[arg-type]
    return [first, then, *norms._zeros, *norms._ones]


def hold_against_single_layers(one: Experiment, paths: int) -> SampledSupernet:
    program, chance = program_of(one), random.Random(0)
    supernet = SampledSupernet(program, 0)
    stir(supernet, 1)
    together = deepcopy(supernet)
    join_layers(together)
    clips = batch(one, 5, 1)[0], batch(one, 3, 2)[0]
    for _ in range(paths):
        path = random_path(program, AS_THE_SPACE, chance)
        expected, found = judged(supernet, path, clips), judged(together, path, clips)
        for one_by_one, joint in zip(expected, found, strict=True):
            torch.testing.assert_close(joint, one_by_one, rtol=1e-3, atol=1e-4)
    return together


@pytest.mark.parametrize("many", [1, 2**40])
@pytest.mark.parametrize("name", ["keywords", "nested", "ss1"])
def test_networks_are_judged_as_layer_by_layer(name: str, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined, "MANY", many)
    hold_against_single_layers(experiment(name), 3)


@pytest.mark.parametrize("many", [1, 2**40])
def test_what_can_be_joined_is(many: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(joined, "MANY", many)
    together = hold_against_single_layers(kinds(tmp_path), 2)
    parts = [type(part) for part in together.network.parts.values()]
    assert (parts.count(JoinedNorm), parts.count(ScaledSum)) == (4, 1)
    in_place = [part for part in together.modules() if getattr(part, "inplace", False)]
    assert [type(part) for part in in_place] == [nn.ReLU6]
    whole = SampledSupernet(program_of(experiment("keywords")), 0)
    join_layers(whole)
    assert not any(isinstance(part, nn.Conv2d) for part in whole.network.parts.values())


def test_weights_are_taken_up_anew_with_each_statistics() -> None:
    program, chance = program_of(experiment("keywords")), random.Random(1)
    path, supernet = random_path(program, AS_THE_SPACE, chance), SampledSupernet(program, 0)
    join_layers(supernet)
    clips = [batch(experiment("keywords"), 4, seed)[0] for seed in range(3)]
    first = judged(supernet, path, (clips[0], clips[2]))[1]
    assert not torch.allclose(judged(supernet, path, (clips[1], clips[2]))[1], first)
    assert torch.equal(judged(supernet, path, (clips[0], clips[2]))[1], first)


def test_a_single_value_has_no_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined, "MANY", 1)
    norm = JoinedNorm(nn.Conv2d(1, 1, 1, bias=False), joined.BatchNorm2d(1)).train()
    with torch.no_grad(), pytest.raises(ValueError, match="more than 1 value"):
        norm(torch.ones(1, 1, 1, 1).contiguous(memory_format=torch.channels_last))
