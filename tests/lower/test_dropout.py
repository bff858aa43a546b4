"""Dropout of whole values: how many are lost, and what stays."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.lower.dropout import Dropout, dropping


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 0.9), st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_dropout_loses_a_share_and_keeps_the_mean(rate: float, seed: int, parts: int) -> None:
    layer, x = Dropout(parts), torch.ones(4, 8, 16, 16).contiguous(memory_format=torch.channels_last)
    before = torch.get_rng_state()
    with dropping(layer, rate, seeded(seed)):
        y = layer(x)
    with dropping(layer, rate, seeded(seed)):
        assert torch.equal(layer(x), y)
    assert torch.equal(torch.get_rng_state(), before)
    assert y.is_contiguous(memory_format=torch.channels_last)
    lost = (y == 0).float()
    assert float(lost.mean()) == pytest.approx(rate, abs=0.05)
    torch.testing.assert_close(y[y != 0], torch.full_like(y[y != 0], 1 / (1 - rate)))
    for part in range(parts):
        assert torch.equal(lost[:, part::parts], lost[:, ::parts])
    assert torch.equal(layer.eval()(x), x)


def test_other_steps_lose_other_values() -> None:
    layer, x = Dropout(1), torch.ones(1, 4, 8, 8)
    masks = []
    for seed in range(2):
        with dropping(layer, 0.5, seeded(seed)):
            masks.append(layer(x))
    assert not torch.equal(*masks)
