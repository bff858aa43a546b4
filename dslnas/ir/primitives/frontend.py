"""The steps of front ends as primitives: from a mono waveform, or an image, to the network's input.

A wave is `1 x samples`, a spectrogram `1 x frequency x time`; the batch axis is left out. In a complex space
the STFT keeps its phase and everything after it is complex. An image is `channels x height x width`: for the
network, height takes the place of frequency, and width that of time.

**`rate` and `clip`** belong to a front end as a whole. Steps that need them (`wave`, `fade`, `stft`, `mel`)
declare parameters of these names; a step without such an argument takes the front end's parameter of that
name: `stft(window: 64ms, hop: 32ms)` in `frontend logmel(rate = 16kHz, ...)` has
`rate: 16kHz`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ...base import limits
from ..tensortype import Domain, TensorType, tensor
from .registry import REQUIRED, Attributes, Parameter, Primitive, TypeRuleError, register

# Parameters that a step takes from its front end by default.
FRONT_END_PARAMETERS = ("rate", "clip")
STEPS: list[str] = []  # the names of the primitives below
SOURCES = ("wave", "image")  # those with which a front end begins
RATE = Parameter("rate", "hertz", REQUIRED, keyword_only=True)
# From where the phase of a complex spectrogram counts: `PHASES` of the vocabulary.
Phase = Literal["centre", "relative", "start"]
# What an `stft` without `phase` means, and always will: texts of runs that are older than the parameter do
# not name it. What is best is said by the shipped front ends, in `spaces/lib/frontends.nas`.
UNSAID_PHASE: Phase = "start"

Inputs = tuple[TensorType, ...]
TypeRule = Callable[[Inputs, Attributes, Domain], TensorType]


def _wave_in(step: str, inputs: Inputs) -> int:
    """The number of samples of a step's input; raises TypeRuleError unless it is a wave."""
    size = inputs[0].size
    if len(size) != 1:
        raise TypeRuleError(
            "N0305",
            f"`{step}` needs a wave, but gets the spectrogram `{inputs[0]}`",
            f"write `{step}` before `stft`",
            named=inputs[:1],
        )
    if size[0].known is None:
        raise TypeRuleError("N0301", f"`{step}` needs a wave of a known number of samples")
    return size[0].known


def _spectrogram_in(step: str, inputs: Inputs) -> tuple[int, int]:
    """The (bins, frames) of a step's input; raises TypeRuleError unless it is a spectrogram."""
    size = inputs[0].size
    if len(size) != 2:
        raise TypeRuleError(
            "N0305",
            f"`{step}` needs a spectrogram, but gets the wave `{inputs[0]}`",
            f"write `{step}` after `stft`",
            named=inputs[:1],
        )
    if size[0].known is None or size[1].known is None:
        raise TypeRuleError("N0301", f"`{step}` needs a spectrogram of a known size")
    return size[0].known, size[1].known


def _ordered(step: str, low: float, high: float) -> None:
    if low > high:
        raise TypeRuleError("N0301", f"the range of `{step}` runs downwards", "write the smaller end first")


