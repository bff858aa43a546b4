"""The stages of a front end: their type rules, what they compute, and how they augment."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Chain, Reading, chain, front_end, generator, tone

from dslnas.data import FrontEndModule
from dslnas.data.frontend.frontend import generated_noise
from dslnas.data.frontend.spectrum import Cepstrum, Stft
from dslnas.ir.frontend import FrontEnd
from dslnas.ir.tensortype import Domain


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


def test_cepstral_coefficients_are_those_of_the_cosine_transform() -> None:
    """By its sum; all of them keep every length, and frames that lie in the clip are those of its samples."""
    x = torch.randn(2, 1, 12, 5, generator=generator())
    whole = Cepstrum(12, 12)(x)
    torch.testing.assert_close(whole.square().sum(2), x.square().sum(2))
    torch.testing.assert_close(Cepstrum(12, 4)(x), whole[:, :, :4])
    for k in (0, 3):
        weights = torch.cos(torch.pi * k * (2 * torch.arange(12) + 1) / 24) * (2 / 12 / (1 + (k == 0))) ** 0.5
        torch.testing.assert_close(whole[:, :, k], (x * weights[:, None]).sum(2))
    waves = torch.randn(2, 1000, generator=generator())
    powers = Stft(64, 30, whole=True)(waves)
    assert powers.shape == (2, 1, 33, 32)
    last = torch.fft.rfft(waves[:, 930:994] * torch.hann_window(64)).abs().square()
    torch.testing.assert_close(powers[:, 0, :, 31], last, rtol=1e-3, atol=1e-3)


def test_generated_noise_is_white_then_pink() -> None:
    noise = generated_noise(8000)
    assert torch.equal(noise, generated_noise(8000))
    for part, slope in ((noise[: len(noise) // 2], 0.0), (noise[len(noise) // 2 :], -10.0)):
        power = torch.fft.rfft(part).abs().square()
        low, high = power[100:1000].mean(), power[1000:10000].mean()
        assert abs(10 * torch.log10(high / low) - slope) < 1.5
