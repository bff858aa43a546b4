"""The stages of a front end: their type rules, what they compute, and how they augment."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Chain, Reading, chain, front_end, generator, tone

from dslnas.data import FrontEndModule
from dslnas.data.frontend.augment import AddNoise, Fade, Gain, Mask, Stretch
from dslnas.data.frontend.frontend import generated_noise
from dslnas.data.frontend.spectrum import mel_filters
from dslnas.ir.frontend import FrontEnd
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Domain, tensor


def rule(name: str, before: Any, domain: Any = "real", **attributes: Any) -> Any:
    return REGISTRY[name].type_rule((before,) if before else (), attributes, domain)


WAVE, SPECTROGRAM = tensor("real", 1, 16000), tensor("real", 1, 32, 32)


def test_one_second_is_32_frames() -> None:
    wave = rule("wave", None, rate=16000.0, clip=1.0)
    spectrum = rule("stft", wave, window=0.064, hop=0.032, rate=16000.0)
    assert (str(wave), str(spectrum)) == ("1 x 16000", "1 x 513 x 32")
    assert str(rule("mel", spectrum, bands=32, rate=16000.0)) == "1 x 32 x 32"
    assert str(rule("stft", wave, "complex", window=0.064, hop=0.032, rate=16000.0)) == "complex 1 x 513 x 32"


@pytest.mark.parametrize(
    ("name", "before", "attributes", "message"),
    [
        ("mel", WAVE, {"bands": 32, "rate": 16000.0}, "needs a spectrogram"),
        ("log", WAVE, {}, "needs a spectrogram"),
        ("add_noise", WAVE, {"probability": 0.5, "snr": (0.0, 30.0)}, "needs a spectrogram"),
        ("stretch", WAVE, {"range": (0.9, 1.1)}, "needs a spectrogram"),
        ("mask_time", WAVE, {"width": 4}, "needs a spectrogram"),
        ("gain", SPECTROGRAM, {"range": (-6.0, 6.0)}, "needs a wave"),
        ("fade", SPECTROGRAM, {"length": 0.2, "rate": 16000.0}, "needs a wave"),
        ("stft", SPECTROGRAM, {"window": 0.064, "hop": 0.032, "rate": 16000.0}, "needs a wave"),
        ("mel", SPECTROGRAM, {"bands": 40, "rate": 16000.0}, "40 mel bands from 32"),
        ("stft", WAVE, {"window": 2.0, "hop": 0.032, "rate": 16000.0}, "on a clip of 16000"),
        ("stft", WAVE, {"window": 0.064, "hop": 0.0, "rate": 16000.0}, "the hop 0"),
        ("fade", WAVE, {"length": 3.0, "rate": 16000.0}, "a fade of 3s on a clip of 1s"),
        ("gain", WAVE, {"range": (6.0, -6.0)}, "runs downwards"),
        ("stretch", SPECTROGRAM, {"range": (0.0, 1.0)}, "not positive"),
        ("mask_time", SPECTROGRAM, {"width": 33}, "33 on 32 frames"),
        ("mask_freq", SPECTROGRAM, {"width": 33}, "33 on 32 bands"),
    ],
)
def test_wrong_stages_are_refused(name: str, before: Any, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeRuleError, match=message) as error:
        rule(name, before, **attributes)
    assert error.value.help


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([8000, 11127, 16000, 22050, 44100]),
    clip=st.floats(0.2, 1.5),
    window=st.floats(0.01, 0.1),
    hop=st.floats(0.005, 0.06),
    bands=st.integers(1, 40),
    domain=st.sampled_from(("real", "complex")),
)
def test_types_are_the_shapes_that_run(
    rate: int, clip: float, window: float, hop: float, bands: int, domain: Domain
) -> None:
    stages = chain(float(rate), clip, bands)
    stages[1][1]["length"] = 0.1
    stages[2][1].update(window=window, hop=hop)
    stages[-2][1]["width"] = stages[-1][1]["width"] = 1
    frontend = front_end(stages, rate, clip, domain)
    waves = torch.randn(2, frontend.samples, generator=generator()) / 10
    module = FrontEndModule(frontend)
    for made in (module.features(waves), module.augmented(waves, generator())):
        assert made.shape == (2, *frontend.output.stored)
        assert made.isfinite().all()


def test_a_tone_is_loudest_in_its_band(logmel: FrontEnd) -> None:
    """Of a sine, the band whose centre on the mel scale is nearest has the highest power."""
    for hertz in (200, 1000, 3000, 7000):
        wave = torch.from_numpy(tone(hertz, 1.0, 16000)).float()[None]
        middle = FrontEndModule(logmel).features(wave)[0, 0, :, 16]
        place = math.log10(1 + hertz / 700) / math.log10(1 + 8000 / 700) * 33 - 1
        assert abs(int(middle.argmax()) - place) <= 1


@pytest.mark.parametrize(("bins", "bands"), [(513, 32), (65, 60), (9, 9), (1025, 128)])
def test_no_mel_filter_is_empty(bins: int, bands: int) -> None:
    filters = mel_filters(bins, bands, 16000)
    assert filters.shape == (bands, bins)
    assert (filters >= 0).all()
    assert (filters.sum(dim=1) > 0).all()


def test_features_do_not_depend_on_the_batch(logmel: FrontEnd) -> None:
    waves = (torch.randn(7, 16000, generator=generator()) * 3000).to(torch.int16)
    module = FrontEndModule(logmel)
    together = module.features(waves)
    for wave, expected in zip(waves, together, strict=True):
        torch.testing.assert_close(module.features(wave[None])[0], expected)
    torch.testing.assert_close(module.features(waves.float() / 32768), together)


def test_augmentation_comes_from_the_generator_alone(logmel: FrontEnd) -> None:
    waves = torch.randn(8, 16000, generator=generator()) / 10
    module = FrontEndModule(logmel)
    torch.manual_seed(1)
    once = module.augmented(waves, generator(3))
    torch.manual_seed(2)
    untouched = torch.random.get_rng_state()
    assert torch.equal(module.augmented(waves, generator(3)), once)
    assert torch.equal(torch.random.get_rng_state(), untouched)
    assert not torch.equal(module.augmented(waves, generator(4)), once)
    assert torch.equal(module.features(waves), module.features(waves))


def test_examples_of_a_batch_differ(logmel: FrontEnd) -> None:
    wave = torch.randn(1, 16000, generator=generator()) / 10
    made = FrontEndModule(logmel).augmented(wave.expand(16, -1), generator())
    assert len({tuple(example.flatten().tolist()) for example in made}) == 16


def test_augmentation_never_waits_for_the_device(logmel: FrontEnd) -> None:
    module = FrontEndModule(logmel)
    waves = torch.randn(4, 16000, generator=generator())
    with Reading() as reading:
        module.augmented(waves, generator())
    assert reading.seen == []
    with Reading() as reading:
        float(waves[0, 0])
    assert reading.seen == ["_local_scalar_dense.default"]


def test_gain_stays_in_its_range() -> None:
    waves = torch.ones(500, 10)
    decibels = 20 * torch.log10(Gain(-6, 6)(waves, generator())[:, 0])
    assert -6 <= decibels.min() < -5.5
    assert 5.5 < decibels.max() <= 6


def test_fades_rise_and_fall_within_their_length() -> None:
    faded = Fade(100)(torch.ones(200, 1000), generator())
    assert (faded[:, 101:-101] == 1).all()
    assert (faded[:, :100].diff(dim=1) >= 0).all()
    assert (faded[:, -100:].diff(dim=1) <= 0).all()
    lengths = (faded[:, :500] < 1).sum(dim=1)
    assert lengths.min() < 10
    assert lengths.max() > 90


def test_noise_stands_below_the_signal_by_the_ratio() -> None:
    """Powers add: the mean power grows by the inverse of the signal-to-noise ratio."""
    signal = torch.rand(50, 1, 8, 16, generator=generator()) + 0.5
    for decibels in (0.0, 10.0):
        stage = AddNoise(1.0, decibels, decibels)
        stage.hold(torch.log(torch.rand(1, 8, 100, generator=generator(1)) + 0.1), True)
        noisy = stage(torch.log(signal), generator()).exp()
        growth = noisy.mean(dim=(1, 2, 3)) / signal.mean(dim=(1, 2, 3))
        torch.testing.assert_close(growth, torch.full((50,), 1 + 10 ** (-decibels / 10)))
        assert (noisy > signal).all()


def test_noise_joins_its_share_of_the_examples() -> None:
    stage = AddNoise(0.25, 0, 0)
    stage.hold(torch.zeros(1, 4, 40), True)
    x = torch.zeros(2000, 1, 4, 8)
    touched = (stage(x, generator()) != x).any(dim=-1).any(dim=-1).float().mean()
    assert abs(touched - 0.25) < 0.04


def test_the_noise_of_the_data_set_is_what_is_added() -> None:
    """Noise of one pitch raises the bands of that pitch and no others."""
    stages: Chain = [s for s in chain() if s[0] in ("stft", "mel", "log")]
    frontend = front_end([*stages, ("add_noise", {"probability": 1.0, "snr": (0.0, 0.0)})])
    hum = torch.from_numpy(tone(3000, 0.4, 16000)).float()  # shorter than a clip: it goes round
    waves = torch.from_numpy(tone(500, 1.0, 16000)).float()[None].expand(6, -1)
    module = FrontEndModule(frontend, hum)
    raised = (module.augmented(waves, generator()) - module.features(waves)).mean(dim=(0, 1, 3))
    assert raised.argmax() == 21  # 3 kHz lies at 21.8 of 33 steps on the mel scale, a band before step 1
    assert raised[21] > 10
    assert raised[:18].max() < 0.7  # the floor of the logarithm, twice


def test_generated_noise_is_white_then_pink() -> None:
    noise = generated_noise(8000)
    assert torch.equal(noise, generated_noise(8000))
    for part, slope in ((noise[: len(noise) // 2], 0.0), (noise[len(noise) // 2 :], -10.0)):
        power = torch.fft.rfft(part).abs().square()
        low, high = power[100:1000].mean(), power[1000:10000].mean()
        assert abs(10 * torch.log10(high / low) - slope) < 1.5


def test_stretch_keeps_the_middle_and_the_order() -> None:
    ramp = torch.arange(33.0).expand(200, 1, 5, 33)
    made = Stretch(0.5, 2.0)(ramp, generator())
    torch.testing.assert_close(made[..., 16], ramp[..., 16])
    assert (made.diff(dim=-1) >= 0).all()
    speed = made[:, 0, 0, 17] - made[:, 0, 0, 16]
    assert 0.5 <= speed.min() < 0.55
    assert 1.9 < speed.max() <= 2.0001
    assert torch.equal(Stretch(1.0, 1.0)(ramp, generator()), ramp)


@pytest.mark.parametrize("axis", [-1, -2])
def test_masks_cover_one_stretch_with_the_mean(axis: int) -> None:
    x = torch.rand(500, 1, 16, 16, generator=generator())
    made = Mask(4, axis)(x, generator())
    changed = (made != x).all(dim=-2 if axis == -1 else -1)[:, 0]
    widths = changed.sum(dim=1)
    assert set(widths.tolist()) == {0, 1, 2, 3, 4}
    edges = changed.int().diff(dim=1).abs().sum(dim=1)
    assert (edges <= 2).all()
    means = x.mean(dim=(-2, -1), keepdim=True).expand_as(x)
    torch.testing.assert_close(made[made != x], means[made != x])
    assert changed[:, 0].any()
    assert changed[:, -1].any()
