"""How long a step of each method takes beside one of DARTS: `python benchmarks/methods.py [--size sc09-real]
[--method gdas] [--batch N] [--json]`.

One step on SS1 (the architecture, then the weights) on a CPU, with the passes of a run and all terms of the
loss, in one process, in turn. Seconds are medians, ratios medians of pairs: how many times as fast as DARTS.
`operators` are those that compute, `memory` is the peak of the tensors of a step.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

import torch

sys.path.insert(0, str(Path(__file__).parent))
from clock import name_of, seconds_of
from peak import peak_of
from sizes import SIZES, Size, batches, experiment
from step import Step, operators_of

from dslnas.base.diagnostics import DslnasError
from dslnas.methods.method import relaxed
from dslnas.passes import supernet_passes
from dslnas.search.relaxed.gumbel import drawn
from dslnas.search.relaxed.step import RelaxedSearch

METHODS = ("darts(order: 2)", "fairdarts", "forcedarts", "idarts", "gdas", "pcdarts")
CPU = torch.device("cpu")
END = 1.0  # of the search, when all terms of a loss count


@dataclass(frozen=True)
class Figure:
    """What a step of a method takes; the ratio of seconds is of DARTS to it, of memory of it to DARTS."""

    seconds: float
    ratio: float
    operators: int
    memory: int
    memory_ratio: float


def step_of(size: Size, method: str) -> Step:
    """A step of a method; one that draws candidates draws anew each time."""
    one = experiment(size, method)
    passes = supernet_passes(one.supernet, size.batch)
    search = RelaxedSearch(one.supernet, relaxed(one.method), 0, None, CPU, passes)
    held, train = batches(one, size, CPU)
    numbers = count()

    def step() -> torch.Tensor:
        with drawn(search, 0, next(numbers), END):
            return search.step(held, train, END)["loss"]

    return step


def measured(size: Size, methods: Sequence[str], runs: int) -> dict[str, Figure]:
    """The figures of DARTS and of some methods; raises DslnasError where one is not known."""
    steps = {method: step_of(size, method) for method in dict.fromkeys(("darts", *methods))}
    for step in steps.values():
        step()  # warms up
    operators = {method: operators_of(step) for method, step in steps.items()}
    memory = {method: peak_of(step) for method, step in steps.items()}
    seconds: dict[str, list[float]] = {method: [] for method in steps}
    for _ in range(runs):
        for method, step in steps.items():
            seconds[method].append(seconds_of(step, CPU))
    return {
        method: Figure(
            seconds=median(taken),
            ratio=median(darts / one for darts, one in zip(seconds["darts"], taken, strict=True)),
            operators=operators[method],
            memory=memory[method],
            memory_ratio=memory[method] / memory["darts"],
        )
        for method, taken in seconds.items()
    }


def show(name: str, found: dict[str, Figure]) -> None:
    print(f"{name}, {name_of(CPU)}")
    print(f"{'':16} {'seconds':>8} {'ratio':>6} {'operators':>10} {'MiB':>8}")
    for method, one in found.items():
        print(
            f"{method:16} {one.seconds:8.3f} {one.ratio:6.2f} {one.operators:10,}",
            f"{one.memory / 2**20:8,.0f} {one.memory_ratio:6.2f}",
        )


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--size", choices=SIZES, action="append", help="repeatable; default: quick")
    parser.add_argument("--method", action="append", help=f"repeatable; default: {', '.join(METHODS)}")
    parser.add_argument("--batch", type=int, help="in place of that of the size")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    everything = {}
    for name in given.size or ["quick"]:
        size = replace(SIZES[name], batch=given.batch or SIZES[name].batch)
        try:
            everything[name] = found = measured(size, given.method or METHODS, max(1, given.runs))
        except DslnasError as error:
            parser.error(str(error))
        if not given.json:
            show(name, found)
    if given.json:
        plain = {name: {m: asdict(one) for m, one in found.items()} for name, found in everything.items()}
        print(json.dumps(plain, indent=2))


if __name__ == "__main__":
    main()
