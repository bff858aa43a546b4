"""Everything from a wave to probabilities as one module of plain real operators, for formats such as ONNX.

The transform is a convolution with the kernels of the DFT: ONNX's own operator is slow, and missing in
browsers. Windows and pads are those of `dslnas predict`, for batches of any size and waves of any length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..data.frontend.frontend import FrontEndModule
from ..data.frontend.phase import ComplexStft
from ..data.frontend.spectrum import StepModule, Stft
from ..ir.frontend import FrontEnd

FULL_SCALE = 32768  # of 16 bits


class Windows(nn.Module):
    """Waves of any length as windows of one length, in steps of 16 bits.

    They lie side by side, and the last one ends where the wave does; a shorter wave stands in the middle of
    silence. Nothing is decided by whether a wave is long or short.

    by_value: how many windows there are is a value, and not a size that follows from that of the wave, of
    which `torch.export` would take one window for a constant (and ONNX has no loop over so many).
    """

    def __init__(self, samples: int, by_value: bool = False) -> None:
        super().__init__()
        self.samples, self.by_value = samples, by_value

    def forward(self, x: Tensor) -> Tensor:
        """(N, any length) -> (N, windows, samples), in [-1, 1]."""
        samples = self.samples
        padded = nn.functional.pad(x, (samples, samples))
        length = torch.ones_like(x[0]).sum().long()
        number: int | float = (x.shape[1] + samples - 1) // samples
        if self.by_value:
            number = ((length + samples - 1) // samples).item()
            torch._check(number >= 1)
        places = torch.arange(number) * samples
        last = (length - samples).clamp(min=0)
        missing = (samples - length).clamp(min=0)
        starts = samples + torch.minimum(places, last) - missing // 2
        indices = starts[:, None] + torch.arange(samples)
        return in_steps(padded[:, indices])


class Convolved(Stft):
    """The transform of a front end as a convolution with the kernels of the DFT, times the window."""

    kernels: Tensor  # (2 bins, 1, window)

    def __init__(self, window: int, hop: int, whole: bool = False) -> None:
        super().__init__(window, hop, whole)
        turns = torch.arange(window // 2 + 1)[:, None] * torch.arange(window) % window
        angles = 2 * math.pi * turns.double() / window
        kernels = torch.cat((angles.cos(), -angles.sin())) * self.window.double()
        self.register_buffer("kernels", kernels.float()[:, None])

    def spectrum(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What `Stft.spectrum` computes, but for rounding."""
        found = nn.functional.conv1d(self.centred(x)[:, None], self.kernels, stride=self.hop)
        bins = len(self.kernels) // 2
        return found[:, :bins], found[:, bins:]


class ConvolvedComplex(ComplexStft, Convolved):
    """The same of a complex front end."""


class Classifier(nn.Module):
    """A front end without augmentation, a network, and softmax."""

    def __init__(self, frontend: FrontEnd, network: nn.Module) -> None:
        super().__init__()
        self.steps = nn.ModuleList(
            _convolved(step) for step in FrontEndModule(frontend).steps if not _augments(step)
        )
        self.network = network

    def probabilities(self, x: Tensor) -> Tensor:
        """Waves (N, samples) or images (N, C, H, W) -> (N, classes)."""
        for step in self.steps:
            x = step(x)
        logits: Tensor = self.network(x)
        return torch.softmax(logits, 1)


class WaveClassifier(Classifier):
    """Waves or images to probabilities.

    Of a wave that is longer than a clip they are the means of those of its windows, but for silent ones; of
    one without any sound all are 0.
    """

    def __init__(self, frontend: FrontEnd, network: nn.Module, by_value: bool = False) -> None:
        super().__init__(frontend, network)
        self.windows = None if frontend.sees_images else Windows(frontend.samples, by_value)

    def forward(self, x: Tensor) -> Tensor:
        """Waves (N, any length) in [-1, 1] or images (N, C, H, W) in [0, 1] -> probabilities (N, classes)."""
        if self.windows is None:
            return self.probabilities(x)
        windows: Tensor = self.windows(x)
        each = self.probabilities(windows.flatten(0, 1)).view(*windows.shape[:2], -1)
        sounding = (windows != 0).any(2, keepdim=True)
        heard = torch.where(sounding, each, 0.0)  # of silence a network may make NaN
        return heard.sum(1) / sounding.sum(1).clamp(min=1)


class ClipClassifier(Classifier):
    """One clip or image to probabilities, all of its sizes fixed; of silence all are 0."""

    def __init__(self, frontend: FrontEnd, network: nn.Module) -> None:
        super().__init__(frontend, network)
        self.sees_images = frontend.sees_images

    def forward(self, x: Tensor) -> Tensor:
        """A wave (1, samples) in [-1, 1] or an image (1, C, H, W) in [0, 1] -> probabilities (1, classes)."""
        if self.sees_images:
            return self.probabilities(x)
        x = in_steps(x)
        loudest = x.abs().amax(1, keepdim=True)
        return torch.where(loudest > 0, self.probabilities(x), 0.0)


def in_steps(x: Tensor) -> Tensor:
    """Waves in steps of 16 bits."""
    return (x * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1) / FULL_SCALE


@dataclass(frozen=True)
class Signature:
    """The names of what goes into a model and what comes out of it.

    example: an input. Two examples, since a batch of one would be taken for a constant. sizes: the names of
    the axes of any length.
    """

    input: str
    output: str
    example: Tensor
    sizes: dict[int, Any]


def whole_signature(frontend: FrontEnd) -> Signature:
    """`wave` (N, length) to `probabilities` (N, classes), for any N and any length.

    Of a front end that sees images the input is `image` (N, C, H, W), values from 0 to 1.
    """
    sizes = {0: torch.export.Dim("batch")}
    if frontend.sees_images:
        example = torch.zeros(2, *frontend.raw_shape)
    else:
        example, sizes[1] = torch.zeros(2, frontend.samples), torch.export.Dim("length")
    return Signature(frontend.source.primitive, "probabilities", example, sizes)


def features_signature(frontend: FrontEnd) -> Signature:
    """`features` (N, C, F, T) to `logits` (N, classes), for any N."""
    example = torch.zeros(2, *frontend.output.stored)
    return Signature("features", "logits", example, {0: torch.export.Dim("batch")})


def clip_signature(frontend: FrontEnd) -> Signature:
    """What `whole_signature` says, of one clip or image."""
    whole = whole_signature(frontend)
    return Signature(whole.input, whole.output, whole.example[:1], {})


def short_signature(frontend: FrontEnd) -> Signature:
    """What `whole_signature` says, of one image, or of one wave that is no longer than a clip."""
    clip = clip_signature(frontend)
    if frontend.sees_images:
        return clip
    length = torch.export.Dim("length", min=2, max=frontend.samples)
    return Signature(clip.input, clip.output, clip.example, {1: length})


def _augments(step: nn.Module) -> bool:
    return isinstance(step, StepModule) and step.random


def _convolved(step: nn.Module) -> nn.Module:
    """A step of a front end; its transform, where it has one, as a convolution."""
    if isinstance(step, ComplexStft):
        return ConvolvedComplex(step.length, step.hop, step.phase, step.whole)
    return Convolved(step.length, step.hop, step.whole) if isinstance(step, Stft) else step
