"""The batch norms of a module together: to forget their running statistics, and to estimate them anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from .complex_modules import ComplexBatchNorm2d
from .kernel_modes import MOMENTUM


class Norms:
    """All batch norms of a module with running statistics: real, complex, in users' own primitives."""

    def __init__(self, module: nn.Module) -> None:
        self._norms = [one for one in module.modules() if _estimates(one)]
        named = [pair for norm in self._norms for pair in norm.named_buffers(recurse=False)]
        self._ones: list[Tensor] = [one for name, one in named if name == "running_var"]
        self._fresh = [torch.ones_like(one) for one in self._ones]
        self._zeros: list[Tensor] = [one for name, one in named if name in ("running_mean", "running_cov")]

    @torch.no_grad()
    def reset(self) -> None:
        """Forget the running statistics: mean 0, variance 1, as of new norms."""
        if self._norms:
            torch._foreach_zero_(self._zeros)
            torch._foreach_copy_(self._ones, self._fresh)

    @contextmanager
    def estimating(self, wanted: bool = True) -> Iterator[None]:
        """A context in which the statistics of the batch alone are used and become the running ones.

        Nothing else of the module is in training. wanted: else the context does nothing.
        """
        if not wanted:
            yield
            return
        own = [getattr(norm, "momentum", None) for norm in self._norms]
        token = MOMENTUM.set(1.0)
        self._set(True, [1.0] * len(own))
        try:
            yield
        finally:
            self._set(False, own)
            MOMENTUM.reset(token)

    def _set(self, training: bool, momenta: list[float | None]) -> None:
        for norm, momentum in zip(self._norms, momenta, strict=True):
            plain = vars(norm)  # neither is a parameter, for which `nn.Module` looks at each assignment
            plain["training"] = training
            if isinstance(norm, _BatchNorm):
                plain["momentum"] = momentum


def _estimates(module: nn.Module) -> bool:
    batch_norm = isinstance(module, _BatchNorm | ComplexBatchNorm2d)
    return batch_norm and getattr(module, "running_mean", None) is not None
