"""What a piece of work really takes of memory: every allocation of torch on the CPU, added up."""

from __future__ import annotations

from collections.abc import Callable

from torch.profiler import ProfilerActivity, profile


def peak_of(work: Callable[[], object]) -> int:
    """Bytes at the peak of some work beyond those at its start, as torch's allocator hands them out."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        work()
    results = recorded.profiler.kineto_results  # type: ignore[union-attr]
    changes = [(event.start_ns(), event.nbytes()) for event in results.events() if event.name() == "[memory]"]
    live = peak = 0
    for _, change in sorted(changes, key=lambda one: one[0]):
        live += change
        peak = max(peak, live)
    return peak
