"""Latencies of the forms of a network, measured in turn so that all meet the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from ...base.processors import processor_name, processors
from ...base.run_folder import WEIGHTS
from ...data.features import Prepared
from ...ir.positions import network_of
from ...ir.walk import cost
from ...runs.plan.footprint import footprint
from ...train.observer import Observer
from ..writing import Export
from .targets import Call, Form, Made, Unavailable, c, eager, int8, onnx

BATCHES = (1, 32)
ROUNDS = 9
SECONDS = 0.05  # that the calls of one round take at least, where they are shorter
CALLS = 50  # of one round, at most


@dataclass(frozen=True)
class Timed:
    """One measurement: a form, the clips at once, the threads, and the median of milliseconds."""

    form: str
    batch: int
    threads: int
    milliseconds: float


@dataclass(frozen=True)
class Bench:
    """What was measured.

    sizes: the bytes of each form, None where it has no file; missing: why a form is not there.
    weights: the bytes of the weights in the run; memory: of the buffers for one clip at their peak.
    """

    machine: Mapping[str, Any]
    parameters: int
    macs: int
    weights: int | None
    memory: int
    sizes: Mapping[str, int | None]
    times: tuple[Timed, ...]
    missing: Mapping[str, str]

    @property
    def figures(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "machine": dict(self.machine),
            "params": self.parameters,
            "macs": self.macs,
            "weights_bytes": self.weights,
            "activation_bytes": self.memory,
            "forms": [
                {
                    "form": form,
                    "bytes": size,
                    "times": [
                        {"clips": one.batch, "threads": one.threads, "milliseconds": one.milliseconds}
                        for one in self.times
                        if one.form == form
                    ],
                }
                for form, size in self.sizes.items()
            ],
            "missing": dict(self.missing),
        }


def stages() -> int:
    """How many steps a measurement tells its observer: the forms, and the rounds."""
    return 4 + ROUNDS


def bench(export: Export, run: Path, prepared: Callable[[], Prepared], observer: Observer) -> Bench:
    """Measure a network in each of its forms; a form that is not to be had here is told with its reason.

    Each time is the median over rounds in which all forms have their turn. run: the folder of the run, for
    the size of its weights. prepared: reads its data, for the model of 8 bits.
    """
    observer.begin("bench", stages())
    with TemporaryDirectory(prefix="dslnas-bench-") as scratch:
        made: list[Made] = []
        for build in (eager, onnx, partial(int8, prepared=prepared), c):
            made.append(build(export, Path(scratch)))
            observer.advance("bench", len(made))
        forms = [one for one in made if isinstance(one, Form)]
        threads = processors().usable
        times = _times(export, forms, threads, lambda done: observer.advance("bench", len(made) + done))
    evaluation, chosen = network_of(export.experiment.evaluation, export.genotype)
    priced = cost(evaluation, chosen)
    weights = run / WEIGHTS
    return Bench(
        machine={
            "processor": processor_name(),
            "threads": threads,
            "torch": torch.__version__,
        },
        parameters=priced.params,
        macs=priced.macs,
        weights=weights.stat().st_size if weights.is_file() else None,
        memory=footprint(evaluation, chosen, export.experiment.frontend).ram,
        sizes={one.name: one.size for one in forms},
        times=times,
        missing={one.name: one.reason for one in made if isinstance(one, Unavailable)},
    )


def _times(export: Export, forms: list[Form], threads: int, tell: Callable[[int], None]) -> tuple[Timed, ...]:
    counts = sorted({1, threads})
    frontend = export.experiment.frontend
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(max(BATCHES), *frontend.raw_shape, generator=generator)
    clips = noise if frontend.sees_images else 0.2 * noise - 0.1
    cases: list[tuple[Form, int, int, Call, Tensor, int]] = []
    for form in forms:
        for count in form.threads or counts:
            call = form.make(count)
            for batch in BATCHES:
                x = clips[:batch]
                with _on(count):
                    call(x)
                    once = _seconds(call, x, 1)
                cases.append((form, batch, count, call, x, max(1, min(CALLS, int(SECONDS / once)))))
    taken: list[list[float]] = [[] for _ in cases]
    for done in range(ROUNDS):
        for place, (_, _, count, call, x, calls) in enumerate(cases):
            with _on(count):
                taken[place].append(_seconds(call, x, calls))
        tell(done + 1)
    return tuple(
        Timed(form.name, batch, count, 1000 * median(seconds))
        for (form, batch, count, *_), seconds in zip(cases, taken, strict=True)
    )


def _seconds(call: Call, x: Tensor, calls: int) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        call(x)
    return max(time.perf_counter() - begun, 1e-9) / calls


@contextmanager
def _on(threads: int) -> Iterator[None]:
    """So many threads of PyTorch."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
