"""The steps of a front end over images: x_NCHW, float32 (examples, channels, height, width)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from .augment import Squares, uniform
from .spectrum import StepModule


class Image(StepModule):
    """The source: the image itself."""

    def fixed(self, x: Tensor) -> Tensor:
        """The image, unchanged."""
        return x


class Crop(StepModule):
    """A window of the image's size out of the image with `padding` black pixels on every side."""

    random = True

    def __init__(self, padding: int) -> None:
        super().__init__()
        self.padding = padding

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        padded = F.pad(x, (self.padding,) * 4)
        examples = torch.arange(len(x), device=x.device)[:, None, None, None]
        channels = torch.arange(x.shape[1], device=x.device)[:, None, None]
        rows = self._places(x, generator, x.shape[2])[:, None, :, None]
        columns = self._places(x, generator, x.shape[3])[:, None, None, :]
        return padded[examples, channels, rows, columns]

    def _places(self, x: Tensor, generator: Generator, extent: int) -> Tensor:
        """Which rows or columns each example takes: (N, extent)."""
        choices = 2 * self.padding + 1
        start = (uniform(x, generator) * choices).long().clamp(max=choices - 1)
        return start + torch.arange(extent, device=x.device)


class Flip(StepModule):
    """Each example mirrored left to right, or not, with equal chance."""

    random = True

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return torch.where(uniform(x, generator)[..., None, None] < 0.5, x.flip(-1), x)


class Normalize(StepModule):
    """(x - mean) / deviation, each a number a channel or one for all."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None], persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return (x - self.mean) / self.deviation


class Cutout(Squares):
    """Zeros in a square of `width` pixels around a random pixel of each example, cut at the border."""

    def fill(self, x: Tensor) -> Tensor:
        """0, which is the mean of a normalised image."""
        return torch.zeros((), dtype=x.dtype, device=x.device)
