"""Type rules of the steps of front ends."""

from __future__ import annotations

from typing import Any

import pytest

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import tensor


def rule(name: str, before: Any, domain: Any = "real", **attributes: Any) -> Any:
    return REGISTRY[name].type_rule((before,) if before else (), attributes, domain)


WAVE, SPECTROGRAM = tensor("real", 1, 16000), tensor("real", 1, 32, 32)


def test_one_second_is_32_frames() -> None:
    wave = rule("wave", None, rate=16000.0, clip=1.0)
    spectrum = rule("stft", wave, window=0.064, hop=0.032, rate=16000.0)
    assert (str(wave), str(spectrum)) == ("1 x 16000", "1 x 513 x 32")
    frames = rule("stft", wave, window=0.03, hop=0.01, rate=16000.0, whole=True)
    assert str(rule("cepstrum", frames, coefficients=40)) == "1 x 40 x 98"
    with pytest.raises(TypeRuleError, match="has no complex form"):
        rule("cepstrum", tensor("complex", 1, 32, 32), "complex", coefficients=13)
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
        ("cepstrum", WAVE, {"coefficients": 13}, "needs a spectrogram"),
        ("cepstrum", SPECTROGRAM, {"coefficients": 33}, "33 coefficients of 32 bands"),
        ("mask_time", SPECTROGRAM, {"width": 33}, "33 on 32 frames"),
        ("cutout", SPECTROGRAM, {"width": 33}, "`cutout` of 33 pixels"),
        ("mask_freq", SPECTROGRAM, {"width": 33}, "33 on 32 bands"),
    ],
)
def test_wrong_stages_are_refused(name: str, before: Any, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeRuleError, match=message) as error:
        rule(name, before, **attributes)
    assert error.value.help
