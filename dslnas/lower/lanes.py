"""Saves and loads the weights of packed nodes under the names of the nodes that they replace.

A module packed by `passes/pack.py` holds the weights of its lanes as one tensor. In a `state_dict` they
appear lane by lane, under the names that they have without the pass, so that the weights of a supernet do
not depend on its passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def split_lanes(module: nn.Module, lanes: Mapping[str, Sequence[str]]) -> None:
    """Make a module save and load the weights of its packed parts lane by lane.

    lanes: for each packed part of `module.parts`, the names of its lanes.
    """
    if not lanes:
        return

    def after_save(_: nn.Module, state: dict[str, Any], prefix: str, __: Any) -> None:
        for packed, names in lanes.items():
            for key in [key for key in state if key.startswith(f"{prefix}parts.{packed}.")]:
                value, leaf = state.pop(key), key.rpartition(".")[2]
                for name, part in zip(names, _lanes(value, len(names)), strict=True):
                    state[f"{prefix}parts.{name}.{leaf}"] = part

    def before_load(_: nn.Module, state: dict[str, Any], prefix: str, *__: Any) -> None:
        for packed, names in lanes.items():
            first = f"{prefix}parts.{names[0]}."
            for leaf in [key.removeprefix(first) for key in state if key.startswith(first)]:
                keys = [f"{prefix}parts.{name}.{leaf}" for name in names]
                if all(key in state for key in keys):
                    state[f"{prefix}parts.{packed}.{leaf}"] = _joined([state.pop(key) for key in keys])

    module.register_state_dict_post_hook(after_save)  # type: ignore[no-untyped-call]
    module.register_load_state_dict_pre_hook(before_load)  # type: ignore[no-untyped-call]


def _lanes(value: Tensor, count: int) -> Sequence[Tensor]:
    """A count of batches is the same for all lanes; what else a module keeps has its channels first."""
    return value.chunk(count) if value.dim() else [value.clone() for _ in range(count)]


def _joined(lanes: Sequence[Tensor]) -> Tensor:
    return torch.cat(list(lanes)) if lanes[0].dim() else lanes[0]
