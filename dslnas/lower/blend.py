"""The torch module of a `blend` node: weighted sums over the lanes of several packed tensors.

What blends are for is explained in `passes/blend.py`. Shapes: a value is (N, L * C, H, W) with L lanes of C
channels, in `channels_last`, so that its memory holds pixels of L * C numbers; there are T targets, each the
sum of some lanes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ..ir.graph import BlendPort, GraphNode, Selection
from .modules.kernel_modes import by_torch
from .modules.kernels import CHANNELS_LAST, column_products, wanted


class FlatWeights(nn.Module):
    """Edge weight times option weight, for every option of every edge of some selections in order, and a 0
    after them.

    options: how many each choice point has.
    """

    edges: Tensor

    def __init__(self, selections: Sequence[Selection], options: Mapping[str, int]) -> None:
        super().__init__()
        self.selections = [selection.id for selection in selections]
        self.choices = [edge for selection in selections for edge in selection.edges]
        edges = [place for place, edge in enumerate(self.choices) for _ in range(options[edge])]
        self.register_buffer("edges", torch.tensor(edges), persistent=False)
        keys = [
            (selection.id, port, option)
            for selection in selections
            for port, edge in enumerate(selection.edges)
            for option in range(options[edge])
        ]
        self.places = {key: place for place, key in enumerate(keys)}

    def forward(self, weights: Mapping[str, Tensor]) -> Tensor:
        """The products (options + 1,), from the mixed weights of selections and choice points by id."""
        gamma = torch.cat([weights[id] for id in self.selections])
        alpha = torch.cat([weights[id] for id in self.choices])
        return nn.functional.pad(gamma[self.edges] * alpha, (0, 1))


class Blend(nn.Module):
    """The weighted sums of a `blend` node, from the values of its inputs and the flat weights of its
    selections.
    """

    index: Tensor

    def __init__(self, node: GraphNode, flat: FlatWeights) -> None:
        super().__init__()
        attributes = dict(node.attributes)
        self.ports: tuple[BlendPort, ...] = attributes["ports"]
        self.targets: int = attributes["targets"]
        rows = [self._row(port, flat.places) for port in self.ports]
        self.register_buffer(
            "index", torch.tensor([place for row in rows for place in row]), persistent=False
        )
        self.sizes = [len(row) for row in rows]

    def _row(self, port: BlendPort, places: Mapping[tuple[str, int, int], int]) -> list[int]:
        """Indices of the flat weights of a port: by lane, or by target, with that of the final 0 where the
        value is no part of the target.
        """
        indices = [places[weight.selection, weight.port, weight.option] for weight in port.weights]
        if port.by_lane:
            return indices
        at = dict(zip(port.targets, indices, strict=True))
        return [at.get(target, len(places)) for target in range(self.targets)]

    def forward(self, values: Sequence[Tensor], flat: Tensor) -> tuple[Tensor, ...]:
        """The sums, (N, C, H, W) for each target."""
        if by_torch():
            return self._by_torch(values, flat[self.index])
        return cast(tuple[Tensor, ...], _Blend.apply(flat[self.index], *values, self))

    def _by_torch(self, values: Sequence[Tensor], weights: Tensor) -> tuple[Tensor, ...]:
        """The sums by operators of torch, which can be differentiated twice."""
        lanes = len(self.ports[0].targets) if self.ports[0].by_lane else 1
        channels = values[0].shape[1] // lanes
        terms: list[list[Tensor]] = [[] for _ in range(self.targets)]
        for port, value, wide in zip(self.ports, values, self.wide(weights, channels), strict=True):
            factors = wide.view(-1, channels, 1, 1).unbind()
            parts = torch.split(value, channels, 1) if port.by_lane else (value,) * self.targets
            places = port.targets if port.by_lane else range(self.targets)
            for place, part, factor in zip(places, parts, factors, strict=True):
                terms[place].append(part * factor)
        return tuple(reduce(torch.add, some) for some in terms)

    def wide(self, weights: Tensor, channels: int) -> tuple[Tensor, ...]:
        """The weights of each port for every channel of its lanes, (L * C,); channels: of a lane."""
        wide = weights.unsqueeze(1).expand(-1, channels).reshape(-1)
        return torch.split(wide, [size * channels for size in self.sizes])


class _Blend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weights: Tensor, *values_and_blend: Any) -> tuple[Tensor, ...]:
        blend: Blend = values_and_blend[-1]
        values: tuple[Tensor, ...] = values_and_blend[:-1]
        ctx.blend, ctx.dtypes = blend, [value.dtype for value in values]
        ctx.save_for_backward(weights, *(values if ctx.needs_input_grad[0] else ()))
        dtype = reduce(torch.promote_types, ctx.dtypes)
        n, _, h, w = values[0].shape
        channels = values[0].shape[1] // (len(blend.ports[0].targets) if blend.ports[0].by_lane else 1)
        by_lane: dict[tuple[int, ...], Tensor] = {}
        whole: list[tuple[Tensor, Tensor]] = []
        wide = blend.wide(weights.to(dtype), channels)
        for port, value, weight in zip(blend.ports, values, wide, strict=True):
            pixels = _pixels(value.to(dtype).contiguous(memory_format=CHANNELS_LAST))
            if not port.by_lane:
                whole.append((pixels, weight))
            elif port.targets in by_lane:
                by_lane[port.targets].addcmul_(pixels, weight)
            else:
                by_lane[port.targets] = pixels * weight
        total: Tensor | None = None
        for targets, lanes in by_lane.items():
            gathered = _gathered(lanes.view(n * h * w, len(targets), channels), targets, blend.targets)
            total = gathered if total is None else total.add_(gathered)
        for pixels, weight in whole:
            value, factor = pixels.view(-1, 1, channels), weight.view(-1, channels)
            total = value * factor if total is None else total.addcmul_(value, factor)
        assert total is not None, "a blend reads something"
        lanes_apart = total.view(-1, blend.targets, channels).unbind(1)
        return tuple(lane.contiguous().view(n, h, w, channels).permute(0, 3, 1, 2) for lane in lanes_apart)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *target_grads: Tensor) -> tuple[Tensor | None, ...]:
        weights, *values = ctx.saved_tensors
        blend: Blend = ctx.blend
        channels = target_grads[0].shape[1]
        g = torch.cat(target_grads, 1).contiguous(memory_format=CHANNELS_LAST)
        pixels = _pixels(g).view(-1, blend.targets, channels)
        spread = {
            places: _image(_spread(pixels, places, blend.targets), g)
            for places in dict.fromkeys(port.targets for port in blend.ports if port.by_lane)
        }
        products: list[Tensor] = []
        grads: list[Tensor | None] = []
        wide = blend.wide(weights.to(g.dtype), channels)
        for place, (port, weight) in enumerate(zip(blend.ports, wide, strict=True)):
            towards = spread[port.targets] if port.by_lane else g
            if wanted(ctx, 0):
                products.append(_products(towards, values[place], port, blend.targets).view(-1, channels))
            grad = _value_gradient(towards, weight, channels, port) if wanted(ctx, place + 1) else None
            grads.append(None if grad is None else grad.to(ctx.dtypes[place]))
        grad_weights = None
        if products:
            grad_weights = torch.cat(products).sum(1).to(weights.dtype)
        return grad_weights, *grads, None


def _products(g: Tensor, value: Tensor, port: BlendPort, targets: int) -> Tensor:
    """The sums of `g * value` over all pixels, for each channel of each lane or of each target."""
    if port.by_lane or targets == 1:
        return column_products(g, value)
    channels = value.shape[1]
    return (_pixels(g).view(-1, targets, channels) * _pixels(value).unsqueeze(1)).sum(0).view(-1)


def _value_gradient(g: Tensor, weight: Tensor, channels: int, port: BlendPort) -> Tensor:
    """The gradient of a value; one that goes whole to several targets gets the sum of theirs."""
    towards = _pixels(g) * weight
    if not port.by_lane and len(weight) > channels:
        towards = towards.view(len(towards), -1, channels).sum(1)
    return _image(towards, g)


# --- views of memory ---------------------------------------------------------------------------------------


def _pixels(x: Tensor) -> Tensor:
    """(N, LC, H, W) as (N * H * W, LC), without a copy."""
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n * h * w, c)


def _image(memory: Tensor, like: Tensor) -> Tensor:
    """Pixels as (N, channels, H, W), with N, H and W of `like`."""
    n, _, h, w = like.shape
    return memory.reshape(n, h, w, -1).permute(0, 3, 1, 2)


def _per_target(places: tuple[int, ...], targets: int) -> int | None:
    """How many lanes each target has, where they lie target by target; else None."""
    lanes, rest = divmod(len(places), targets)
    regular = rest == 0 and places == tuple(target for target in range(targets) for _ in range(lanes))
    return lanes if regular else None


def _gathered(pixels: Tensor, places: tuple[int, ...], targets: int) -> Tensor:
    """(P, L, C) -> (P, T, C): the sums of the lanes of each target."""
    lanes = _per_target(places, targets)
    if lanes is None:
        index = torch.tensor(places, device=pixels.device)
        return pixels.new_zeros(pixels.shape[0], targets, pixels.shape[2]).index_add_(1, index, pixels)
    return reduce(torch.add, pixels.view(pixels.shape[0], targets, lanes, -1).unbind(2))


def _spread(pixels: Tensor, places: tuple[int, ...], targets: int) -> Tensor:
    """(P, T, C) -> (P, L, C): for each lane what its target has, the adjoint of `_gathered`."""
    lanes = _per_target(places, targets)
    if lanes is None:
        return pixels[:, list(places)]
    return pixels.unsqueeze(2).expand(-1, -1, lanes, -1).reshape(pixels.shape[0], targets * lanes, -1)
