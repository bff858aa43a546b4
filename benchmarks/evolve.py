"""How fast a sampled search is beside plain PyTorch: `python benchmarks/evolve.py [--space NAME] [--json]`.

In one process, in turn: (a) a fair batch, its paths forward and backward, against the same paths through a
supernet of torch's own layers in torch's own memory layout, as FairNAS-like code has it; (b) networks judged
in a second, calibration included, in generations as an evolution makes them, against a module for each
network, whose norms see the same calibration clips batch by batch. Seconds are of the processor that this
process has used, medians over repetitions; a ratio says how many times as fast dslnas is.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from statistics import median

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dslnas.data.features import Split
from dslnas.ir.analysis.genes import Candidate, Genes
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen
from dslnas.lower.modules import modules
from dslnas.lower.network import GraphModule
from dslnas.lower.paths import SampledSupernet
from dslnas.methods.method import Sampling
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.sampled.draws import Draws
from dslnas.search.sampled.judge import Judge

CPU = torch.device("cpu")
CALIBRATION, VALIDATION, BATCH = 128, 300, 64  # clips


@dataclass(frozen=True)
class Figure:
    """Seconds of dslnas and of plain PyTorch, and how many times as fast dslnas is."""

    dslnas: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.plain / self.dslnas


# --- plain PyTorch ------------------------------------------------------------------------------------------


def plain(module: nn.Module) -> nn.Module:
    """A copy with torch's own layers in place of ours, with the same weights, in the default layout."""
    copy = deepcopy(module)
    for parent in list(copy.modules()):
        for name, part in list(parent.named_children()):
            if type(part) in (modules.DepthwiseConv2d, modules.PointwiseConv2d):
                part.__class__ = nn.Conv2d
            elif type(part) is modules.BatchNorm2d:
                part.__class__ = nn.BatchNorm2d
            elif type(part) is modules.AvgPool:
                padding = (part.kernel[0] // 2, part.kernel[1] // 2)
                pool = nn.AvgPool2d(part.kernel, part.stride, padding, count_include_pad=False)
                setattr(parent, name, pool)
    return copy.to(memory_format=torch.contiguous_format)


def judged_plainly(
    supernet: SampledSupernet, program: Program, path: Chosen, calibration: Tensor, validation: Tensor
) -> Tensor:
    """The logits of a network of its own, with statistics from calibration batches (cumulative means)."""
    network = plain(GraphModule(program.network, program, path))
    state = supernet.network.state_dict()
    network.load_state_dict({name: state[name] for name in network.state_dict()})
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            part.momentum = None
    with torch.no_grad():
        network.train()
        for some in calibration.split(BATCH):
            network([some])
        network.eval()
        return torch.cat([network([some]) for some in validation.split(4 * BATCH)])


# --- measurements -------------------------------------------------------------------------------------------


def seconds(work: Callable[[], object]) -> float:
    """The seconds of the processor that some work takes of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], repeat: int) -> Figure:
    """The medians of both, measured in turn, after one of each that is not counted."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeat + 1)][1:]
    return Figure(median(one for one, _ in pairs), median(other for _, other in pairs))


def fair_batch(one: Experiment, batch: int, repeat: int) -> Figure:
    """(a): the paths of a batch, forward and backward."""
    program = one.supernet
    supernet = SampledSupernet(program, 0)
    other = plain(supernet.network)
    draws = Draws(program, one.method.keeping, Sampling(), 0)
    x_NCFT, labels = noise(one, batch, 0)
    steps = count()

    def ours() -> None:
        for path in draws.at(next(steps)):
            F.cross_entropy(supernet(x_NCFT, path), labels).backward()
        supernet.zero_grad()

    def theirs() -> None:
        for path in draws.at(next(steps)):
            F.cross_entropy(other([x_NCFT], None, supernet.route(path)), labels).backward()
        other.zero_grad()

    return in_turn(ours, theirs, repeat)


def judged(one: Experiment, generations: int, size: int) -> Figure:
    """(b): a network, as the median over generations of siblings, after one that is not counted.

    The plain way comes first: a judge changes how the process keeps memory.
    """
    program, chance = one.supernet, random.Random(0)
    supernet, genes = SampledSupernet(program, 0), Genes.of(program, one.method.keeping)
    (calibration, _), (features, labels) = noise(one, CALIBRATION, 1), noise(one, VALIDATION, 2)
    bred: list[list[Chosen]] = []
    parents: list[Candidate] = [genes.draw(chance) for _ in range(size)]
    for _ in range(generations + 1):
        bred.append([genes.policy(candidate) for candidate in parents])
        parents = [
            genes.mutated(child, chance)
            for _ in range(size // 2)
            for child in genes.crossover(*chance.sample(parents, 2), chance)
        ]
    few = [paths[: max(1, size // 4)] for paths in bred]
    theirs = _per_network(few, lambda p: _all_plainly(supernet, program, p, calibration, features))
    split = Split(features[:0], features, labels, [""] * VALIDATION)
    judge = Judge(supernet, program, [calibration], [split], len(one.classes), CPU)
    return Figure(_per_network(bred, judge.figures_of), theirs)


def _per_network(bred: Sequence[Sequence[Chosen]], work: Callable[[Sequence[Chosen]], object]) -> float:
    return median([seconds(partial(work, paths)) / len(paths) for paths in bred][1:])


def _all_plainly(
    supernet: SampledSupernet, program: Program, paths: Sequence[Chosen], first: Tensor, then: Tensor
) -> None:
    for path in paths:
        judged_plainly(supernet, program, path, first, then)


def noise(one: Experiment, clips: int, seed: int) -> tuple[Tensor, Tensor]:
    """Noise in place of features (N, C, F, T), and labels (N,)."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(clips, *one.frontend.output.stored, generator=generator)
    return features, torch.arange(clips) % len(one.classes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--space", default="keywords")
    parser.add_argument("--data", default="fsdd")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--generations", type=int, default=4)
    parser.add_argument("--size", type=int, default=16, help="of a generation")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    one = load(given.space, Request(data=given.data, overrides=tuple(given.set)))
    found = {
        "fair batch": fair_batch(one, given.batch, given.repeat),
        "judged network": judged(one, given.generations, given.size),
    }
    if given.json:
        print(json.dumps({name: {**asdict(figure), "ratio": figure.ratio} for name, figure in found.items()}))
        return
    for name, figure in found.items():
        print(f"{name}: {figure.dslnas:.3f} s, plain {figure.plain:.3f} s: {figure.ratio:.1f} times as fast")


if __name__ == "__main__":
    main()
