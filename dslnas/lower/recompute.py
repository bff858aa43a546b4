"""Gradient checkpointing: cells are computed again in the backward pass (`passes/recompute.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from torch import Tensor, is_grad_enabled, nn
from torch.utils.checkpoint import checkpoint

from ..ir.schedule import Route
from .modules.kernel_modes import statistics_kept


def computed_again(
    cell: nn.Module,
    read: Sequence[Tensor],
    weights: Mapping[str, Tensor] | None,
    route: Route | None = None,
) -> Tensor:
    """The output of a cell, which keeps its inputs alone for the backward pass.

    When it is computed again, its batch norms leave their running statistics as they are.
    """
    if not is_grad_enabled():
        return cast(Tensor, cell(read, weights, route))
    result = checkpoint(cell, read, weights, route, use_reentrant=False, context_fn=_contexts)
    return cast(Tensor, result)


def _contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    return nullcontext(), statistics_kept()
