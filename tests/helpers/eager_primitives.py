"""The primitives of networks as plain torch functions: what each does to a tensor that is there.

Nothing here knows a type. Weights are zeros, made of the channels that arrive, so that a function fails where
torch does, and returns what torch returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pair = tuple[int, int]


def _pair(value: int | Pair, along: str | None) -> Pair:
    if isinstance(value, tuple):
        return value
    return {None: (value, value), "time": (1, value), "frequency": (value, 1)}[along]


def _padded(x: Tensor, kernel: Pair, dilation: int, pad: int | Pair | None, value: float = 0.0) -> Tensor:
    """With what is missing at the edges, the odd one behind; or with so much as is said."""
    if pad is not None:
        rows, columns = pad if isinstance(pad, tuple) else (pad, pad)
        return F.pad(x, (columns, columns, rows, rows), value=value)
    rows, columns = (dilation * (size - 1) for size in kernel)
    around = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    return F.pad(x, around, value=value)


def conv(
    x: Tensor, kernel: int | Pair, out: int, stride: int | Pair = 1, *, dilation: int = 1,
    along: str | None = None, pad: int | Pair | None = None, groups: int = 1,
) -> Tensor:  # fmt: skip
    size = _pair(kernel, along)
    weight = torch.zeros(out, x.shape[1] // groups, *size, dtype=x.dtype, device=x.device)
    steps = (stride, stride) if along is None and isinstance(stride, int) else _pair(stride, along)
    return F.conv2d(_padded(x, size, dilation, pad), weight, None, steps, 0, dilation, groups)


def dwconv(x: Tensor, kernel: int | Pair, stride: int | Pair = 1, **more: Any) -> Tensor:
    return conv(x, kernel, x.shape[1], stride, groups=x.shape[1], **more)


def by_parts(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of real tensors as one of complex ones: of both parts."""

    @wraps(function)
    def whole(x: Tensor, *arguments: Any, **named: Any) -> Tensor:
        if not x.is_complex():
            return function(x, *arguments, **named)
        real, imaginary = (function(part.clone(), *arguments, **named) for part in (x.real, x.imag))
        return torch.complex(real, imaginary)

    return whole


@by_parts
def maxpool(x: Tensor, kernel: int | Pair, stride: int | Pair = 1) -> Tensor:
    size = _pair(kernel, None)
    return F.max_pool2d(_padded(x, size, 1, None, -torch.inf), size, stride)


@by_parts
def tilepool(x: Tensor, stride: int | Pair, whole: bool = False) -> Tensor:
    return F.max_pool2d(x, stride, stride, ceil_mode=not whole)


@by_parts
def avgpool(x: Tensor, kernel: int | Pair, stride: int | Pair = 1) -> Tensor:
    size = _pair(kernel, None)
    sums, counts = (
        F.avg_pool2d(_padded(one, size, 1, None), size, stride) for one in (x, torch.ones_like(x))
    )
    return sums / counts


def zero(x: Tensor, stride: int | Pair = 1) -> Tensor:
    return F.avg_pool2d(x.real, 1, stride).to(x.dtype) * 0


def shift(x: Tensor) -> Tensor:
    return F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]


@by_parts
def bn(x: Tensor, affine: bool = False) -> Tensor:
    return nn.BatchNorm2d(x.shape[1], affine=affine, device=x.device)(x)  # type: ignore[no-any-return]


@by_parts
def inorm(x: Tensor, affine: bool = False) -> Tensor:
    return nn.InstanceNorm2d(x.shape[1], affine=affine, device=x.device)(x)  # type: ignore[no-any-return]


@by_parts
def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, x, slope * x)


@by_parts
def prelu(x: Tensor, start: float = 0.25) -> Tensor:
    return torch.where(x > 0, x, start * x)


def softmax(x: Tensor, axis: str | None = None) -> Tensor:
    exponentials, along = torch.exp(x), _along(x, axis)
    return exponentials / exponentials.sum(along, keepdim=True)


def _along(x: Tensor, axis: str | None) -> int:
    """The dimension of an axis, or that of the channels."""
    if axis is None:
        return 1
    if x.dim() < {"time": 3, "frequency": 4}[axis] or x.is_complex():
        raise ValueError(f"no {axis} in {tuple(x.shape)}, or complex")
    return x.dim() - 1 if axis == "time" else x.dim() - 2


def add(*tensors: Tensor) -> Tensor:
    return _met(tensors).sum(0)


def alike(*tensors: Tensor) -> Tensor:
    """The sum of tensors of one shape and one kind of number, as where options or edges meet."""
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise TypeError("real and complex numbers meet")
    return torch.stack(tensors).sum(0)


def subtract(x: Tensor, other: Tensor) -> Tensor:
    first, second = _met((x, other))
    return first - second


def multiply(*tensors: Tensor) -> Tensor:
    return _met(tensors).prod(0)


