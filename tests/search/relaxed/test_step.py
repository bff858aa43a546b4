"""One step of a relaxed search: who moves when, by how much, and what it never does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from math import isfinite
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from pixels import SafeStrides
from small import METHODS, SPACES, batch, program_of, small
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from dslnas.base.diagnostics import DslnasError
from dslnas.parse.parse import parse_value
from dslnas.passes import SUPERNET_PASSES
from dslnas.prune.prune import kept_edges
from dslnas.runs.experiment import Experiment
from dslnas.runs.metrics import start_gap
from dslnas.search.relaxed.step import RelaxedSearch


def searching(experiment: Experiment, seed: int = 0, rate: float | None = None) -> RelaxedSearch:
    return RelaxedSearch(program_of(experiment), experiment.method, seed, rate, torch.device("cpu"))


def copies(tensors: list[Any]) -> list[Tensor]:
    return [tensor.detach().clone() for tensor in tensors]


def same(before: list[Tensor], now: list[Any]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(before, now, strict=True))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("space", SPACES)
def test_a_step_of_every_method_on_every_space(space: str, method: str) -> None:
    experiment = small(space, method)
    search = searching(experiment)
    weights, arch = copies(search.weight_parameters), copies(search.arch_parameters)
    figures = search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 1.0)
    assert set(figures) == {"loss", "accuracy", "validation_loss", "validation_accuracy"}
    assert all(isfinite(float(value)) for value in figures.values())
    moved = [not torch.equal(one, two) for one, two in zip(weights, search.weight_parameters, strict=True)]
    assert all(moved)
    assert not any(torch.equal(one, two) for one, two in zip(arch, search.arch_parameters, strict=True))
    assert 0 <= search.gap() <= 1


@pytest.mark.parametrize(
    ("space", "domain"),
    [*((space, "real") for space in SPACES), ("ss1", "complex"), ("sspolasym4", "complex")],
)
@pytest.mark.parametrize("half", [False, True])
def test_a_step_on_a_cpu_keeps_clear_of_strided_single_pixels(space: str, domain: str, half: bool) -> None:
    """In single and in half precision, with the passes that join layers and without."""
    experiment = small(space, "darts", f"domain={domain}")
    for passes in ((), SUPERNET_PASSES):
        search = RelaxedSearch(
            program_of(experiment), experiment.method, 0, None, torch.device("cpu"), passes
        )
        if half:
            search.use_bfloat16()
        with SafeStrides() as safe:
            search.step(batch(experiment), batch(experiment, seed=1), 0.5)
        assert safe.seen > 20


def test_the_architecture_step_moves_no_weight_and_leaves_no_gradient() -> None:
    experiment = small("sspolasym5", "forcedarts")
    search = searching(experiment)
    weights, arch = copies(search.weight_parameters), copies(search.arch_parameters)
    search._architecture_step(batch(experiment), batch(experiment, 4, 1), 1.0)
    assert same(weights, search.weight_parameters)
    assert not same(arch, search.arch_parameters)
    assert all(p.grad is None for p in (*search.weight_parameters, *search.arch_parameters))


def test_the_weight_step_moves_no_architecture_parameter() -> None:
    experiment = small("sspolasym5", "fairdarts")
    search = searching(experiment)
    arch, state = copies(search.arch_parameters), len(search.arch_optimizer.state)
    search._weight_step(*batch(experiment))
    assert same(arch, search.arch_parameters)
    assert all(p.grad is None for p in (*search.weight_parameters, *search.arch_parameters))
    assert len(search.arch_optimizer.state) == state


class _WeightGradients(TorchDispatchMode):
    """Counts the convolutions whose backward pass is asked for a gradient of the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.backward, self.formed = 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.convolution_backward.default:
            self.backward += 1
            self.formed += bool(args[10][1])
        return func(*args, **(kwargs or {}))


def test_the_architecture_step_forms_no_weight_gradient() -> None:
    experiment = small("sspolasym4", "darts")
    search = searching(experiment)
    with _WeightGradients() as seen:
        search._architecture_step(batch(experiment), batch(experiment, 4, 1), 0.0)
    assert seen.backward > 0
    assert seen.formed == 0
    with _WeightGradients() as seen:
        search._weight_step(*batch(experiment))
    assert seen.formed > 0


def test_the_architecture_moves_first_and_on_the_other_batch() -> None:
    experiment = small("ss1", "darts")
    search, apart = searching(experiment), searching(experiment)
    order: list[str] = []
    search.arch_optimizer.register_step_post_hook(lambda *_: order.append("architecture"))
    search.weight_optimizer.register_step_post_hook(lambda *_: order.append("weights"))
    held, train = batch(experiment, 4, 0), batch(experiment, 4, 1)
    figures = search.step(held, train, 0.0)
    assert order == ["architecture", "weights"]
    apart.supernet.train()
    validation_loss, _ = apart._architecture_step(held, train, 0.0)
    loss, _ = apart._weight_step(*train)
    assert torch.equal(figures["validation_loss"], validation_loss)
    assert torch.equal(figures["loss"], loss)
    assert same(copies(search.weight_parameters), apart.weight_parameters)


