"""Whitening of complex values: what it forgets, and that it stays finite."""

from __future__ import annotations

import pytest
import torch
from complex_values import image, layer, numbers, pairs
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.lower.modules.whitening import Whiten


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 6.28), st.floats(1e-3, 1e3), st.integers(0, 100))
def test_whitening_forgets_scale_and_turns_with_a_phase(phase: float, scale: float, seed: int) -> None:
    """What is white already only turns: whiten(e^(i p) s x) = e^(i p) whiten(x)."""
    x = image(2, 2, 5, 4, seed=seed)
    norm = layer("inorm", x, affine=False)
    white = numbers(norm(pairs(x)))
    turn = torch.exp(torch.tensor(1j * phase, dtype=torch.complex128))
    rotated = numbers(norm(pairs(scale * turn * white)))
    torch.testing.assert_close(rotated, turn * white, rtol=0, atol=1e-4 + 10 / scale**2 * 1e-5)
    again = torch.view_as_real(white.flatten(2)).movedim(-1, 2)
    covariance = again @ again.transpose(-1, -2) / again.shape[-1]
    torch.testing.assert_close(covariance, torch.eye(2).double().expand_as(covariance), rtol=0, atol=1e-3)


@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e5])
@pytest.mark.parametrize("kind", ["zero", "constant", "real", "rank one"])
def test_whitening_stays_finite_where_a_covariance_is_singular(
    kind: str, scale: float, memory: torch.memory_format
) -> None:
    noise = torch.randn(3, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    parts = {
        "zero": (0 * noise, 0 * noise),
        "constant": (0 * noise + 3, 0 * noise - 1),
        "real": (noise, 0 * noise),
        "rank one": (noise, -2 * noise),
    }[kind]
    x = (scale * torch.cat(parts, 1)).contiguous(memory_format=memory).requires_grad_()
    out = Whiten.apply(x, 1e-5)[0]
    (gradient,) = torch.autograd.grad(out.square().sum() + out.sum(), x)
    assert out.isfinite().all() and gradient.isfinite().all()
    assert out.abs().max() < 10