def _met(tensors: tuple[Tensor, ...]) -> Tensor:
    """Tensors that meet element by element, of one kind of number and as many channels.

    One of them has the shape of the result; over it vectors and axes of size 1 are repeated.
    """
    if len({tensor.dtype for tensor in tensors}) > 1:
        raise TypeError("real and complex numbers meet")
    if len({tensor.shape[1] for tensor in tensors}) > 1:
        raise ValueError("different channels")
    whole = max(tensors, key=lambda one: (one.dim(), one.numel())).shape
    repeated = []
    for one in tensors:
        if one.dim() == 2:
            one = one.reshape(*one.shape, *(1,) * (len(whole) - 2))
        if one.dim() != len(whole):
            raise ValueError(f"{tuple(one.shape)} meets {tuple(whole)}")
        repeated.append(one.expand(whole))
    return torch.stack(repeated)


def fold(x: Tensor, axis: str = "frequency") -> Tensor:
    if x.dim() == 3:
        steps = {"time": range(x.shape[2])}[axis]
        return torch.stack([x[:, channel, step] for channel in range(x.shape[1]) for step in steps], dim=1)
    _, channels, _, _ = x.shape
    along = x if axis == "frequency" else x.transpose(2, 3)
    rows = [along[:, channel, place] for channel in range(channels) for place in range(along.shape[2])]
    return torch.stack(rows, dim=1).unsqueeze(2 if axis == "frequency" else 3)


def root(x: Tensor) -> Tensor:
    if x.is_complex():
        raise TypeError("complex")
    return (F.relu(x) + 1e-5) ** 0.5


def rescale(x: Tensor, by: float, *, plus: float = 0.0) -> Tensor:
    return by * x + plus


