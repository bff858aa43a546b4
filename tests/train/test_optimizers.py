"""Optimizers step as torch's plain ones do; the cosine begins and ends where it says."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dslnas.methods.keys import OPTIMIZERS
from dslnas.methods.method import Optimizer
from dslnas.train.optimizers import OPTIMIZER_CLASSES, cosine, make_optimizer, set_rate


def test_methods_may_name_each_of_them() -> None:
    assert set(OPTIMIZER_CLASSES) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    ("name", "arguments", "plain"),
    [
        ("sgd", {"lr": 0.025, "momentum": 0.9, "weight_decay": 3e-4}, torch.optim.SGD),
        ("adam", {"lr": 3e-4, "betas": (0.5, 0.999), "weight_decay": 1e-3}, torch.optim.Adam),
        ("adamw", {"lr": 3e-4, "weight_decay": 1e-2}, torch.optim.AdamW),
    ],
)
def test_steps_are_those_of_the_plain_form(name: str, arguments: dict[str, Any], plain: type) -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(3, 4, generator=generator), torch.randn(8, 2, 3, 3, generator=generator)]
    start[1] = start[1].contiguous(memory_format=torch.channels_last)
    found = []
    for make in (
        lambda p: make_optimizer(Optimizer(name, arguments), p),
        lambda p: plain(p, foreach=False, **arguments),
    ):
        parameters = [nn.Parameter(value.clone()) for value in start]
        optimizer = make(parameters)
        for step in range(5):
            for parameter in parameters:
                parameter.grad = torch.sin(parameter.detach() + step)
            optimizer.step()
        found.append(parameters)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def test_a_rate_of_its_own() -> None:
    parameters = [nn.Parameter(torch.ones(1))]
    optimizer = make_optimizer(Optimizer("adam", {"lr": 1.0}), parameters, 0.25)
    assert optimizer.param_groups[0]["lr"] == 0.25
    set_rate(optimizer, 0.125)
    assert optimizer.param_groups[0]["lr"] == 0.125


@given(st.integers(2, 500), st.floats(1e-3, 1.0), st.floats(1e-6, 1e-4))
def test_the_cosine_falls_from_its_start_to_its_floor(steps: int, start: float, floor: float) -> None:
    rates = [cosine(start, floor, step, steps) for step in range(steps)]
    assert rates[0] == pytest.approx(start)
    assert rates[-1] == pytest.approx(floor)
    assert rates == sorted(rates, reverse=True)
    middle = (start + floor) / 2
    assert rates[(steps - 1) // 2] == pytest.approx(middle, abs=start * 4 / steps)


def test_without_a_floor_the_rate_stays() -> None:
    assert {cosine(0.025, None, step, 10) for step in range(10)} == {0.025}


def test_a_single_step_is_taken_at_the_start() -> None:
    assert cosine(0.025, 1e-5, 0, 1) == pytest.approx(0.025)
