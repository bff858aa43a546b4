"""Torch modules of norms over parts of a tensor, of sums along an axis, of joins that spread a tensor."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from .complex_modules import ComplexBatchNorm2d, ComplexLinear
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
    """An axis as channels: all of it of the first channel, then of the second, and so on.

    (N, parts * C, F, T) -> (N, parts * C * F, 1, T) along dimension 2, (N, parts * C * T, F, 1) along 3;
    (N, parts * C, T) -> (N, parts * C * T).
    """

    def __init__(self, dim: int = 2, parts: int = 1) -> None:
        super().__init__()
        self.dim, self.parts = dim, parts

    def forward(self, x: Tensor) -> Tensor:
        """(N, parts * C, F, T) -> (N, parts * C * F, 1, T), or as said above."""
        parts = torch.unflatten(x, 1, (-1, self.parts))
        folded = parts.movedim(self.dim + 1, 2).flatten(1, 3)
        return folded if x.dim() == 3 else folded.unsqueeze(self.dim)


class Nearest(nn.Module):
    """(N, C, F, T) at another size: place i of m takes the value at i * n // m of n, along each axis."""

    def __init__(self, frequency: int, time: int) -> None:
        super().__init__()
        self.size = frequency, time

    def forward(self, x: Tensor, like: Tensor | None = None) -> Tensor:
        """(N, C, F, T), and a tensor of the size that is wanted, -> (N, C, frequency, time)."""
        for dim, wanted in zip((2, 3), self.size, strict=True):
            x = x.index_select(dim, torch.arange(wanted, device=x.device) * x.shape[dim] // wanted)
        return x


class Bias(nn.Module):
    """Plus a learned term for each channel: (N, C, ...) -> (N, C, ...), which begins at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin at 0."""
        nn.init.zeros_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> (N, C, ...)."""
        return x + self.weight.view(-1, *(1,) * (x.dim() - 2))


class PlacesLinear(nn.Linear):
    """A fully connected layer of the channels at each place: (N, in, ...) -> (N, out, ...)."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, ...) -> (N, out, ...)."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ComplexPlacesLinear(ComplexLinear):
    """The same of complex channels: (N, 2 * in, ...) -> (N, 2 * out, ...)."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2 * in, ...) -> (N, 2 * out, ...)."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


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
