"""How fast a search by sampling is beside plain code: `python benchmarks/evolve.py [--space keywords]
[--runs N] [--quick] [--json]`.

In one process, on one thread, in turn, by the time of the processor, which others hardly change. A fair batch
of the supernet and its step stand against the same paths one after the other through a module that builds
every candidate (`plain_spaces.py`); the candidates of a generation, calibration of their norms included,
against the same, one by one. Both sides have the same clips, noise in the place of features. The candidates
are those of an evolution whose accuracies are drawn at random.
Seconds are medians, ratios medians of pairs: how many times as fast as the plain code.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
import plain_spaces

from dslnas.data.features import Split
from dslnas.ir.analysis.genes import Candidate, Genes
from dslnas.ir.analysis.prices import Pricing
from dslnas.lower.paths import SampledSupernet
from dslnas.methods.method import SampledMethod, Sampling
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.evolved.archive import Archive
from dslnas.search.evolved.evolve import evolve
from dslnas.search.sampled.draws import Draws
from dslnas.search.sampled.judge import Judge
from dslnas.search.sampled.step import SupernetTraining

CPU = torch.device("cpu")
PLAIN = {"keywords": plain_spaces.Keywords, "nasc": plain_spaces.NASC}


@dataclass(frozen=True)
class Size:
    """How much is measured. batch: clips of a step; calibration, validation: clips that a candidate is judged
    with; generation: candidates of one; generations: of the evolution, before those that are timed.
    """

    batch: int
    calibration: int
    validation: int
    generation: int
    generations: int


SIZES = {"keywords": Size(32, 128, 150, 32, 4), "nasc": Size(4, 8, 8, 16, 4)}
QUICK = Size(2, 3, 3, 4, 2)


@dataclass(frozen=True)
class Figure:
    """Seconds of a batch or a candidate, of ours and of the plain code, and the median of their ratios."""

    ours: float
    plain: float
    ratio: float


class Noise:
    """Batches of noise in the place of a data set."""

    device, weights, per_epoch = CPU, None, 100

    def __init__(self, experiment: Experiment, batch: int) -> None:
        self.x, self.labels = clips(experiment, batch, 1)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """The same batch each time."""
        return self.x, self.labels


def clips(experiment: Experiment, number: int, seed: int) -> tuple[Tensor, Tensor]:
    """Features (N, C, F, T) and labels (N,)."""
    chance = torch.Generator().manual_seed(seed)
    (input,) = experiment.supernet.network.of_kind("input")
    x = torch.randn(number, *input.type.stored, generator=chance)
    return x, torch.randint(len(experiment.classes), (number,), generator=chance)


def sampled(experiment: Experiment) -> SampledMethod:
    assert isinstance(experiment.method, SampledMethod)
    return experiment.method


def batches_of(experiment: Experiment, size: Size) -> tuple[Callable[[], object], Callable[[], object]]:
    """A fair batch with its step: ours, and that of the plain code with the same paths."""
    program, method = experiment.supernet, sampled(experiment)
    noise = Noise(experiment, size.batch)
    draws = Draws(program, method.keeping, Sampling("fair"), 0)
    training = SupernetTraining(SampledSupernet(program, 0), method, draws, [noise], 1000)  # type: ignore[list-item]
    plain = PLAIN[experiment.space.name.lower()](len(experiment.classes))
    optimizer = torch.optim.Adam(plain.parameters(), lr=3e-3, weight_decay=1e-6)
    ours, theirs = count(), count()

    def step() -> None:
        training.step(next(ours))

    def plain_step() -> None:
        paths = [dict(one.options) for one in draws.at(next(theirs))]
        plain_spaces.train_batch(plain, optimizer, noise.x, noise.labels, paths)

    return step, plain_step


def generations_of(experiment: Experiment, size: Size, number: int) -> Iterator[list[Candidate]]:
    """So many generations of an evolution whose accuracies are drawn at random, after the first ones."""
    method = sampled(experiment)
    wanted = replace(
        method,
        population=size.generation,
        generations=size.generations + number,
        minimize=("macs",),
        require=(),
    )
    genes = Genes.of(experiment.supernet, method.keeping, experiment.supernet)
    pricing, chance, drawn = Pricing(experiment.supernet), random.Random(0), list[list[Candidate]]()

    def assess(candidates: Sequence[Candidate]) -> Iterator[dict[str, float]]:
        drawn.append(list(candidates))
        for one in candidates:
            figure = chance.random()
            macs = pricing.prices(genes.policy(one)).macs
            yield {"accuracy": figure, "macro_f1": figure, "macs": macs}

    evolve(genes, wanted, assess, 0, Archive(), random=False)
    return iter(drawn[size.generations :])


def measured(experiment: Experiment, size: Size, runs: int) -> dict[str, Figure]:
    """The figures of a fair batch and of a candidate."""
    step, plain_step = batches_of(experiment, size)
    batch = _pairs(lambda: taken(step), lambda: taken(plain_step), runs)
    genes = Genes.of(experiment.supernet, experiment.method.keeping, experiment.supernet)
    calibration, _ = clips(experiment, size.calibration, 2)
    x, labels = clips(experiment, size.validation, 3)
    classes = len(experiment.classes)
    split = Split(x, x, labels, [""] * len(x))
    judge = Judge(
        SampledSupernet(experiment.supernet, 0), experiment.supernet, [calibration], [split], classes, CPU
    )
    plain = PLAIN[experiment.space.name.lower()](classes)
    generations = [
        [genes.policy(one) for one in those] for those in generations_of(experiment, size, runs + 1)
    ]
    ours, theirs = iter(generations), iter(generations)

    def judged() -> float:
        paths = next(ours)
        return taken(lambda: judge.figures_of(paths)) / len(paths)

    def plainly() -> float:
        paths = next(theirs)

        def work() -> None:
            for path in paths:
                plain_spaces.accuracy(plain, path.options, calibration, x, labels)

        return taken(work) / len(paths)

    return {"a fair batch": batch, "a candidate": _pairs(judged, plainly, runs)}


def taken(work: Callable[[], object]) -> float:
    """The processor's seconds that some work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _pairs(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> Figure:
    """Seconds of both in turn, after a first time that does not count."""
    pairs = [(ours(), theirs()) for _ in range(runs + 1)][1:]
    own, plain = zip(*pairs, strict=True)
    return Figure(median(own), median(plain), median(other / one for one, other in pairs))


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--space", choices=list(PLAIN), nargs="*", default=list(PLAIN))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="the smallest sizes, which tell nothing of speed"
    )
    parser.add_argument("--json", action="store_true", help="figures for tools")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    found: dict[str, dict[str, Figure]] = {}
    for name in given.space:
        experiment = load(name, Request(data="fsdd" if name == "keywords" else None))
        found[name] = measured(
            experiment, QUICK if given.quick else SIZES[name], 1 if given.quick else given.runs
        )
    if given.json:
        print(
            json.dumps(
                {name: {what: vars(one) for what, one in those.items()} for name, those in found.items()}
            )
        )
        return
    for name, those in found.items():
        print(f"{name}\n{'':14} {'ours s':>8} {'plain s':>8} {'ratio':>6}")
        for what, one in those.items():
            print(f"{what:14} {one.ours:8.4f} {one.plain:8.4f} {one.ratio:6.2f}")


if __name__ == "__main__":
    main()
