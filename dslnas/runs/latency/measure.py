"""Measures steps and whole networks on this machine: one thread, one example; imports torch.

Times are of the processor, not of the clock: with one thread both are the same where nothing else runs, and
what else runs then does not count. It slows down what is measured all the same, by the caches that it takes.
So each time is taken in a pair with that of one convolution, and its share of that counts: the median over
rounds in which all that is measured has its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from statistics import median

import torch
from torch import Tensor

from ...ir.graph import Program
from ...ir.primitives import REGISTRY
from ...ir.tensortype import Dim, TensorType, tensor
from ...ir.walk import Chosen, walk
from ...lower.modules.builders import module_of
from ...lower.network import GraphModule
from .steps import SUM, Work

ROUNDS = 11
STEP = 1e-3  # seconds that the calls of one round take at least, of a step
NETWORK = 5e-3  # and of a network: one call after others finds caches that are not its own
CALLS = 200  # of one round, at most
TOGETHER = 16  # steps that are measured in turn, and whose inputs are held at once
_MAP = tensor("real", 16, 32, 32)
_CONV = {"kernel": 3, "out": Dim.of(16), "stride": 1, "dilation": 1, "along": None, "pad": None, "groups": 1}
REFERENCE = Work("conv", tuple(_CONV.items()), (_MAP,), _MAP)

Call = Callable[[], object]


@contextmanager
def _alone() -> Iterator[None]:
    """One thread and no gradients, as a device that only runs the network has it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.set_num_threads(threads)


class Stopwatch:
    """Measures calls in turn with one that is always the same, and tells their times by that.

    What slows the machine down slows down both; the seconds are those of the machine at `unit`.
    """

    def __init__(self, unit: float | None = None) -> None:
        """unit: the seconds of the call that is always the same; None: as the first measurement has them."""
        self.unit = unit
        self._reference = _call_of(REFERENCE)

    def seconds(self, calls: Sequence[Call], repetition: float = STEP) -> list[float]:
        """The seconds of each call: the median, over rounds, of its share of the reference before it."""
        counts = [_count(call, repetition) for call in calls]
        own = _count(self._reference, STEP)
        shares: list[list[float]] = [[] for _ in calls]
        units: list[float] = []
        for _ in range(ROUNDS):
            for place, (call, count) in enumerate(zip(calls, counts, strict=True)):
                units.append(_timed(self._reference, own))
                shares[place].append(_timed(call, count) / units[-1])
        if self.unit is None:
            self.unit = median(units)
        return [median(each) * self.unit for each in shares]


def seconds_of(
    works: Mapping[str, Work], unit: float | None, progress: Callable[[int, int], None] | None = None
) -> tuple[dict[str, float], float]:
    """The seconds of each step for one example on one thread, and of the call that they were compared with.

    unit: the seconds of that call where others were measured before. progress: takes how many of how many
    steps are done.
    """
    found: dict[str, float] = {}
    texts = list(works)
    with _alone():
        watch = Stopwatch(unit)
        for start in range(0, len(texts), TOGETHER):
            some = texts[start : start + TOGETHER]
            found |= dict(zip(some, watch.seconds([_call_of(works[text]) for text in some]), strict=True))
            if progress is not None:
                progress(len(found), len(texts))
    assert watch.unit is not None, "there was something to measure"
    return found, watch.unit


def seconds_of_networks(program: Program, policies: Sequence[Chosen], unit: float) -> list[float]:
    """The seconds of each whole network, measured in turn; unit: as of `seconds_of`."""
    with _alone():
        return Stopwatch(unit).seconds([_network(program, policy) for policy in policies], NETWORK)


def _count(call: Call, repetition: float) -> int:
    """How many calls make a repetition, after one that allocates memory and fills caches."""
    call()
    once = min(_timed(call, 1), _timed(call, 1))
    return max(1, min(CALLS, ceil(repetition / max(once, 1e-7))))


def _timed(call: Call, count: int) -> float:
    started = time.thread_time()
    for _ in range(count):
        call()
    return max(time.thread_time() - started, 1e-9) / count


def _call_of(work: Work) -> Call:
    inputs = [_noise(type) for type in work.inputs]
    if work.primitive == SUM:
        one, other = inputs
        return lambda: torch.add(one, other)
    module = module_of(REGISTRY[work.primitive], work.inputs, work.output, dict(work.attributes)).eval()
    module.to(memory_format=torch.channels_last)
    return lambda: module(*inputs)


def _network(program: Program, policy: Chosen) -> Call:
    network = GraphModule(program.network, program, policy).eval()
    network.to(memory_format=torch.channels_last)
    (read,) = {
        s.node.id: s.node.type for s in walk(program.network, policy) if s.node.kind == "input"
    }.values()
    inputs = [_noise(read)] * len(network.inputs)
    return lambda: network(inputs)


def _noise(type: TensorType) -> Tensor:
    """An example of noise, (1, ...), in the layout that networks compute in."""
    x = torch.randn(1, *type.stored, generator=torch.Generator().manual_seed(0))
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x
