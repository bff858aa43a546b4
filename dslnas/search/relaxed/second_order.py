"""Second-order gradients of the architecture, past one step ahead of the weights (Liu et al., 2019).

Equations 7 and 8, with w' = w - xi d(w, alpha) and v = dL_val/dw' there:

    dL_val/dalpha(w', alpha) - xi (dL_train/dalpha(w + e v, alpha) - dL_train/dalpha(w - e v, alpha)) / 2e

d is the gradient of L_train by w and, as in the DARTS code, what weight decay and momentum add to it. The
weights move in place and come back to the bit: no model is copied, and nothing waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

REACH = 0.01  # e = REACH / |v|, "sufficiently accurate in all of our experiments"
TINY = 1e-12  # where v is 0, so is what it is divided into

Found = TypeVar("Found")


@torch.no_grad()
def descent(
    optimizer: torch.optim.Optimizer, weights: Sequence[Tensor], gradients: Sequence[Tensor]
) -> list[Tensor]:
    """The direction d of the step ahead, one tensor for each of `weights`, which the optimizer trains.

    The gradient, plus weight decay times the weight, plus momentum times what SGD has gathered. What else an
    optimizer does (the scaling of Adam, clipping, Nesterov's momentum) is left out, as in the DARTS code.
    """
    direction = dict(zip(weights, gradients, strict=True))
    for group in optimizer.param_groups:
        own = group["params"]
        if group["weight_decay"]:
            decayed = torch._foreach_add([direction[w] for w in own], own, alpha=group["weight_decay"])
            direction |= zip(own, decayed, strict=True)
        gathered = {w: optimizer.state[w]["momentum_buffer"] for w in own if _has_gathered(optimizer, w)}
        if gathered:
            moved = torch._foreach_add(
                [direction[w] for w in gathered], list(gathered.values()), alpha=group["momentum"]
            )
            direction |= zip(gathered, moved, strict=True)
    return [direction[w] for w in weights]


def _has_gathered(optimizer: torch.optim.Optimizer, weight: Tensor) -> bool:
    return weight in optimizer.state and optimizer.state[weight].get("momentum_buffer") is not None


def unrolled_gradients(
    inner: Callable[[], Tensor],
    outer: Callable[[], tuple[Tensor, Found]],
    arch: Sequence[Tensor],
    weights: Sequence[Tensor],
    xi: float | Tensor,
    direction: Callable[[Sequence[Tensor]], Sequence[Tensor]],
    statistics: Sequence[Tensor] = (),
) -> tuple[list[Tensor], Found]:
    """The second-order gradients with respect to `arch`, and what `outer` returns beside its loss.

    inner: L_train where `arch` and `weights` are. outer: L_val there, with anything else. xi: a number, or a
    scalar on the device. direction: d from the gradients of L_train. statistics: buffers that a forward pass
    changes; as in a first-order step, only `outer` changes them.
    """
    with restored(statistics):
        ahead = direction(_gradients(inner(), weights))
    with restored(weights) as start:
        with torch.no_grad():
            if isinstance(xi, Tensor):
                torch._foreach_sub_(list(weights), torch._foreach_mul(list(ahead), xi))
            else:
                torch._foreach_add_(list(weights), list(ahead), alpha=-xi)
        del ahead
        loss, beside = outer()
        both = _gradients(loss, [*arch, *weights])
        gradients, onward = both[: len(arch)], both[len(arch) :]
        del loss, both
        with restored(statistics):
            mixed = _mixed_product(inner, arch, weights, start, onward)
    if isinstance(xi, Tensor):
        return list(torch._foreach_sub(gradients, torch._foreach_mul(mixed, xi))), beside
    return list(torch._foreach_add(gradients, mixed, alpha=-xi)), beside


def _mixed_product(
    inner: Callable[[], Tensor],
    arch: Sequence[Tensor],
    weights: Sequence[Tensor],
    start: list[Tensor],
    onward: list[Tensor],
) -> list[Tensor]:
    """d2L_train / (dalpha dw) at `start` times `onward`, by the central difference of equation 8."""
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(onward)))
    reach = REACH / norm.clamp_min(TINY)
    offset = torch._foreach_mul(onward, reach)
    moved = list(weights)
    sides = []
    for sign in (1, -1):
        with torch.no_grad():
            torch._foreach_copy_(moved, start)
            torch._foreach_add_(moved, offset, alpha=sign)
        sides.append(_gradients(inner(), arch))
    return list(torch._foreach_div(torch._foreach_sub(*sides), 2 * reach))


def _gradients(loss: Tensor, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of a loss with respect to tensors; zeros for those that it does not depend on."""
    return list(torch.autograd.grad(loss, tensors, allow_unused=True, materialize_grads=True))


@contextmanager
def restored(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """A context at whose end tensors have their values again, to the bit; it yields copies of them."""
    copies = [tensor.detach().clone() for tensor in tensors]
    try:
        yield copies
    finally:
        with torch.no_grad():
            if copies:
                torch._foreach_copy_(list(tensors), copies)