def test_gradients_of_weights_are_clipped_at_5() -> None:
    experiment = small("ss1", "darts")
    search = searching(experiment)
    with torch.no_grad():
        search.weight_parameters[-2].mul_(1e4)  # the last linear layer: enormous logits
    norms: list[float] = []

    def look(*_: Any) -> None:
        grads = [p.grad for p in search.weight_parameters if p.grad is not None]
        norms.append(float(torch.linalg.vector_norm(torch.stack([g.norm() for g in grads]))))

    search.weight_optimizer.register_step_pre_hook(look)
    search._weight_step(*batch(experiment))
    assert experiment.method.clip == 5
    assert norms[0] == pytest.approx(5, rel=1e-4)


@pytest.mark.parametrize(("method", "clip"), [("pdarts", 5.0), ("darts", None)])
def test_p_darts_alone_clips_the_gradient_of_the_architecture(method: str, clip: float | None) -> None:
    """At a norm of 5 over all its parameters, its direction kept."""
    found: list[list[Tensor]] = []
    for more in ((), ("method.arch.clip=none",)):
        experiment = small("ss1", method, *more)
        search = searching(experiment)
        with torch.no_grad():
            search.weight_parameters[-2].mul_(1e4)  # the last linear layer: enormous logits
        search.arch_optimizer.register_step_pre_hook(
            lambda *_: found.append(copies([p.grad for p in search.arch_parameters]))  # noqa: B023
        )
        search._architecture_step(batch(experiment), batch(experiment, 4, 1), 0.0)
    clipped, whole = (torch.cat([g.flatten() for g in gradients]) for gradients in found)
    assert experiment.method.arch_clip is None and float(whole.norm()) > 50
    torch.testing.assert_close(clipped, whole if clip is None else whole * (clip / whole.norm()))


@contextmanager
def no_synchronisation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything that makes the host wait for a device raises."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the host waits for the device")

    with monkeypatch.context() as patch:
        for name in ("item", "tolist", "cpu", "numpy", "nonzero"):
            patch.setattr(torch.Tensor, name, refuse)
        for name in ("__bool__", "__float__", "__int__", "__index__"):
            patch.setattr(torch.Tensor, name, refuse)
        yield


