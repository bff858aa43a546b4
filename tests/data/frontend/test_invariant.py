"""A complex front end whose phases count from the centre or the frame before: the real one with a phase."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Chain, Reading, chain, front_end, generator
from torch import Tensor

from dslnas.data import FrontEndModule
from dslnas.data.frontend.augment import uniform
from dslnas.data.frontend.phase import moduli, units
from dslnas.data.frontend.spectrum import FLOOR, mel_filters
from dslnas.elaborate.frontends import build_frontends
from dslnas.ir.frontend import FrontEnd
from dslnas.ir.tensortype import Domain
from dslnas.parse import syntax
from dslnas.parse.vocabulary import PHASES
from dslnas.resolve.resolve import library

RATE = 16000
PHASED = ("centre", "relative")
SHIPPED = sorted(  # `colour` makes pictures, and a cosine transform sums logarithms: neither has a phase
    name
    for name, one in library().frontends.items()
    if "stft" in one.value.span.text
    and "colour" not in one.value.span.text
    and "cepstrum" not in one.value.span.text
)


def sounds(samples: int, rate: float, seed: int = 0) -> Tensor:
    """Tones, clicks, noise, something like speech, a very quiet one and silence: (N, samples)."""
    time = torch.arange(samples) / rate
    tones = [0.5 * torch.sin(2 * math.pi * hertz * time + 1) for hertz in (rate / 16, 123.4, 0.43 * rate)]
    clicks = [torch.zeros(samples) for _ in range(2)]
    clicks[0][samples // 2], clicks[1][:: max(1, samples // 7)] = 1.0, -0.5
    noise = torch.randn(samples, generator=generator(seed)) / 10
    turned = 2 * math.pi * torch.cumsum(120 + 40 * torch.sin(9 * time), 0) / rate  # a voice whose pitch moves
    voice = (
        sum(torch.sin(k * turned) / k for k in range(1, 20)) * torch.sin(math.pi * time / time[-1]) ** 2 / 4
    )
    return torch.stack([*tones, *clicks, noise, voice, noise / 1e4, torch.zeros(samples)])


def both(frontend: FrontEnd) -> tuple[FrontEndModule, FrontEndModule]:
    """A complex front end, and the same in a real space."""
    steps = [replace(s, output=replace(s.output, domain="real")) for s in frontend.steps]
    return FrontEndModule(replace(frontend, domain="real", steps=tuple(steps))), FrontEndModule(frontend)


def of(stages: Chain, rate: int = RATE, clip: float = 1.0) -> tuple[FrontEndModule, FrontEndModule]:
    return both(front_end(stages, rate, clip, "complex"))


def assert_phased(real: Tensor, phased: Tensor, logarithmic: bool = True) -> None:
    """Moduli are the real features, less those at silence."""
    if logarithmic:
        torch.testing.assert_close(moduli(phased), real - math.log(FLOOR), atol=1e-4, rtol=0)
    else:
        torch.testing.assert_close(moduli(phased).square(), real, atol=1e-4, rtol=1e-4)


@cache
def shipped(name: str, phase: str, domain: Domain) -> FrontEnd:
    """A front end of the library."""
    template = library().frontends[name]
    told = syntax.Argument("phase", syntax.Name(phase, template.span), template.span)
    found, diagnostics = build_frontends(template, library(), [told], domain)
    assert found is not None, diagnostics
    return found.only


@pytest.mark.parametrize("phase", PHASED)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_front_end_is_the_real_one_with_a_phase(name: str, phase: str) -> None:
    real, phased = (FrontEndModule(shipped(name, phase, domain)) for domain in ("real", "complex"))
    waves = sounds(real.frontend.samples, real.frontend.rate)
    assert_phased(real.features(waves), phased.features(waves))
    for seed in range(5):
        assert_phased(real.augmented(waves, generator(seed)), phased.augmented(waves, generator(seed)))
    silence = phased.features(waves[-1:])
    assert torch.equal(silence, torch.zeros_like(silence))


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([8000, 11127, 16000]),
    window=st.integers(2, 1500),
    hop=st.integers(1, 900),
    bands=st.integers(1, 40),
    logarithmic=st.booleans(),
    phase=st.sampled_from(PHASED),
    seed=st.integers(0, 2**16),
)
def test_any_window_and_any_hop(
    rate: int, window: int, hop: int, bands: int, logarithmic: bool, phase: str, seed: int
) -> None:
    """Of odd lengths too; with and without a log; with every random step, each of which draws alike."""
    clip = 0.25
    window, hop = min(window, int(rate * clip)), max(hop, 40)
    stages = chain(float(rate), clip, min(bands, window // 2 + 1), phase)
    if not logarithmic:
        stages = [stage for stage in stages if stage[0] != "log"]
    for name, told in stages:
        told |= {"stft": {"window": window / rate, "hop": hop / rate}, "fade": {"length": 0.1}}.get(name, {})
        told |= {"width": 1} if name.startswith("mask") else {}
    real, phased = of(stages, rate, clip)
    waves = sounds(real.frontend.samples, rate, seed)
    assert_phased(real.features(waves), phased.features(waves), logarithmic)
    made = (one.augmented(waves, generator(seed)) for one in (real, phased))
    assert_phased(*made, logarithmic)


@settings(max_examples=30, deadline=None)
@given(
    hertz=st.floats(300, 7000),
    window=st.integers(300, 1200),
    hop=st.integers(50, 900),
    bands=st.sampled_from([0, 8, 32]),
    phase=st.sampled_from(PHASED),
)
def test_a_steady_tone_turns_by_its_frequency(
    hertz: float, window: int, hop: int, bands: int, phase: str
) -> None:
    """From frame to frame by `2 pi f hop`, in the loudest bin or band."""
    stages: Chain = [("stft", {"window": window / RATE, "hop": hop / RATE, "rate": RATE, "phase": phase})]
    stages += [("mel", {"bands": bands, "rate": RATE}), ("log", {})] if bands else []
    _, phased = of(stages)
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    values = phased.features(torch.sin(2 * math.pi * hertz * time).float()[None])[0]
    end = math.ceil(window / hop)
    inside = values[..., end:-end]  # frames that see nothing but the tone
    loud = int(inside.square().sum((0, 2)).argmax())
    numbers = torch.complex(*inside[:, loud].double())
    turns = numbers[1:] / numbers[:-1] if phase == "centre" else numbers[1:]
    wanted = 2 * math.pi * hertz * hop / RATE
    off = torch.angle(turns * torch.polar(torch.tensor(1.0).double(), torch.tensor(-wanted).double()))
    assert float(off.abs().max()) < 0.03


@pytest.mark.parametrize("window", [512, 511])
def test_phases_count_from_the_middle_of_a_frame(window: int) -> None:
    """A click there has phase 0 in every bin and band; a sample later it turns by a sample."""
    place, late = 12 * 256, 12 * 256 + 1
    stages: Chain = [("stft", {"window": window / RATE, "hop": 256 / RATE, "rate": RATE, "phase": "centre"})]
    waves = torch.zeros(2, RATE)
    waves[0, place] = waves[1, late] = 1
    _, spectrum = of(stages)
    real, imaginary = spectrum.features(waves)[:, :, :, 12].unbind(1)
    torch.testing.assert_close(imaginary[0], torch.zeros_like(real[0]), atol=1e-5, rtol=0)
    assert (real[0] > 0.99).all()
    angles = -2 * math.pi * torch.arange(window // 2 + 1) / window
    turned = torch.polar(torch.hypot(real[1], imaginary[1]), angles)
    torch.testing.assert_close(imaginary[1], turned.imag, atol=1e-5, rtol=0)
    torch.testing.assert_close(real[1], turned.real, atol=1e-5, rtol=0)
    _, heard = of([*stages, ("mel", {"bands": 32, "rate": RATE})])
    bands = heard.features(waves)[0, :, :, 12]
    assert (bands[0] > 0).all() and bands[1].abs().max() < 1e-5


def test_the_first_frame_has_phase_zero_where_phases_are_relative() -> None:
    stages = [stage for stage in chain(phase="relative") if stage[0] in ("stft", "mel", "log")]
    _, phased = of(stages)
    first = phased.features(sounds(RATE, RATE))[..., 0]
    assert (first[:, 0] >= 0).all() and not first[:, 1].any()


def test_where_values_cancel_the_power_stays() -> None:
    """Two bins of one band whose values cancel exactly: the power is that of both, the phase 0."""
    stages = [stage for stage in chain(phase="centre") if stage[0] in ("stft", "mel")]
    _, phased = of(stages)
    mel = phased.steps[1]
    values = torch.zeros(1, 2, 513, 1)
    values[0, :, 256, 0] = torch.tensor([3.0, 4.0])
    band = int((mel.filters[:, 256] * mel.filters[:, 257]).argmax())
    values[0, :, 257, 0] = -values[0, :, 256, 0] * (mel.filters[band, 256] / mel.filters[band, 257])
    summed = mel(values)[0, :, band, 0]
    power = mel.filters[band] @ values[0].square().sum(0)
    torch.testing.assert_close(summed.square().sum(), power[0])


def test_units_are_of_modulus_one_whatever_they_are_of() -> None:
    x = torch.randn(1, 2, 5, 20, generator=generator()) * torch.logspace(-44, 30, 20)
    x[..., 3] = 0
    torch.testing.assert_close(moduli(units(x)), torch.ones(1, 1, 5, 20))
    assert torch.equal(units(x)[..., 3], torch.tensor([1.0, 0.0])[None, :, None].expand(1, 2, 5))


# --- random steps, each by itself ---------------------------------------------------------------------------


def random_steps() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "add_noise", {"probability": 0.7, "snr": (-10.0, 20.0)}
    yield "stretch", {"range": (0.5, 2.0)}
    yield "mask_time", {"width": 12}
    yield "mask_freq", {"width": 12}
    yield "cutout", {"width": 12}


@pytest.mark.parametrize("phase", PHASED)
@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("step", list(random_steps()), ids=lambda step: str(step[0]))
def test_a_random_step_makes_of_moduli_what_it_makes_of_real_features(
    step: tuple[str, dict[str, Any]], logarithmic: bool, phase: str
) -> None:
    kept = ("stft", "mel", "log") if logarithmic else ("stft", "mel")
    stages = [stage for stage in chain(phase=phase) if stage[0] in kept]
    real, phased = of([*stages, step])
    waves = sounds(RATE, RATE)
    for seed in range(20):
        plain, made = (one.augmented(waves, generator(seed)) for one in (real, phased))
        assert_phased(plain, made, logarithmic)
        if step[0] != "stretch":  # which moves frames that may be the same but for their phase
            untouched = (plain == real.features(waves)).expand_as(made)
            assert torch.equal(made[untouched], phased.features(waves)[untouched])


def test_noise_turns_values_as_a_sum_of_values_does() -> None:
    """The direction is that of `s + sqrt(level) n`; powers count with the floor, as in a real space."""
    stages = [stage for stage in chain(phase="centre") if stage[0] in ("stft", "mel", "log")]
    _, phased = of([*stages, ("add_noise", {"probability": 1.0, "snr": (3.0, 3.0)})])
    waves = sounds(RATE, RATE)[:7]
    signal, noisy = phased.features(waves), phased.augmented(waves, generator(1))
    stage = phased.steps[-1]
    _, ratio, noise = stage.drawn(signal, generator(1))
    powers = [torch.expm1(moduli(one)) * FLOOR for one in (signal, noise)]
    level = ratio * (powers[0] + FLOOR).mean((-2, -1), True) / (powers[1] + FLOOR).mean((-2, -1), True)
    s, n = (units(one) * p.sqrt() for one, p in zip((signal, noise), powers, strict=True))
    torch.testing.assert_close(units(noisy), units(s + level.sqrt() * n), atol=2e-2, rtol=0)
    told = torch.expm1(moduli(noisy)) * FLOOR + FLOOR
    torch.testing.assert_close(told, powers[0] + FLOOR + level * (powers[1] + FLOOR), rtol=1e-3, atol=1e-4)


def test_nothing_waits_for_the_device() -> None:
    for phase in PHASES:
        _, phased = of(chain(phase=phase))
        with Reading() as reading:
            phased.augmented(sounds(RATE, RATE), generator())
        assert reading.seen == []


@pytest.mark.parametrize("phase", PHASES)
def test_types_are_the_shapes_of_every_step_without_values_as_well(phase: str) -> None:
    _, phased = of(chain(phase=phase))
    for device in ("cpu", "meta"):
        phased.to(device)
        for random in (None, generator()):
            x = torch.zeros(3, RATE, device=device)
            for module, step in zip(phased.steps, phased.frontend.steps, strict=True):
                x = module(x, random)
                stored = step.output.stored if len(step.output.shape) == 3 else (RATE,)
                assert x.shape == (3, *stored) and x.device.type == device


# --- phases from the start of each frame: what there was before there was a choice -------------------------


def literal(waves: Tensor, noise: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The features of `logmel` and the augmented ones, step by step, as they have always been."""

    def transformed(x: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(x, (512, 512))
        window = torch.hann_window(1024)
        spectrum = torch.stft(padded, 1024, 512, window=window, center=False, return_complex=True)
        summed = mel_filters(513, 32, RATE) @ torch.stack((spectrum.real, spectrum.imag), 1)
        return directed(summed) * torch.log1p(power(summed) / FLOOR)

    def power(x: Tensor) -> Tensor:
        return x.square().sum(1, keepdim=True)

    def directed(x: Tensor) -> Tensor:
        return x / power(x).sqrt().clamp(min=torch.finfo(x.dtype).tiny)

    def unlogged(x: Tensor) -> Tensor:
        return directed(x) * (torch.expm1(power(x).sqrt()) * FLOOR).sqrt()

    # gain, fade
    x = waves * torch.exp(uniform(waves, generator, -6, 6) * (math.log(10) / 20))
    place = torch.arange(x.shape[1], dtype=x.dtype) + 1
    rise = (place / uniform(x, generator, 1e-3, 3200)).clamp(max=1)
    x = x * rise * (place.flip(0) / uniform(x, generator, 1e-3, 3200)).clamp(max=1)
    x = transformed(x)
    # add_noise
    bank = transformed(noise)[0]
    starts = (uniform(x, generator) * (bank.shape[-1] - 32 + 1)).long().clamp(max=bank.shape[-1] - 32)
    joining = bank[..., starts + torch.arange(32)].permute(2, 0, 1, 3)
    chosen = (uniform(x, generator) < 0.5)[..., None, None]
    ratio = torch.exp(uniform(x, generator, 0, 30) * (-math.log(10) / 10))[..., None, None]
    signal, joining = unlogged(x), unlogged(joining)
    mean = [power(one).mean(dim=(-2, -1), keepdim=True) for one in (signal, joining)]
    noisy = signal + (ratio * mean[0] / mean[1].clamp(min=FLOOR)).sqrt() * joining
    x = torch.where(chosen, directed(noisy) * torch.log1p(power(noisy) / FLOOR), x)
    # stretch
    place = (15.5 + (torch.arange(32.0) - 15.5) * uniform(x, generator, 0.9, 1.1)).clamp(0, 31)
    left = place.floor().long()[:, None, None, :].expand_as(x)
    before, after = x.gather(-1, left), x.gather(-1, (left + 1).clamp(max=31))
    share = (place - place.floor())[:, None, None, :]
    size = torch.lerp(power(before).sqrt(), power(after).sqrt(), share)
    x = directed(torch.where(share < 0.5, before, after)) * size
    # masks
    for axis in (-1, -2):
        width = (uniform(x, generator) * 5).floor()
        start = (uniform(x, generator) * (32 - width + 1)).floor()
        masked = ((torch.arange(32) >= start) & (torch.arange(32) < start + width))[:, None, :, None]
        mask = masked.transpose(-1, -2) if axis == -1 else masked
        x = torch.where(mask, x.mean(dim=(-2, -1), keepdim=True), x)
    return transformed(waves), x


@pytest.mark.parametrize("named", [True, False])
def test_phases_from_the_start_are_what_they_were_bit_by_bit(named: bool) -> None:
    """Whether the text names `start` or has no `phase`, as texts of old runs have none."""
    stages = chain()
    if not named:
        stages[2][1].pop("phase")
    frontend = front_end(stages, domain="complex")
    noise = torch.randn(3 * RATE, generator=generator(5)) / 10
    module, waves = FrontEndModule(frontend, noise), sounds(RATE, RATE)
    features, augmented = literal(waves, noise[None], generator(7))
    assert torch.equal(module.features(waves), features)
    assert torch.equal(module.augmented(waves, generator(7)), augmented)


def test_what_was_cached_is_found_again() -> None:
    """The fingerprint is that of a front end without `phase`, unless another changes the features."""
    for domain in ("real", "complex"):
        old = [(name, {k: v for k, v in told.items() if k != "phase"}) for name, told in chain()]
        told = {phase: front_end(chain(phase=phase), domain=domain).fingerprint for phase in PHASES}
        assert told["start"] == front_end(old, domain=domain).fingerprint
        assert len(set(told.values())) == (1 if domain == "real" else 3)
    assert shipped("logmel", "start", "complex").fingerprint == "52c58c497adb8bc9"
    assert shipped("logmel", "start", "real").fingerprint == "b287fa69f4524839"


@pytest.mark.parametrize("phase", PHASES)
def test_real_features_have_no_phase(phase: str) -> None:
    waves = sounds(RATE, RATE)
    frontend = front_end(chain(phase=phase))
    assert frontend.phase is None
    assert torch.equal(FrontEndModule(frontend).features(waves), FrontEndModule(front_end()).features(waves))