def _wave(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    samples = round(attributes["rate"] * attributes["clip"])
    if samples < 1:
        raise TypeRuleError("N0301", "a clip of less than one sample", "give a longer `clip`")
    return tensor("real", 1, samples)


def _gain(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    _wave_in("gain", inputs)
    _ordered("gain", *attributes["range"])
    return inputs[0]


def _fade(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    samples = _wave_in("fade", inputs)
    if not 0 <= attributes["length"] * attributes["rate"] <= samples:
        raise TypeRuleError(
            "N0301",
            f"a fade of {attributes['length']:g}s on a clip of {samples / attributes['rate']:g}s",
            "a fade is at least 0s and at most as long as the clip",
        )
    return inputs[0]


def _stft(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """`1 x (window // 2 + 1) x (samples // hop + 1)`, in samples: frequency bins and centred frames.

    Of `whole` frames alone there are `(samples - window) // hop + 1`.
    """
    samples = _wave_in("stft", inputs)
    window, hop = (round(attributes[key] * attributes["rate"]) for key in ("window", "hop"))
    if hop < 1 or window < 2:
        raise TypeRuleError(
            "N0301",
            f"at {attributes['rate']:g}Hz the window has {window} samples and the hop {hop}",
            "a window needs at least two samples and a hop one",
        )
    if window > samples:
        raise TypeRuleError(
            "N0301",
            f"a window of {window} samples on a clip of {samples}",
            "give a shorter `window` or a longer `clip`",
        )
    inside = samples - window if attributes.get("whole") else samples
    return tensor(domain, 1, window // 2 + 1, inside // hop + 1)


def _mel(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    bins, frames = _spectrogram_in("mel", inputs)
    bands = int(attributes["bands"])
    if bands > bins:
        raise TypeRuleError(
            "N0301",
            f"{bands} mel bands from {bins} frequency bins",
            "ask for fewer bands or give `stft` a longer window",
        )
    return tensor(inputs[0].domain, 1, bands, frames)


def _on_spectrogram(step: str) -> TypeRule:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        _spectrogram_in(step, inputs)
        return inputs[0]

    return rule


def _add_noise(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    _spectrogram_in("add_noise", inputs)
    _ordered("add_noise", *attributes["snr"])
    return inputs[0]


def _stretch(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    _spectrogram_in("stretch", inputs)
    _ordered("stretch", *attributes["range"])
    if attributes["range"][0] <= 0:
        raise TypeRuleError("N0301", "`stretch` by a factor that is not positive", "write `0.9 .. 1.1`")
    return inputs[0]


def _mask(step: str, axis: int) -> TypeRule:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        extent = _spectrogram_in(step, inputs)[axis]
        if attributes["width"] > extent:
            raise TypeRuleError(
                "N0301",
                f"`{step}` of {attributes['width']} on {extent} {('bands', 'frames')[axis]}",
                "a mask is at most as wide as the spectrogram",
            )
        return inputs[0]

    return rule


def _step(name: str, parameters: tuple[Parameter, ...], rule: TypeRule, doc: str, inputs: int = 1) -> None:
    """Register a step; `data/frontend/` builds its module by its name."""
    STEPS.append(name)
    register(
        Primitive(name, parameters, rule, inputs=inputs, domains=frozenset(("real", "complex")), doc=doc)
    )


_step(
    "wave",
    (Parameter("rate", "hertz"), Parameter("clip", "seconds")),
    _wave,
    "the recording: mono, resampled to `rate`, cut or padded to `clip`",
    inputs=0,
)
_step("gain", (Parameter("range", "decibels"),), _gain, "a random gain within the range, for each example")
_step(
    "fade",
    (Parameter("length", "seconds"), RATE),
    _fade,
    "a random linear fade-in and fade-out, each at most `length` long",
)
_step(
    "stft",
    (
        Parameter("window", "seconds"),
        Parameter("hop", "seconds"),
        RATE,
        Parameter("phase", "phase", UNSAID_PHASE, keyword_only=True),
        Parameter("whole", "bool", False, keyword_only=True),
    ),
    _stft,
    "short-time Fourier transform, Hann window: its power; in a complex space its complex values, whose "
    "phases count from the `centre` of a frame, from the frame before (`relative`), or from its `start`. The "
    "first frame is centred on the first sample, with silence before it; `whole` frames lie in the clip",
)
_step("mel", (Parameter("bands", "int"), RATE), _mel, "triangular mel filters from 0Hz to half of the rate")


def _cepstrum(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    if domain == "complex":
        raise TypeRuleError("N0308", "`cepstrum` has no complex form", "give the space `domain: real`")
    bands, frames = _spectrogram_in("cepstrum", inputs)
    count = int(attributes["coefficients"])
    if count > bands:
        message = f"{count} coefficients of {bands} bands"
        raise TypeRuleError("N0301", message, "ask for fewer coefficients or give `mel` more bands")
    return tensor("real", inputs[0].channels, count, frames)


_step("log", (), _on_spectrogram("log"), "natural logarithm of the power; of a complex value, of its modulus")
_step(
    "cepstrum",
    (Parameter("coefficients", "int"),),
    _cepstrum,
    "the first coefficients of the cosine transform (type II, orthonormal) over frequency: after `mel` and "
    "`log` the MFCCs (Davis and Mermelstein, 1980)",
)
_step(
    "add_noise",
    (Parameter("probability", "fraction", 0.5), Parameter("snr", "decibels", (0.0, 30.0))),
    _add_noise,
    "background noise added to a share of the examples at a random signal-to-noise ratio",
)
_step(
    "stretch",
    (Parameter("range", "range"),),
    _stretch,
    "a random change of speed within the range; the number of frames stays",
)
_step(
    "mask_time",
    (Parameter("width", "count"),),
    _mask("mask_time", 1),
    "a random mask of up to `width` frames",
)
_step(
    "mask_freq", (Parameter("width", "count"),), _mask("mask_freq", 0), "a random mask of up to `width` bands"
)


def _colour(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    if domain == "complex":
        raise TypeRuleError("N0308", "`colour` has no complex form", "give the space `domain: real`")
    bins, frames = _spectrogram_in("colour", inputs)
    if inputs[0].shape[0] != 1:
        message = f"`colour` needs a spectrogram of one channel, but gets `{inputs[0]}`"
        raise TypeRuleError("N0303", message, "write it once", named=inputs[:1])
    low, high = attributes["range"]
    _ordered("colour", low, high)
    if low == high:
        raise TypeRuleError("N0301", "`colour` of a range without width", "write `-7 .. 9`")
    return tensor("real", 3, bins, frames)


_step(
    "colour",
    (Parameter("range", "range"),),
    _colour,
    "a spectrogram as a picture, from blue over green to red: where `v` goes from 0 to 1 over the range, red "
    "is `1.5 - abs(4v - 3)`, green `1.5 - abs(4v - 2)` and blue `1.5 - abs(4v - 1)`, each within 0 and 1",
)

# --- images ------------------------------------------------------------------------------------------------


def _image(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    if domain == "complex":
        raise TypeRuleError("N0308", "an image has no complex form", "give the space `domain: real`")
    _check_resize(attributes.get("resize"), attributes["height"], attributes["width"])
    return tensor("real", attributes["channels"], attributes["height"], attributes["width"])


def _check_resize(resize: tuple[float, ...] | None, height: int, width: int) -> None:
    """Raise TypeRuleError where `resize` is not a whole size, or two, that cover what the image shows."""
    if resize is None:
        return
    if len(resize) > 2 or any(side != int(side) or not 1 <= side <= limits.SIZE for side in resize):
        help = "one whole number for the shorter side, or a pair (height, width)"
        raise TypeRuleError("N0301", f"`resize` of `image` is {resize}", help)
    if resize[0] < height or resize[-1] < width:
        sides = " x ".join(f"{side:g}" for side in resize)
        message = f"pictures are scaled to {sides}, and {height} x {width} are cut out of them"
        raise TypeRuleError("N0301", message, "scale them to no less than what is cut out")


def _image_in(step: str, inputs: Inputs) -> tuple[int, int]:
    """The (height, width) of a step's input; raises TypeRuleError unless it is an image."""
    size = inputs[0].size
    if len(size) != 2 or size[0].known is None or size[1].known is None:
        help = "begin the front end with `image`"
        raise TypeRuleError(
            "N0305", f"`{step}` needs an image, but gets `{inputs[0]}`", help, named=inputs[:1]
        )
    return size[0].known, size[1].known


def _crop(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    if attributes["padding"] > min(_image_in("crop", inputs)):
        message = f"`crop` by {attributes['padding']} pixels of the image `{inputs[0]}`"
        raise TypeRuleError("N0301", message, "a crop moves an image by less than its size")
    return inputs[0]


def _flip(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    _image_in("flip", inputs)
    return inputs[0]


def _normalize(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    _image_in("normalize", inputs)
    channels = inputs[0].shape[0]
    for name in ("mean", "deviation"):
        if len(attributes[name]) not in (1, channels):
            message = f"`normalize` has {len(attributes[name])} of `{name}` for {channels} channels"
            raise TypeRuleError("N0301", message, "give one for each channel, or one for all")
    if min(attributes["deviation"]) <= 0:
        raise TypeRuleError("N0301", "a `deviation` that is not positive", "give the standard deviation")
    return inputs[0]


def _cutout(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    size = [extent.known for extent in inputs[0].size]
    if len(size) != 2 or None in size:
        message = f"`cutout` needs a spectrogram or an image, but gets `{inputs[0]}`"
        raise TypeRuleError("N0305", message, "write `cutout` after `stft`", named=inputs[:1])
    if attributes["width"] > min(extent for extent in size if extent is not None):
        message = f"`cutout` of {attributes['width']} pixels on `{inputs[0]}`"
        raise TypeRuleError("N0301", message, "a cutout is at most as wide as what it is cut out of")
    return inputs[0]


_step(
    "image",
    (
        Parameter("channels", "int"),
        Parameter("height", "int"),
        Parameter("width", "int"),
        Parameter("resize", "numbers", None, keyword_only=True),
    ),
    _image,
    "the image, its values from 0 to 1; height stands for frequency, width for time. Of a picture of any "
    "size its middle, once its shorter side is scaled to `resize`, or its height and width to the two of "
    "`resize`; without `resize` once it is scaled as little as covers the image",
    inputs=0,
)
_step(
    "crop",
    (Parameter("padding", "count"),),
    _crop,
    "moved by up to `padding` pixels each way, black moving in",
)
_step("flip", (), _flip, "half of the examples mirrored, left to right")
_step(
    "normalize",
    (Parameter("mean", "numbers"), Parameter("deviation", "numbers")),
    _normalize,
    "each channel less its `mean`, in units of its standard `deviation`",
)
_step(
    "cutout",
    (Parameter("width", "count"),),
    _cutout,
    "a square of `width` pixels around a random one, cut at the border: 0 in an image, in a spectrogram the "
    "mean of the example (DeVries and Taylor, 2017)",
)
