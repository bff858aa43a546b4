"""What a search holds of memory between two steps."""

from __future__ import annotations

import torch

from dslnas.search.relaxed.step import RelaxedSearch


def resting(search: RelaxedSearch) -> int:
    """Bytes of the weights, the buffers and what the optimizers keep, between two steps."""
    tensors = [*search.supernet.parameters(), *search.supernet.buffers()]
    for optimizer in (search.arch_optimizer, search.weight_optimizer):
        for state in optimizer.state.values():
            tensors += [value for value in state.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)
