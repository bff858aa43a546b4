"""The judge of a sampled supernet: figures depend on nothing but the network and the clips."""

from __future__ import annotations

import random
from copy import deepcopy
from functools import cache, partial

import pytest
import torch
from nested import nested
from small import batch, copy_matching, program_of, small, split_of
from torch import Tensor, nn

from dslnas.data.features import Split
from dslnas.ir.analysis.extent import AS_THE_SPACE
from dslnas.ir.walk import Chosen
from dslnas.lower.network import GraphModule
from dslnas.lower.paths import SampledSupernet
from dslnas.runs.experiment import Experiment
from dslnas.search.sampled import clips as numbers
from dslnas.search.sampled import judge as judging
from dslnas.search.sampled.draws import random_path
from dslnas.search.sampled.judge import Judge

CPU = torch.device("cpu")


def experiment(space: str) -> Experiment:
    return small("ss1", "nasc", nodes=2) if space == "ss1" else nested()


@cache
def supernet(space: str) -> SampledSupernet:
    return SampledSupernet(program_of(experiment(space)), 0)


def clips(one: Experiment, count: int, seed: int) -> Split:
    features, labels = batch(one, count, seed)
    return split_of(features, labels.tolist())


def judge(one: Experiment, memory: int = judging.MEMORY) -> Judge:
    program = program_of(one)
    calibration, _ = batch(one, 6, 1)
    own = deepcopy(supernet("ss1" if one.space.name == "SS1" else "nested"))
    return Judge(own, program, [calibration], [clips(one, 5, 2)], len(one.classes), CPU, memory)


def paths_of(one: Experiment, count: int, seed: int = 0) -> list[Chosen]:
    """Random paths, and for each one that differs from it in a single decision."""
    program, chance = program_of(one), random.Random(seed)
    paths = [random_path(program, AS_THE_SPACE, chance) for _ in range(count)]
    for path in paths[:count]:
        id = chance.choice(list(path.options))
        other = chance.choice(program.choices[id].remaining)
        paths.append(Chosen({**path.options, id: other}, path.sources))
    return paths


every_space = pytest.mark.parametrize("space", ["ss1", "nested"])


@every_space
def test_any_order_and_any_worker_give_the_same_bits(space: str) -> None:
    one = experiment(space)
    paths = paths_of(one, 3)
    alone = [judge(one, memory=0).logits(path) for path in paths]
    worker = judge(one)
    for order in (range(6), [5, 5, 0, 3]):
        for place in order:
            assert torch.equal(worker.logits(paths[place]), alone[place])
    little = judge(one, memory=2**18)  # some of it is forgotten on the way
    assert all(torch.equal(little.logits(path), logits) for path, logits in zip(paths, alone, strict=True))
    assert judge(one).figures_of(paths) == [worker.figures(path) for path in paths]


@every_space
def test_statistics_are_those_of_the_calibration_clips(space: str) -> None:
    """Against a network that goes through them in training twice, with statistics of one batch."""
    one = experiment(space)
    program, found = program_of(one), judge(one)
    for path in paths_of(one, 1):
        plain = nn.Module()
        plain.network = GraphModule(program.network, program, path)
        copy_matching(supernet(space), plain)
        plain.to(memory_format=torch.channels_last)
        norms = [m for m in plain.modules() if hasattr(m, "running_mean")]
        moments: dict[nn.Module, tuple[Tensor, Tensor]] = {}
        for norm in norms:
            norm.register_forward_pre_hook(partial(_note, moments))
        x = batch(one, 6, 1)[0].contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            plain.network.train()([x])
            for norm, (variance, mean) in moments.items():
                norm.running_mean.copy_(mean), norm.running_var.copy_(variance)
            y = batch(one, 5, 2)[0].contiguous(memory_format=torch.channels_last)
            expected = plain.network.eval()([y])
        torch.testing.assert_close(found.logits(path), expected, rtol=1e-3, atol=1e-4)


def _note(moments: dict[nn.Module, tuple[Tensor, Tensor]], norm: nn.Module, read: tuple[Tensor]) -> None:
    moments[norm] = torch.var_mean(read[0], (0, 2, 3))


def test_a_network_that_breaks_down_spoils_no_other() -> None:
    one = experiment("ss1")
    first, second, *_ = paths_of(one, 2)
    expected, found = judge(one).logits(second), judge(one)
    weights = [part.weight for part in found.supernet.parts_on(first) if isinstance(part, nn.Conv2d)]
    kept = weights[0].detach().clone()
    with torch.no_grad():
        weights[0].fill_(float("nan"))
        assert found.logits(first).isnan().all()
        weights[0].copy_(kept)
    found._kept = judging._Kept(0)
    assert torch.equal(found.logits(second), expected)


@every_space
def test_what_a_sibling_has_computed_is_not_computed_again(space: str) -> None:
    one = experiment(space)
    found, (path, *_) = judge(one), paths_of(one, 1)
    run: list[nn.Module] = []
    for part in found.supernet.network.modules():
        if not isinstance(part, GraphModule):
            part.register_forward_hook(lambda module, *_: run.append(module))
    found.logits(path)
    whole = len(run)
    run.clear()
    found.logits(path)
    assert len(run) < whole / 3


def test_what_one_path_alone_has_is_not_remembered() -> None:
    one = experiment("nested")
    found, (path, other, *_) = judge(one), paths_of(one, 2)
    found.figures_of([path])
    assert not found._kept._states
    figures = found.figures_of([path, other])
    assert found._kept._states, "what the first path had before is worth it now"
    assert figures == [judge(one).figures(each) for each in (path, other)]


def test_clips_that_are_large_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    one = experiment("ss1")
    monkeypatch.setattr(numbers, "WIDEST", 4 * numbers.widest(program_of(one)))
    found = judge(one)
    assert [len(part) for part in found._clips["input"]] == [4, 4, 1]
    assert found.logits(paths_of(one, 1)[0]).shape == (5, 10)
