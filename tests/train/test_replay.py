"""Steps as a CUDA graph are the steps as they are: the same figures, and the same run after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import pytest
import torch
from small import batch, program_of, small
from torch import Tensor

from dslnas.runs.experiment import Experiment
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.devices import pick_device
from dslnas.train.optimizers import make_optimizer, set_rate, take_up
from dslnas.train.replay import FIRST, plainly, replay_on

on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")
STEPS = FIRST + 4
METHODS = ["darts", "fairdarts", "forcedarts", "pcdarts", "idarts", "darts(order: 2)"]


def searching(experiment: Experiment, device: str) -> RelaxedSearch:
    return RelaxedSearch(program_of(experiment), experiment.method, 0, None, pick_device(device))


def step(search: RelaxedSearch, progress: float = 0.0):  # type: ignore[no-untyped-def]
    """A step of a search as a function of tensors."""

    def run(held: Tensor, answers: Tensor, x: Tensor, labels: Tensor) -> Mapping[str, Tensor]:
        return search.step((held, answers), (x, labels), progress)

    return run


def batches(experiment: Experiment, number: int, device: str) -> list[Tensor]:
    tensors = (*batch(experiment, 4, number), *batch(experiment, 4, 100 + number))
    return [tensor.to(device) for tensor in tensors]


def test_on_a_cpu_steps_are_done_as_they_are() -> None:
    assert replay_on(torch.device("cpu")) is plainly
    seen: list[Tensor] = []

    def once(x: Tensor) -> dict[str, Tensor]:
        seen.append(x)
        return {"x": x}

    given = torch.ones(2)
    assert plainly(None, once, given)["x"] is given
    assert seen == [given]


def test_an_optimizer_that_is_taken_up_keeps_its_form_and_its_rate() -> None:
    """A checkpoint of a GPU holds the rate as a tensor and other forms; here they are those of here."""
    from dslnas.methods.method import Optimizer

    for name in ("sgd", "adam"):
        parameters = [torch.nn.Parameter(torch.ones(3))]
        optimizer = make_optimizer(Optimizer(name, {"lr": 0.1}), parameters)
        before = deepcopy(optimizer.state_dict())
        state = deepcopy(before)
        group = state["param_groups"][0]
        group |= {"lr": torch.tensor(0.5), "fused": not group["fused"], "foreach": False}
        take_up(optimizer, state)
        (taken,) = optimizer.param_groups
        assert taken["lr"] == 0.5
        assert {key: taken[key] for key in ("fused", "foreach")} == {
            key: before["param_groups"][0][key] for key in ("fused", "foreach")
        }
        set_rate(optimizer, 0.25)
        assert taken["lr"] == 0.25


@on_gpu
@pytest.mark.parametrize(
    "method", ["darts", "fairdarts", "forcedarts", "pcdarts", "idarts", "darts(order: 2)"]
)
def test_a_graph_repeats_the_step(method: str) -> None:
    experiment = small("ss1", method)
    plain, graphed = (searching(experiment, "cuda") for _ in range(2))
    replay = replay_on(torch.device("cuda"))
    for number in range(STEPS):
        tensors = batches(experiment, number, "cuda")
        expected = step(plain)(*tensors)
        found = replay("moment", step(graphed), *tensors)
        for name, figure in expected.items():
            torch.testing.assert_close(found[name], figure, rtol=0, atol=0, msg=f"{name} of step {number}")
    for one, other in zip(plain.weight_parameters, graphed.weight_parameters, strict=True):
        assert torch.equal(one, other)
    assert plain.mixed() == graphed.mixed()


@on_gpu
def test_figures_outlive_the_next_step() -> None:
    experiment = small("ss1", "darts")
    search, replay = searching(experiment, "cuda"), replay_on(torch.device("cuda"))
    found = [
        replay("moment", step(search), *batches(experiment, number, "cuda"))["loss"]
        for number in range(STEPS)
    ]
    assert len({float(loss) for loss in found}) == STEPS


@on_gpu
def test_another_moment_is_recorded_anew() -> None:
    experiment = small("ss1", "darts")
    search, replay = searching(experiment, "cuda"), replay_on(torch.device("cuda"))
    tensors = batches(experiment, 0, "cuda")
    for moment in ("one", "other", None):

        def named(*given: Tensor, name: str = str(moment)) -> dict[str, Tensor]:
            return {name: step(search)(*given)["loss"]}

        assert {name for _ in range(STEPS) for name in replay(moment, named, *tensors)} == {str(moment)}


@on_gpu
def test_a_step_never_waits_for_the_device() -> None:
    for method in ("darts", "forcedarts", "darts(order: 2)"):
        experiment = small("ss1", method)
        search = searching(experiment, "cuda")
        tensors = batches(experiment, 0, "cuda")
        step(search)(*tensors)
        torch.cuda.set_sync_debug_mode("error")
        try:
            step(search)(*tensors)
        finally:
            torch.cuda.set_sync_debug_mode("default")
