"""What a piece of work really takes of memory, as the allocators of torch hand it out."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

CPU = torch.device("cpu")


def peak_of(work: Callable[[], object], device: torch.device = CPU) -> int:
    """Bytes on the device at the peak of some work beyond those at its start."""
    return _peak_on_cuda(work, device) if device.type == "cuda" else _peak_on_cpu(work)


def _peak_on_cuda(work: Callable[[], object], device: torch.device) -> int:
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    work()
    return torch.cuda.max_memory_allocated(device) - before


def _peak_on_cpu(work: Callable[[], object]) -> int:
    """Every allocation on the CPU, added up."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        work()
    results = recorded.profiler.kineto_results  # type: ignore[union-attr]
    changes = [(event.start_ns(), event.nbytes()) for event in results.events() if event.name() == "[memory]"]
    live = peak = 0
    for _, change in sorted(changes, key=lambda one: one[0]):
        live += change
        peak = max(peak, live)
    return peak
