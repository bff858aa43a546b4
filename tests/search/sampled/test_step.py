"""The step of a sampled supernet: what is summed, what is corrected, what stays as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from small import batch, program_of, small
from torch import Tensor

from dslnas.ir.analysis.extent import AS_THE_SPACE
from dslnas.lower.paths import SampledSupernet
from dslnas.methods.method import Optimizer, SampledMethod, Sampling
from dslnas.search.sampled.draws import Draws
from dslnas.search.sampled.step import SupernetTraining
from dslnas.train.optimizers import warmed_up

EXPERIMENT = small("ss1", "nasc", nodes=2)
CPU = torch.device("cpu")


class Clips:
    """Noise in place of a data set."""

    per_epoch, device, weights = 4, CPU, None

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        return batch(EXPERIMENT, 2, seed=step)


def training(sampling: Sampling, seed: int = 0, **more: object) -> SupernetTraining:
    method = EXPERIMENT.method
    assert isinstance(method, SampledMethod)
    program = program_of(EXPERIMENT)
    draws = Draws(program, AS_THE_SPACE, sampling, seed)
    method = replace(method, supernet=sampling, **more)  # type: ignore[arg-type]
    return SupernetTraining(SampledSupernet(program, seed), method, draws, [Clips()], 40)  # type: ignore[arg-type]


def by_hand(one: SupernetTraining, step: int) -> dict[str, Tensor]:
    """The sum of the gradients of the single paths, in order, each from a supernet of its own."""
    x, labels = one.heard[0].at(step)
    total: dict[str, Tensor] = {}
    for path in one.draws.at(step):
        alone = SampledSupernet(program_of(EXPERIMENT), 0)
        F.cross_entropy(alone(x, path), labels).backward()
        for name, parameter in alone.named_parameters():
            if parameter.grad is not None:
                total[name] = total[name] + parameter.grad if name in total else parameter.grad
    return total


@pytest.mark.parametrize("sampling", [Sampling("uniform", 3), Sampling("sandwich", 1), Sampling()])
def test_gradients_are_summed_and_those_of_shorter_choices_shared(sampling: Sampling) -> None:
    one = training(sampling)
    paths, expected = one.draws.at(0), by_hand(one, 0)
    one.gather(0, paths)
    used = Counter(
        parameter for path in paths for part in one.supernet.parts_on(path) for parameter in part.parameters()
    )
    named = dict(one.supernet.named_parameters())
    assert {name for name in named if named[name].grad is not None} == set(expected)
    assert set(used) == {named[name] for name in expected}
    for name, total in expected.items():
        count = used[named[name]]
        corrected = sampling.kind == "fair" and count < len(paths)
        torch.testing.assert_close(named[name].grad, total / count if corrected else total)
    if sampling.kind == "fair":
        assert set(used.values()) > {1, len(paths)}
        assert one.draws.paths == 11  # 7 candidates on 3 edges of which 2 are kept


def test_what_is_not_drawn_stays_as_it_is() -> None:
    decayed = Optimizer("adam", {"lr": 0.01, "weight_decay": 0.1})
    one = training(Sampling("uniform", 1), weights=decayed)
    for step in range(3):
        before = {name: value.clone() for name, value in one.supernet.state_dict().items()}
        one.step(step)
        (path,) = one.draws.at(step)
        parts = [part.state_dict(keep_vars=True) for part in one.supernet.parts_on(path)]
        drawn = {id(tensor) for part in parts for tensor in part.values()}
        for name, value in one.supernet.state_dict(keep_vars=True).items():
            if name.endswith("tracked"):  # a count of batches that nothing reads
                continue
            assert torch.equal(value, before[name]) == (id(value) not in drawn), name


def test_a_killed_training_ends_alike() -> None:
    def fresh() -> SupernetTraining:
        return training(Sampling(), average=0.9, weights_warmup=2)

    whole, killed, resumed = fresh(), fresh(), fresh()
    for step in range(3):
        whole.step(step)
    for step in range(2):
        killed.step(step)
    resumed.load_state_dict(killed.state_dict())
    for step in range(2, 3):
        resumed.step(step)
    for one, other in ((whole, resumed),):
        with one.averaged(), other.averaged():
            states = one.supernet.state_dict(), other.supernet.state_dict()
            assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
        states = one.supernet.state_dict(), other.supernet.state_dict()
        assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_the_rate_rises_from_nothing_and_stays() -> None:
    rates = [warmed_up(1.0, 4, step, 100) for step in range(100)]
    assert rates[:5] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert set(rates[4:]) == {1.0}
    assert [warmed_up(1.0, 4, step, 10) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert warmed_up(1.0, 0, 0, 100) == 1.0
    one = training(Sampling("uniform", 1), weights_warmup=1)
    one.step(0)
    assert one.record()["learning_rate"] == pytest.approx(3e-3 / 5)


def test_what_paths_have_in_common_is_computed_once() -> None:
    """The stem of all of them, and two equal paths; each still has its loss, and each option its gradient."""
    one = training(Sampling("uniform", 3))
    first, second, _ = one.draws.at(0)
    run: list[object] = []
    stem = next(one.supernet.parts_on(first))
    for part in one.supernet.parts_on(first):
        part.register_forward_hook(lambda module, *_: run.append(module))
    one.gather(0, [first])
    alone = Counter(run)
    run.clear()
    one.optimizer.zero_grad()
    one.gather(0, [first, second])
    assert Counter(run)[stem] == alone[stem]
    run.clear()
    one.optimizer.zero_grad()
    figures = one.gather(0, [first, first])
    assert Counter(run) == alone
    doubled = {name: p.grad for name, p in one.supernet.named_parameters() if p.grad is not None}
    one.optimizer.zero_grad()
    once = one.gather(0, [first])
    torch.testing.assert_close(figures["loss"], once["loss"])
    for name, parameter in one.supernet.named_parameters():
        if parameter.grad is not None:
            factor = 1 if one.draws.fair else 2
            torch.testing.assert_close(doubled[name], factor * parameter.grad)
