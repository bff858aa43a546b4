"""A complex front end: what it does to moduli, and that it keeps the phase."""

from __future__ import annotations

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Chain, chain, front_end
from torch import Tensor

from dslnas.data import FrontEndModule
from dslnas.data.frontend.augment import Mask
from dslnas.data.frontend.phase import (
    ComplexAddNoise,
    ComplexLog,
    ComplexStretch,
    directions,
    power,
)
from dslnas.data.frontend.spectrum import FLOOR

FIXED: Chain = [stage for stage in chain() if stage[0] in ("stft", "mel", "log")]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*size: int, seed: int = 0) -> Tensor:
    return torch.randn(size, generator=generator(seed))


def test_the_stft_is_linear_and_so_are_the_filters() -> None:
    module = FrontEndModule(front_end(FIXED[:2], domain="complex"))
    one, other = noise(2, 16000), noise(2, 16000, seed=1)
    together = module.features(one - 2 * other)
    torch.testing.assert_close(
        together, module.features(one) - 2 * module.features(other), atol=1e-3, rtol=1e-4
    )
    real = FrontEndModule(front_end(FIXED[:1])).features(one)
    spectrum = FrontEndModule(front_end(FIXED[:1], domain="complex")).features(one)
    torch.testing.assert_close(power(spectrum), real)


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-4, 1e3), st.floats(-3.1, 3.1))
def test_the_logarithm_keeps_the_phase_and_grows_with_the_modulus(modulus: float, phase: float) -> None:
    value = torch.tensor([modulus * math.cos(phase), modulus * math.sin(phase)]).view(1, 2, 1, 1)
    logged = ComplexLog().fixed(value)
    expected = math.log1p(modulus**2 / FLOOR)
    torch.testing.assert_close(power(logged).sqrt().view(()), torch.tensor(expected), rtol=1e-4, atol=1e-9)
    torch.testing.assert_close(directions(logged), directions(value), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ComplexLog.inverse(logged), value, rtol=1e-3, atol=1e-6)


def test_its_modulus_is_the_real_logarithm_less_that_of_silence() -> None:
    stages = [FIXED[0], FIXED[2]]
    waves = noise(2, 16000) / 10
    real, phased = (FrontEndModule(front_end(stages, domain=d)).features(waves) for d in ("real", "complex"))
    torch.testing.assert_close(power(phased).sqrt(), real - math.log(FLOOR), rtol=1e-3, atol=1e-3)
    silence = FrontEndModule(front_end(stages, domain="complex")).features(torch.zeros(1, 16000))
    assert torch.equal(silence, torch.zeros_like(silence))


def test_noise_is_added_to_the_values() -> None:
    """At 0 decibels, with every example chosen: the features of signal plus noise of the same mean power."""
    signal, bank = noise(40, 2, 8, 16), 3 * noise(1, 2, 8, 16, seed=1)
    stage = ComplexAddNoise(1.0, 0.0, 0.0)
    for logarithmic in (False, True):
        stage.hold(ComplexLog().fixed(bank)[0] if logarithmic else bank[0], logarithmic)
        noisy = stage(ComplexLog().fixed(signal) if logarithmic else signal, generator())
        noisy = ComplexLog.inverse(noisy) if logarithmic else noisy
        level = (power(signal).mean((-2, -1), keepdim=True) / power(bank).mean()).sqrt()
        torch.testing.assert_close(noisy, signal + level * bank, rtol=1e-3, atol=1e-3)


def test_stretch_interpolates_moduli_and_keeps_to_phases_that_are_there() -> None:
    turning = torch.arange(33.0) * 2.5  # radians from frame to frame
    x = torch.stack((turning.cos(), turning.sin()))[None, :, None, :].expand(50, 2, 3, 33)
    made = ComplexStretch(0.8, 1.25)(x, generator())
    torch.testing.assert_close(power(made), torch.ones(50, 1, 3, 33))  # a straight line would pass near 0
    phases = torch.atan2(made[:, 1], made[:, 0])[..., None] - turning
    assert (torch.cos(phases).max(-1).values > 1 - 1e-4).all()
    torch.testing.assert_close(ComplexStretch(1.0, 1.0)(x, generator()), x)


def test_masks_hide_both_parts() -> None:
    x = noise(100, 2, 16, 16)
    made = Mask(4, -1)(x, generator())
    changed = made != x
    assert torch.equal(changed[:, 0], changed[:, 1]) and changed.any()
    torch.testing.assert_close(made[changed], x.mean((-2, -1), keepdim=True).expand_as(x)[changed])


def test_the_domain_is_part_of_what_is_cached() -> None:
    real, phased = (front_end(FIXED, domain=domain) for domain in ("real", "complex"))
    assert real.fingerprint != phased.fingerprint