@pytest.mark.parametrize("method", [*METHODS, "darts(order: 2)"])
def test_a_step_never_waits_for_the_device(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small("sspolasym4", method, "method.weights.schedule=cosine(1e-3)", "method.arch.clip=5")
    search = searching(experiment)
    held, train = batch(experiment, 4, 0), batch(experiment, 4, 1)
    with no_synchronisation(monkeypatch):
        for progress in (0.0, 0.5, 1.0):
            search.use_weight_rate(0.02 - 0.01 * progress)
            search.step(held, train, progress)
        search.warm_up(train)
        with pytest.raises(AssertionError, match="waits"):
            float(torch.ones(()))


def test_both_halves_feed_the_running_statistics() -> None:
    """The stem's statistics after a step: 0.9 of 0.9 old + 0.1 held, then 0.1 of train."""
    experiment = small("ss1", "darts")
    search = searching(experiment)
    held, train = batch(experiment, 4, 0), batch(experiment, 4, 1)
    conv, norm = search.supernet.network.parts["conv_1"], search.supernet.network.parts["bn_1"]
    means = [conv(x.contiguous(memory_format=torch.channels_last)).mean((0, 2, 3)) for x, _ in (held, train)]
    search.step(held, train, 0.0)
    expected = 0.9 * 0.1 * means[0] + 0.1 * means[1]
    torch.testing.assert_close(norm.running_mean, expected.detach())


def test_bfloat16_runs_and_keeps_its_parameters_in_float32() -> None:
    experiment = small("sspolasym4", "forcedarts")
    search = searching(experiment)
    search.use_bfloat16()
    seen: list[torch.dtype] = []
    search.supernet.network.parts["conv_1"].register_forward_hook(lambda _, __, out: seen.append(out.dtype))
    for step in range(3):
        figures = search.step(batch(experiment, 4, step), batch(experiment, 4, 10 + step), step / 3)
        assert all(isfinite(float(value)) for value in figures.values())
    assert set(seen) == {torch.bfloat16}
    assert {p.dtype for p in (*search.weight_parameters, *search.arch_parameters)} == {torch.float32}
    reference = searching(experiment)
    exact = reference.step(batch(experiment, 4, 0), batch(experiment, 4, 10), 0.0)
    again = searching(experiment)
    again.use_bfloat16()
    rough = again.step(batch(experiment, 4, 0), batch(experiment, 4, 10), 0.0)
    assert float(rough["loss"]) == pytest.approx(float(exact["loss"]), rel=0.05)


@pytest.mark.parametrize(
    ("method", "expected"), [("darts", 0.336), ("forcedarts", 0.330), ("fairdarts", 0.5)]
)
def test_the_gap_at_the_start(method: str, expected: float) -> None:
    search = searching(small("ss1", method, nodes=3))
    assert start_gap(search) == pytest.approx(expected, abs=5e-4)
    assert search.gap() == pytest.approx(expected, abs=5e-3)  # noise of 1e-3 moves it little


def test_the_losses_of_forcedarts_arrive_in_the_gradient() -> None:
    """From half of the steps on, 20 times the entropy and 20 * nodes / edges times multihot drive them."""
    from dslnas.search.relaxed.losses import entropy, multihot

    experiment = small("ss1", "forcedarts", nodes=4)
    search = searching(experiment)
    x, labels = batch(experiment)
    search.supernet.eval()  # statistics stand still, so that two passes agree
    architecture = search.supernet.architecture
    found: dict[float, list[Tensor]] = {}
    for progress in (0.49, 0.5):
        alpha, gamma = architecture.mixed_alpha(), architecture.mixed_gamma()
        loss = F.cross_entropy(search.supernet(x, alpha | gamma), labels)
        if progress == 0.5:
            nodes, edges = 4, 2 + 3 + 4 + 5
            loss = loss + 20 * entropy(list(alpha.values()))
            loss = loss + 20 * nodes / edges * multihot(list(gamma.values()), 2)
        found[progress] = list(torch.autograd.grad(loss, search.arch_parameters))
    for progress, gradients in found.items():
        seen: list[list[Tensor]] = []
        hook = search.arch_optimizer.register_step_pre_hook(
            lambda *_: seen.append(copies([p.grad for p in search.arch_parameters]))  # noqa: B023
        )
        before = copies(search.arch_parameters)
        search._architecture_step((x, labels), (x, labels), progress)
        hook.remove()
        with torch.no_grad():
            for parameter, value in zip(search.arch_parameters, before, strict=True):
                parameter.copy_(value)
        for one, other in zip(gradients, seen[0], strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_the_rate_of_the_architecture_can_be_given() -> None:
    experiment = small("ss1", "darts")
    slow, fast = searching(experiment), searching(experiment, rate=0.1)
    moved = []
    for search in (slow, fast):
        before = copies(search.arch_parameters)
        search._architecture_step(batch(experiment), batch(experiment, 4, 1), 0.0)
        moved.append(
            max(
                float((a - b).detach().abs().max())
                for a, b in zip(before, search.arch_parameters, strict=True)
            )
        )
    assert moved[0] == pytest.approx(3e-4, rel=0.05)  # the first step of Adam is as long as its rate
    assert moved[1] == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("method", ["forcedarts", "darts(order: 2)"])
def test_state_comes_back(method: str) -> None:
    experiment = small("ss1", method)
    one, other = searching(experiment, 0), searching(experiment, 1)
    for step in range(2):
        one.step(batch(experiment, 4, step), batch(experiment, 4, 10 + step), step / 4)
    other.load_state_dict(deepcopy(one.state_dict()))
    for step in range(2, 4):
        figures = [
            s.step(batch(experiment, 4, step), batch(experiment, 4, 10 + step), step / 4)
            for s in (one, other)
        ]
        assert all(torch.equal(figures[0][name], figures[1][name]) for name in figures[0])
    assert same(copies(one.weight_parameters), other.weight_parameters)
    assert one.mixed() == other.mixed()


def test_the_method_may_keep_fewer_edges_than_the_space() -> None:
    experiment = small("ss1", "darts", "method.prune=top(1, edges)")
    search = searching(experiment)
    assert {kept_edges(search.method, one) for one in search.program.selections.values()} == {1}


UNFIT = {
    "multihot(gamma, 3)": "`multihot` of 3 edges, at a node where 2 arrive",
    "cross_entropy + nodes / 0": "it divides by zero",
    "cross_entropy / 0": "it is inf",
    "entropy(alpha) after 50%": "it is a plain number at the start",
    "3": "it is a plain number at the start",
}


def with_loss(formula: str) -> RelaxedSearch:
    """A search under a loss that the checker has not seen."""
    experiment = small("ss1", "forcedarts")
    method = replace(experiment.method, loss=parse_value(formula, "loss")[0])
    return RelaxedSearch(program_of(experiment), method, 0, None, torch.device("cpu"))


@pytest.mark.parametrize("formula", UNFIT)
def test_a_loss_that_cannot_be_evaluated_is_told_before_the_search(formula: str) -> None:
    with pytest.raises(DslnasError) as caught:
        with_loss(formula)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0601"
    assert UNFIT[formula] in diagnostic.message
    assert diagnostic.span is not None


def test_a_loss_may_leave_parameters_out() -> None:
    search, experiment = with_loss("gini(alpha)"), small("ss1", "forcedarts")
    gamma = copies(list(search.supernet.architecture.gamma.values()))
    search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.0)
    assert same(gamma, list(search.supernet.architecture.gamma.values()))


def test_a_space_without_choices_is_told() -> None:
    experiment = small("ss1", "darts")
    fixed = replace(program_of(experiment), choices={}, selections={})
    with pytest.raises(DslnasError, match="has no choice to search"):
        RelaxedSearch(fixed, experiment.method, 0, None, torch.device("cpu"))
