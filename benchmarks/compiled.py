"""What `torch.compile` makes of a cell: `python benchmarks/compiled.py [--channels N] [--runs N] [--json]`.

The first cell of the SS1 supernet (32x32, batch 32, three nodes), forward and backward: as a run computes it,
and as `torch.compile` does from torch's own operators without passes. Medians, in turn, in one process;
`compiling` is what the first call takes, once for each kind and size of cell.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from step import Size, experiment

from dslnas.lower.network import GraphModule
from dslnas.passes import SUPERNET_PASSES, Pass
from dslnas.search.relaxed.step import RelaxedSearch

BATCH = 32


def cell_of(search: RelaxedSearch) -> GraphModule:
    """The first cell of a supernet."""
    return next(part for part in search.supernet.network.parts.values() if isinstance(part, GraphModule))


def work(search: RelaxedSearch, cell: Callable[..., Tensor], inputs: list[Tensor]) -> None:
    """The cell, forward, and the gradients of its weights, its inputs and the architecture."""
    supernet = search.supernet
    weights = supernet.architecture.mixed_alpha() | supernet.architecture.mixed_gamma()
    weights |= {kind: flat(weights) for kind, flat in supernet.flat.items()}
    of_cell = {id: weight for id, weight in weights.items() if id.startswith("normal")}
    asked = [*cell_of(search).parameters(), *supernet.architecture.parameters(), *inputs]
    torch.autograd.grad(cell(inputs, of_cell).square().mean(), asked, allow_unused=True)


def measured(channels: int, runs: int) -> dict[str, float]:
    one = experiment(Size("sc09", 3, channels, 1, BATCH, 10))
    shape = (BATCH, 3 * channels, *one.frontend.output.shape[1:])
    inputs = [torch.randn(shape).to(memory_format=torch.channels_last).requires_grad_() for _ in range(2)]

    def search(passes: tuple[Pass, ...]) -> RelaxedSearch:
        return RelaxedSearch(one.supernet, one.method, 0, None, torch.device("cpu"), passes)

    ours, plain = search(SUPERNET_PASSES), search(())
    compiled = torch.compile(cell_of(plain), dynamic=False, fullgraph=True)
    forms: dict[str, Callable[[], None]] = {
        "dslnas": lambda: work(ours, cell_of(ours), inputs),
        "compiled": lambda: work(plain, compiled, inputs),
    }
    forms["dslnas"]()
    started = time.perf_counter()
    forms["compiled"]()
    compiling = time.perf_counter() - started
    seconds: dict[str, list[float]] = {name: [] for name in forms}
    for _ in range(runs):
        for name, form in forms.items():
            started = time.perf_counter()
            form()
            seconds[name].append(time.perf_counter() - started)
    return {"compiling": compiling, **{name: median(taken) for name, taken in seconds.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = measured(given.channels, max(1, given.runs))
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for name, seconds in found.items():
        print(f"{name:10} {seconds:8.3f} s")


if __name__ == "__main__":
    main()