def along(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of all values along an axis, which then has size 1."""

    def whole(x: Tensor, axis: str) -> Tensor:
        return torch.stack([function(part) for part in [x.movedim(_axis(x, axis), 0)]]).movedim(
            0, _axis(x, axis)
        )

    return whole


def _axis(x: Tensor, axis: str) -> int:
    return _along(x.real if x.is_complex() else x, axis)


def _largest(x: Tensor) -> Tensor:
    return x.max(dim=0).values


def _deviation(x: Tensor) -> Tensor:
    return ((x - x.mean(0)).square().mean(0) + 1e-5) ** 0.5


@by_parts
def ssn(x: Tensor, bands: int, *, affine: bool = False) -> Tensor:
    height = x.shape[2] // bands
    if height * bands != x.shape[2]:
        raise ValueError(f"{bands} bands of {tuple(x.shape)}")
    return torch.cat([bn(part, affine) for part in x.split(height, dim=2)], dim=2)


def ln(x: Tensor, *, affine: bool = False) -> Tensor:
    if x.is_complex():
        raise TypeError("complex")
    mean = x.mean(1, keepdim=True)
    return (x - mean) / ((x - mean).square().mean(1, keepdim=True) + 1e-5) ** 0.5


def gn(x: Tensor, groups: int, *, affine: bool = False) -> Tensor:
    _, channels, _, _ = x.shape
    if x.is_complex() or channels % groups:
        raise ValueError(f"{groups} groups of {tuple(x.shape)}")
    parts = x.reshape(len(x), groups, -1)
    mean = parts.mean(2, keepdim=True)
    return ((parts - mean) / ((parts - mean).square().mean(2, keepdim=True) + 1e-5) ** 0.5).reshape(x.shape)


def concat(*tensors: Tensor) -> Tensor:
    return torch.cat(tensors, dim=1)


def bounded(x: Tensor) -> Tensor:
    return x / (1 + x.abs())


def scaled(x: Tensor, start: float = 1.0) -> Tensor:
    return x * torch.full((x.shape[1], *(1,) * (x.dim() - 2)), start, device=x.device)


def global_pool(x: Tensor) -> Tensor:
    return x.mean(dim=(2, 3))


def linear(x: Tensor, out: int, *, bias: bool = True) -> Tensor:
    return torch.einsum("nc...,oc->no...", x, torch.zeros(out, x.shape[1], dtype=x.dtype, device=x.device))


def recurrent(units: type[nn.GRU] | type[nn.LSTM]) -> Callable[..., Tensor]:
    def whole(x: Tensor, hidden: int, *, layers: int = 1, bidirectional: bool = False) -> Tensor:
        steps = x.flatten(1, -2).transpose(1, 2)
        cells = units(
            steps.shape[2], hidden, layers, batch_first=True, bidirectional=bidirectional, device=x.device
        )
        result: Tensor = cells(steps)[0]
        return result.transpose(1, 2)

    return whole


def last(x: Tensor) -> Tensor:
    steps = _steps(x)
    return steps[:, :, steps.shape[2] - 1]


def _steps(x: Tensor) -> Tensor:
    """A sequence (N, C, T), or one that has a single frequency."""
    if x.dim() == 4 and x.shape[2] == 1:
        return x[:, :, 0]
    _, _, _ = x.shape
    return x


def upsample(x: Tensor, by: int | Pair = 2) -> Tensor:
    rows, columns = _pair(by, None)
    return x.repeat_interleave(rows, dim=2).repeat_interleave(columns, dim=3)


def upsample_to(x: Tensor, like: Tensor) -> Tensor:
    _, _, rows, columns = like.shape
    places = [
        [place * have // want for place in range(want)]
        for have, want in zip(x.shape[2:], (rows, columns), strict=True)
    ]
    return x[:, :, places[0]][:, :, :, places[1]]


def scores(query: Tensor, key: Tensor, *, heads: int = 1) -> Tensor:
    q, k = _steps(query), _steps(key)
    if q.is_complex() or q.shape[1] != k.shape[1] or q.shape[1] % heads:
        raise ValueError(f"{heads} heads of {tuple(q.shape)} and {tuple(k.shape)}")
    each = zip(q.chunk(heads, dim=1), k.chunk(heads, dim=1), strict=True)
    return torch.stack([torch.einsum("ncq,nck->nkq", *one) / one[0].shape[1] ** 0.5 for one in each], dim=1)


def attend(weights: Tensor, values: Tensor) -> Tensor:
    _, heads, _, _ = weights.shape
    v = _steps(values)
    if v.is_complex() or v.shape[1] % heads:
        raise ValueError(f"{heads} heads of {tuple(v.shape)}")
    parts = v.chunk(heads, dim=1)
    sums = [torch.einsum("nck,nkq->ncq", part, weights[:, head]) for head, part in enumerate(parts)]
    whole = torch.cat(sums, dim=1)
    return whole if values.dim() == 3 else whole.unsqueeze(2)


def position(x: Tensor) -> Tensor:
    _, channels, *_, steps = x.shape
    if x.dim() < 3:
        raise ValueError("no time")
    weight = torch.zeros(channels, steps, dtype=x.dtype, device=x.device)
    return x + (weight if x.dim() == 3 else weight.unsqueeze(1))


def token(x: Tensor) -> Tensor:
    return torch.cat((x, torch.zeros_like(_steps(x)[:, :, :1]).reshape(*x.shape[:-1], 1)), dim=-1)


def magnitude(x: Tensor) -> Tensor:
    return torch.view_as_real(x).norm(dim=-1)


def real_imag(x: Tensor) -> Tensor:
    return torch.view_as_real(x).movedim(-1, 2).flatten(1, 2) if x.is_complex() else x


def shuffle(x: Tensor, groups: int) -> Tensor:
    of_group = x.shape[1] // groups
    order = [group * of_group + place for place in range(of_group) for group in range(groups)]
    if len(order) != x.shape[1]:
        raise ValueError(f"{x.shape[1]} channels in {groups} groups")
    return x[:, order]


def channels_from(x: Tensor, first: int, out: int) -> Tensor:
    if first + out > x.shape[1]:
        raise ValueError(f"no {out} channels from {first} on in {tuple(x.shape)}")
    return x[:, first : first + out]


EAGER: Mapping[str, Callable[..., Tensor]] = {
    "conv": conv,
    "dwconv": dwconv,
    "maxpool": maxpool,
    "tilepool": tilepool,
    "avgpool": avgpool,
    "zero": zero,
    "shift": shift,
    "bn": bn,
    "inorm": inorm,
    "relu": by_parts(F.relu),
    "relu6": by_parts(F.relu6),
    "tanh": by_parts(F.tanh),
    "sigmoid": by_parts(lambda x: 1 / (1 + torch.exp(-x))),
    "hardsigmoid": by_parts(lambda x: F.relu6(x + 3) / 6),
    "silu": by_parts(lambda x: x / (1 + torch.exp(-x))),
    "hardswish": by_parts(lambda x: x * F.relu6(x + 3) / 6),
    "gelu": by_parts(lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2),
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "softmax": softmax,
    "bounded": bounded,
    "scaled": scaled,
    "weighted": scaled,
    "add": add,
    "multiply": multiply,
    "subtract": subtract,
    "fold": fold,
    "root": root,
    "rescale": rescale,
    "mean": along(lambda x: x.mean(0)),
    "total": along(lambda x: x.sum(0)),
    "max": along(_largest),
    "std": along(_deviation),
    "ssn": ssn,
    "ln": ln,
    "gn": gn,
    "slice": channels_from,
    "shuffle": shuffle,
    "concat": concat,
    "global_pool": global_pool,
    "linear": linear,
    "bias": lambda x: x + torch.zeros(x.shape[1], *(1,) * (x.dim() - 2), device=x.device),
    "gru": recurrent(nn.GRU),
    "lstm": recurrent(nn.LSTM),
    "upsample": upsample,
    "upsample_to": upsample_to,
    "scores": scores,
    "attend": attend,
    "position": position,
    "token": token,
    "last": last,
    "magnitude": magnitude,
    "real_imag": real_imag,
    **dict.fromkeys(("dropout", "spatial_dropout", "drop_path"), lambda x, rate: x),  # in evaluation
}
