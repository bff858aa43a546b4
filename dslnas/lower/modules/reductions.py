"""Torch modules of norms over parts of a tensor, of sums along an axis, of joins that spread a tensor."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from .complex_modules import ComplexBatchNorm2d
from .modules import BatchNorm2d

EPSILON = 1e-5  # under the root of a variance


class SubSpectralNorm(BatchNorm2d):
    """A batch norm for each of `bands` bands of frequency: (N, C, F, T) -> (N, C, F, T).

    Statistics and weights (C * bands,): all bands of the first channel, then of the second, and so on.
    """

    def __init__(self, channels: int, bands: int, affine: bool = False) -> None:
        super().__init__(channels * bands, affine)
        self.bands = bands

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T), where `bands` divides F."""
        return super().forward(torch.unflatten(x, 2, (self.bands, -1)).flatten(1, 2)).view(x.shape)


class ComplexSubSpectralNorm(ComplexBatchNorm2d):
    """A whitening for each of `bands` bands of frequency: (N, 2C, F, T) -> (N, 2C, F, T)."""

    def __init__(self, channels: int, bands: int, affine: bool = False) -> None:
        super().__init__(channels * bands, affine)
        self.bands = bands

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, F, T) -> (N, 2C, F, T), where `bands` divides F."""
        bands = torch.unflatten(torch.unflatten(x, 1, (-1, 2)), 3, (self.bands, -1)).transpose(
            2, 3
        )  # N C bands 2 F T
        out = super().forward(bands.flatten(1, 3)).view(bands.shape)
        return out.transpose(2, 3).reshape(x.shape)


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each place: (N, C, ...) -> (N, C, ...)."""

    def __init__(self, channels: int, affine: bool = False) -> None:
        super().__init__(channels, elementwise_affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> (N, C, ...)."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Along(nn.Module):
    """The `mean`, `total`, `max` or `std` along a dimension, which keeps size 1."""

    def __init__(self, what: str, dim: int) -> None:
        super().__init__()
        self.what, self.dim = what, dim

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> the same with 1 in place of the dimension."""
        if self.what == "std":
            return torch.sqrt(x.var(dim=self.dim, correction=0, keepdim=True) + EPSILON)
        along = {"mean": torch.mean, "total": torch.sum, "max": torch.amax}[self.what]
        return along(x, dim=self.dim, keepdim=True)  # type: ignore[operator,no-any-return]


class Spread(nn.Module):
    """A join of tensors, some of which have fewer axes than the whole: each gets so many of size 1 behind."""

    def __init__(self, join: nn.Module, lacking: tuple[int, ...]) -> None:
        super().__init__()
        self.join, self.lacking = join, lacking

    def forward(self, *inputs: Tensor) -> Tensor:
        """(N, C), (N, C, F, T), ... -> (N, C, F, T)."""
        each = zip(inputs, self.lacking, strict=True)
        return cast(Tensor, self.join(*(x[(..., *[None] * more)] for x, more in each)))


class Root(nn.Module):
    """The root of max(x, 0) and an epsilon, so that its gradient has a bound."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> (N, C, ...)."""
        return torch.sqrt(x.clamp(min=0) + EPSILON)


class Fold(nn.Module):
    """(N, parts * C, F, T) -> (N, parts * C * F, 1, T): all frequencies of the first channel, and so on."""

    def __init__(self, parts: int = 1) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        """(N, parts * C, F, T) -> (N, parts * C * F, 1, T)."""
        return torch.unflatten(x, 1, (-1, self.parts)).transpose(2, 3).flatten(1, 3).unsqueeze(2)


class Subtract(nn.Module):
    """The first less the second."""

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        """The difference of tensors that meet."""
        return x - other


class Rescale(nn.Module):
    """`by` times x, and `plus`, which is real: (N, parts * C, ...) -> (N, parts * C, ...)."""

    def __init__(self, by: float, plus: float, parts: int = 1) -> None:
        super().__init__()
        self.by, self.plus, self.parts = by, plus, parts

    def forward(self, x: Tensor) -> Tensor:
        """(N, parts * C, ...) -> (N, parts * C, ...)."""
        x = x * self.by
        if not self.plus:
            return x
        if self.parts == 1:
            return x + self.plus
        real, imaginary = torch.unflatten(x, 1, (-1, 2)).unbind(2)
        return torch.stack((real + self.plus, imaginary), 2).flatten(1, 2)
