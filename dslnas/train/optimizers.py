"""Optimizers by the names that methods use, and their learning rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import cos, pi
from typing import Any

import torch
from torch import Tensor, nn

from ..methods.method import Optimizer

OPTIMIZER_CLASSES: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
FORM = ("foreach", "fused", "capturable")  # implementations: of this machine, not of a checkpoint


def form(name: str, device: torch.device) -> dict[str, bool]:
    """The fastest implementation of an optimizer that never waits for the device, as arguments of torch's.

    The fused forms of Adam keep their step count on the device; the others read it on the host.
    """
    if device.type == "cuda":
        return {"fused": True} if name == "sgd" else {"fused": True, "capturable": True}
    return {"foreach": True} if name == "sgd" else {"fused": True}


def make_optimizer(
    optimizer: Optimizer,
    parameters: Iterable[nn.Parameter],
    rate: float | None = None,
    polynomial: Iterable[nn.Parameter] = (),
) -> torch.optim.Optimizer:
    """The optimizer over the parameters, with `rate` in place of its learning rate where one is given.

    polynomial: those of the parameters that have a weight decay of their own where the optimizer names one.
    """
    arguments = dict(optimizer.arguments)
    decay = arguments.pop("polynomial_decay", None)
    if rate is not None:
        arguments["lr"] = rate
    apart = set() if decay is None else set(polynomial)
    parts: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
    for parameter in parameters:
        parts[parameter in apart].append(parameter)
    own, decayed = parts
    device = (own or decayed)[0].device
    if device.type == "cuda":  # a CUDA graph of the step reads the rate from there
        arguments["lr"] = torch.tensor(float(arguments["lr"]), device=device)
    groups: list[dict[str, Any]] = [{"params": own}, {"params": decayed, "weight_decay": decay}]
    kept = [group for group in groups if group["params"]]
    return OPTIMIZER_CLASSES[optimizer.name](kept, **arguments, **form(optimizer.name, device))


def cosine(start: float, floor: float | None, step: int, steps: int) -> float:
    """The learning rate of a step, from 0: `start` at the first, `floor` at the last, a cosine between them.

    Loshchilov and Hutter, 2017, without restarts. Constant where there is no floor.
    """
    if floor is None:
        return start
    return floor + 0.5 * (start - floor) * (1.0 + cos(pi * step / max(1, steps - 1)))


WARMING = 0.3  # of the steps at most: in NASC-net three epochs of ten


def warmed_up(rate: float, over: int, step: int, steps: int) -> float:
    """The learning rate of a step, from 0, that rises evenly from 0 to `rate` over the first `over` steps.

    A training shorter than it was made for rises over `WARMING` of its steps, so that it reaches its rate.
    """
    rising = min(over, int(WARMING * steps))
    return rate if step >= rising else rate * (step + 1) / (rising + 1)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all groups, on the device where it is kept there."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def take_up(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Load the state of a checkpoint, but keep an optimizer's own implementation and place of its rate."""
    before = [dict(group) for group in optimizer.param_groups]
    optimizer.load_state_dict(dict(state))
    for group, own in zip(optimizer.param_groups, before, strict=True):
        rate = float(group["lr"])
        group |= {key: own[key] for key in (*FORM, "lr") if key in own}
    set_rate(optimizer, rate)
