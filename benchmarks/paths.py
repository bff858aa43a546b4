"""What the paths of a batch are on a device: `python benchmarks/paths.py [--space keywords] [--device cuda]
[--batch N] [--runs N] [--quick] [--json]`.

The step of a relaxed search has one shape, and on a GPU it is a CUDA graph. A fair batch has as many paths
as the longest choice, of another shape each, and in each batch others: a graph would have to be recorded for
each piece between two choices. `step` is the time of a fair batch and its step, `host` how much of it the
host needs to tell the device what to do (on a CPU all of it), `operators` how many it tells. Where both are
as long, the device waits for the host, and graphs would pay. `shapes` is how many different paths so many
batches have, `pieces` how many different instructions.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import torch

sys.path.insert(0, str(Path(__file__).parent))
from clock import name_of, seconds_of, wait_for
from evolve import sampled
from step import operators_of

from dslnas.lower.paths import SampledSupernet
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.sampled.draws import Draws
from dslnas.search.sampled.step import SupernetTraining

BATCHES = 20  # whose shapes are counted


class Noise:
    """The same batch of noise at each step. x (N, C, F, T), labels (N,)."""

    weights, per_epoch = None, 100

    def __init__(self, x: torch.Tensor, labels: torch.Tensor) -> None:
        self.x, self.labels, self.device = x, labels, x.device

    def at(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The batch of a step."""
        return self.x, self.labels


def measured(name: str, device: torch.device, batch: int, runs: int) -> dict[str, float]:
    """The figures of a space; seconds are medians."""
    experiment = load(name, Request(data="fsdd"))
    program, method = experiment.supernet, sampled(experiment)
    (input,) = program.network.of_kind("input")
    noise = Noise(
        torch.randn(batch, *input.type.stored, device=device),
        torch.randint(len(experiment.classes), (batch,), device=device),
    )
    supernet = SampledSupernet(program, 0).to(device)
    draws = Draws(program, method.keeping, method.supernet, 0)
    training = SupernetTraining(supernet, method, draws, [noise], 1000)  # type: ignore[list-item]
    training.step(0)  # warms up
    steps, hosts = [], []
    for step in range(1, runs + 1):
        steps.append(seconds_of(lambda step=step: training.step(step), device))
    for step in range(runs + 1, 2 * runs + 1):
        started = time.perf_counter()
        training.step(step)
        hosts.append(time.perf_counter() - started)
        wait_for(device)
    graph = supernet.network.graph
    pieces = {
        (one.target, one.sources)
        for step in range(BATCHES)
        for path in draws.at(step)
        for one in supernet.route(path).through(graph)
    }
    whole = {tuple(sorted(path.options.items())) for step in range(BATCHES) for path in draws.at(step)}
    return {
        "step": median(steps),
        "host": median(hosts),
        "operators": operators_of(lambda: training.step(0)["loss"]),
        "paths": draws.paths,
        "shapes": len(whole),
        "pieces": len(pieces),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--space", default="keywords")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two clips, once")
    parser.add_argument("--json", action="store_true", help="figures for tools")
    given = parser.parse_args(arguments)
    device = torch.device(given.device)
    torch.set_num_threads(1)
    batch, runs = (2, 1) if given.quick else (given.batch, given.runs)
    found = measured(given.space, device, batch, runs)
    if given.json:
        print(json.dumps(found))
        return
    print(f"{given.space}, batch {batch}, {name_of(device)}")
    for name, one in found.items():
        print(f"{name:10} {one:10,.4g}")


if __name__ == "__main__":
    main()
