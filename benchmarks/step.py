"""How long a step of the search takes: `python benchmarks/step.py [--size sc09-real] [--channels N]
[--device cuda] [--taken] [--json]`.

One bilevel first-order step of DARTS on SS1 (the architecture, then the weights), in float32: the original
design (`reference.py`; of complex networks with the layers of `complex_layers.py`, which need the extra
`test`) beside dslnas without passes and with one more pass at a time, all in one process, from the same
weights, in turn. On a GPU the step runs once more as one CUDA graph, and torch may round the inputs of
convolutions to TF32, as it does by default. Seconds are medians, ratios medians of pairs; `operators` are
those that compute (no views, no allocations), `launches` as many without the forms that are rearranged for a
CPU, which is what a GPU would launch, and two more to go back through a strided 1x1 convolution, whose pixels
dslnas always takes apart on a CPU; `memory` is the peak of the tensors of a step;
`bound` is the share of the time that its multiply-accumulates (three times those of a forward pass, for each
half) take at the speed of a large convolution.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.insert(0, str(Path(__file__).parent))
from clock import macs_per_second, name_of, seconds_of
from peak import peak_of
from sizes import SIZES, Batch, Size, batches, experiment, unpassed
from weights import in_domain, reference_of

from dslnas.ir.walk import Everything, cost
from dslnas.lower.modules.kernel_modes import kernels_of_torch
from dslnas.passes import PIPELINE, SUPERNET_PASSES, Pass, run_passes, supernet_passes
from dslnas.passes.recompute import recompute
from dslnas.runs.experiment import Experiment
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.devices import pick_device
from dslnas.train.replay import Figures, plainly, replay_on

Step = Callable[[], Tensor]  # returns the loss of the weights' half
GRAPH = "+ graph"


@dataclass(frozen=True)
class Row:
    """What one form of the step takes; the ratio of seconds is of the reference to it, the others of it to
    the reference.
    """

    form: str
    taken: bool  # by a run on this device
    seconds: float
    ratio: float
    operators: int
    launches: int
    operator_ratio: float  # of launches
    memory: int
    memory_ratio: float
    bound: float
    loss_difference: float


class Operators(TorchDispatchMode):
    """Counts operators that compute."""

    IDLE = ("empty", "detach", "_unsafe_view", "_local_scalar_dense", "promote_types")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        view = any(one.alias_info and not one.alias_info.is_write for one in func._schema.returns)
        name = func.name().partition("::")[2].partition(".")[0]
        self.count += not (view or name in self.IDLE)
        return func(*args, **(kwargs or {}))


def forms(one: Experiment, device: torch.device) -> list[tuple[str, RelaxedSearch]]:
    """The search without passes, and with one more at a time.

    The last pass computes cells again to save memory. On a GPU, the passes that a run takes there once more:
    for the step as a graph.
    """
    found = []
    plain, all_passes = unpassed(one), (*PIPELINE, *SUPERNET_PASSES, recompute)
    for count in range(len(all_passes) + 1):
        passes: tuple[Pass, ...] = all_passes[:count]
        shared = run_passes(plain, passes[: len(PIPELINE)])
        search = RelaxedSearch(shared, one.method, 0, None, device, passes[len(PIPELINE) :])
        found.append(("+ " + passes[-1].__name__ if passes else "no passes", search))
    if device.type == "cuda":
        found.append((GRAPH, RelaxedSearch(shared, one.method, 0, None, device, SUPERNET_PASSES)))
    for _, search in found[:-1]:
        search.supernet.load_state_dict(found[-1][1].supernet.state_dict(), strict=False)  # shared norms
    return found


def step_of(form: str, search: RelaxedSearch, held: Batch, train: Batch) -> Step:
    """A step of a search in a form."""
    replay = replay_on(search.device) if form == GRAPH else plainly

    def both(features: Tensor, answers: Tensor, x_NCFT: Tensor, labels: Tensor) -> Figures:
        return search.step((features, answers), (x_NCFT, labels), 0.0)

    return lambda: replay(form, both, *held, *train)["loss"]


def operators_of(step: Step) -> int:
    with Operators() as counted:
        step()
    return counted.count


def launches_of(step: Step) -> int:
    """Operators without the rearranged forms of a CPU: what another device would be told to run."""
    with kernels_of_torch():
        return operators_of(step)


def form_taken(one: Experiment, batch: int, device: torch.device) -> str:
    """The form that a run takes on a device."""
    *_, last_pass = (*PIPELINE, *supernet_passes(one.supernet, batch, device=device.type))
    return GRAPH if device.type == "cuda" else f"+ {last_pass.__name__}"


def measured(size: Size, runs: int, device: torch.device, alone: bool = False) -> list[Row]:
    """A row for the reference and for each form of the search; alone: for the form that a run takes."""
    one = experiment(size)
    searches, taken_here = forms(one, device), form_taken(one, size.batch, device)
    held, train = batches(one, size, device)
    original = reference_of(one, size, searches[-1][1])
    if alone:
        searches = [(name, search) for name, search in searches if name == taken_here]
    theirs = [(in_domain(features, size.domain), labels) for features, labels in (held, train)]
    steps: dict[str, Step] = {"reference": lambda: original.step(*theirs)[1]}
    for name, search in searches:
        steps[name] = step_of(name, search, held, train)
    first = {name: float(step()) for name, step in steps.items()}  # also warms up
    operators = {name: operators_of(step) for name, step in steps.items()}
    launches = {name: launches_of(step) for name, step in steps.items()}
    memory = {name: peak_of(step, device) for name, step in steps.items()}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(runs):
        for name, step in steps.items():
            seconds[name].append(seconds_of(step, device))
    arithmetic = 6 * cost(one.supernet, Everything()).macs * size.batch / macs_per_second(device)
    return [
        Row(
            form=name,
            taken=name == taken_here,
            seconds=median(taken),
            ratio=median(a / b for a, b in zip(seconds["reference"], taken, strict=True)),
            operators=operators[name],
            launches=launches[name],
            operator_ratio=launches[name] / launches["reference"],
            memory=memory[name],
            memory_ratio=memory[name] / memory["reference"],
            bound=arithmetic / median(taken),
            loss_difference=abs(first[name] - first["reference"]),
        )
        for name, taken in seconds.items()
    ]


def show(name: str, rows: Sequence[Row], device: torch.device) -> None:
    print(f"{name}, {name_of(device)}")
    titles = ("", "seconds", "ratio", "operators", "launches", "", "MiB", "", "bound", "loss")
    print("{:12} {:>8} {:>6} {:>10} {:>9} {:>6} {:>8} {:>6} {:>6} {:>8}".format(*titles))
    for row in rows:
        print(
            f"{row.form + ' *' * row.taken:12} {row.seconds:8.3f} {row.ratio:6.2f}",
            f"{row.operators:10,} {row.launches:9,} {row.operator_ratio:6.2f}",
            f"{row.memory / 2**20:8,.0f} {row.memory_ratio:6.2f}",
            f"{row.bound:6.0%} {row.loss_difference:8.0e}",
        )
    print("* what a run does on this device")


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--size", choices=SIZES, action="append", help="repeatable; default: all")
    parser.add_argument("--channels", type=int, help="in place of those of the size")
    parser.add_argument("--batch", type=int, help="in place of that of the size")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="default: cpu")
    parser.add_argument("--taken", action="store_true", help="of dslnas the form alone that a run takes")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no CUDA device here")
    found, device = {}, pick_device(given.device)
    for name in given.size or SIZES:
        size = SIZES[name]
        size = replace(size, channels=given.channels or size.channels, batch=given.batch or size.batch)
        found[name] = rows = measured(size, given.runs, device, given.taken)
        if not given.json:
            show(name, rows, device)
    if given.json:
        print(json.dumps({name: _json(rows) for name, rows in found.items()}, indent=2))


def _json(rows: Sequence[Row]) -> dict[str, object]:
    """What a run does on the device beside the reference, the operators that a GPU launches, every form."""
    here = asdict(next(row for row in rows if row.taken))
    joined = (row for row in rows if row.form == f"+ {SUPERNET_PASSES[-1].__name__}")
    keys = ("form", "seconds", "ratio", "memory_ratio", "loss_difference")
    there = next(joined, None)
    operators = here["operator_ratio"] if there is None else there.operator_ratio
    figures = {**{key: here[key] for key in keys}, "operator_ratio": operators}
    return {**figures, "forms": [asdict(row) for row in rows]}


if __name__ == "__main__":
    main()
