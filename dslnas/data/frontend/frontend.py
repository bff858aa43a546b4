"""A front end as a torch module, put together from its steps: from waves or images to features."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Generator, Tensor, nn

from ...ir.frontend import FrontEnd
from ...ir.primitives.frontend import Phase
from ...ir.primitives.registry import Attributes
from ...ir.tensortype import TensorType
from .augment import AddNoise, Fade, Gain, Mask, Squares, Stretch
from .phase import (
    ComplexAddNoise,
    ComplexLog,
    ComplexStft,
    ComplexStretch,
    Phased,
    PhasedAddNoise,
    PhasedMask,
    PhasedMel,
    PhasedSquares,
    PhasedStretch,
)
from .pictures import Crop, Cutout, Flip, Image, Normalize
from .spectrum import Cepstrum, Colour, Log, Mel, StepModule, Stft, Wave, to_float

NOISE_SECONDS = 20  # of generated noise, of each colour, where a data set has none

Made = TypeVar("Made", bound=type[StepModule])


def step_module(
    name: str, inputs: tuple[TensorType, ...], given: Attributes, phase: Phase | None, image: bool = False
) -> StepModule:
    """The module of a step of `ir/primitives/frontend.py`, from its attributes and the types that it reads.

    phase: from where the phases of the whole front end count; None where it is real. image: whether it
    begins with an image.
    """

    def one_of(real: Made, start: Made, other: Made) -> Made:
        return real if phase is None else start if phase == "start" else other

    match name:
        case "wave":
            return Wave()
        case "gain":
            return Gain(*given["range"])
        case "fade":
            return Fade(given["length"] * given["rate"])
        case "stft":
            sizes = round(given["window"] * given["rate"]), round(given["hop"] * given["rate"])
            whole = bool(given.get("whole"))
            return Stft(*sizes, whole) if phase is None else ComplexStft(*sizes, phase, whole)
        case "mel":
            return one_of(Mel, Mel, PhasedMel)(inputs[0].shape[1], int(given["bands"]), given["rate"])
        case "cepstrum":
            return Cepstrum(inputs[0].shape[1], int(given["coefficients"]))
        case "colour":
            return Colour(*given["range"])
        case "log":
            return one_of(Log, ComplexLog, ComplexLog)()
        case "add_noise":
            noise = one_of(AddNoise, ComplexAddNoise, PhasedAddNoise)
            return noise(given["probability"], *given["snr"])
        case "stretch":
            return one_of(Stretch, ComplexStretch, PhasedStretch)(*given["range"])
        case "mask_time":
            return one_of(Mask, Mask, PhasedMask)(int(given["width"]), -1)
        case "mask_freq":
            return one_of(Mask, Mask, PhasedMask)(int(given["width"]), -2)
        case "image":
            return Image()
        case "crop":
            return Crop(given["padding"])
        case "flip":
            return Flip()
        case "normalize":
            return Normalize(given["mean"], given["deviation"])
        case "cutout":
            squares = Cutout if image else one_of(Squares, Squares, PhasedSquares)
            return squares(given["width"])
    raise AssertionError(f"no step is called {name}")


class FrontEndModule(nn.Module):
    """A whole front end over batches of raw examples.

    Waves (N, samples) are int16 or float32 in [-1, 1], images (N, C, H, W) uint8 or float32 in [0, 1].

    noise: a long wave (samples,) of background noise at the front end's rate; None: pink and white noise
    made here, the same every time. It goes through the deterministic steps before `add_noise` once.
    """

    def __init__(self, frontend: FrontEnd, noise: Tensor | None = None) -> None:
        super().__init__()
        self.frontend = frontend
        self.steps = nn.ModuleList()
        before: tuple[TensorType, ...] = (frontend.input,)
        logarithmic = False
        for step in frontend.steps:
            module = step_module(
                step.primitive, before, dict(step.attributes), frontend.phase, frontend.sees_images
            )
            if isinstance(module, Phased):
                module.logarithmic = logarithmic
            if isinstance(module, AddNoise):
                wave = generated_noise(frontend.rate) if noise is None else noise
                module.hold(self._bank(wave), logarithmic)
            logarithmic = logarithmic or isinstance(module, Log)
            self.steps.append(module)
            before = (step.output,)

    def _bank(self, noise: Tensor) -> Tensor:
        """The spectrogram of the noise (C, F, T) after the steps that are made so far."""
        x = to_float(noise)[None]
        x = x.repeat(1, math.ceil(2 * self.frontend.samples / x.shape[1]))  # short noise goes round
        for step in self.steps:
            x = step(x)
        return x[0]

    @torch.no_grad()
    def features(self, raw: Tensor) -> Tensor:
        """The features that the network reads, without augmentation: (N, C, F, T) float32."""
        return self._run(raw, None)

    @torch.no_grad()
    def augmented(self, raw: Tensor, generator: Generator) -> Tensor:
        """The features with every random step drawn anew for every example: (N, C, F, T) float32.

        All randomness comes from `generator`, which may live on the device of the examples or on the CPU.
        """
        return self._run(raw, generator)

    def forward(self, raw: Tensor) -> Tensor:
        """The features without augmentation: (N, C, F, T) float32."""
        return self.features(raw)

    def _run(self, x: Tensor, generator: Generator | None) -> Tensor:
        # Half precision would lose quiet bins before the logarithm brings them up.
        with torch.autocast(x.device.type, enabled=False):
            x = to_float(x)
            for step in self.steps:
                x = step(x, generator)
        return x


def generated_noise(rate: int) -> Tensor:
    """White, then pink noise (power 1/f), `NOISE_SECONDS` of each, the same on every call."""
    generator = torch.Generator().manual_seed(0)
    white = torch.randn(2, rate * NOISE_SECONDS, generator=generator)
    spectrum = torch.fft.rfft(white[1])
    pink = torch.fft.irfft(spectrum / torch.arange(1, len(spectrum) + 1).sqrt(), n=white.shape[1])
    return torch.cat([white[0] / white[0].std(), pink / pink.std()]) / 10
