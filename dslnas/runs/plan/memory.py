"""What a step of the search holds at its peak; free of torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...base.diagnostics import Diagnostic
from ...ir.analysis import extent
from ...ir.graph import Program
from ...ir.walk import Everything, Path, Policy, cost
from ...methods.method import Method, Optimizer, RelaxedMethod
from ...passes import passes_of_paths, run_passes, supernet_passes
from ..experiment import Experiment
from .tape import MASTER, Leaves, Tape

_BYTES = {"float32": 4, "bfloat16": 2}


@dataclass(frozen=True)
class Memory:
    """What a step of the search holds at its peak, in bytes of tensors, on a CPU.

    architecture, weights: at the peak of the half of a step that moves them, beyond what lives through both.
    resting: what lives through both: the weights, what their optimizer keeps of them, two batches.
    """

    architecture: int
    weights: int
    resting: int

    @property
    def peak(self) -> int:
        return self.resting + self.passing

    @property
    def passing(self) -> int:
        """What the larger half of a step adds; it grows with the batch."""
        return max(self.architecture, self.weights)


def memory(experiment: Experiment, supernet: Program, recompute: bool | None = None) -> Memory:
    """The peak of a step, from following both of its halves through the lowered graph (`tape.py`).

    recompute: whether cells are computed again in the backward pass; None: as the settings say.

    A sampled method trains one path at a time: the one with the most multiply-accumulates is followed. Of a
    method that draws its candidates, paths are followed that take the same option everywhere. Beside all that
    stands what is no tensor: the libraries, the data set, what kernels take from the system.
    """
    settings, method = experiment.settings, experiment.method
    batch, width = settings.search.batch, _BYTES[settings.precision]
    params = cost(supernet, Everything()).params * MASTER
    inputs = (way.frontend.output.numbers for way in experiment.frontends.ways)
    features = max(inputs) * batch * MASTER
    moved = params * (1 + _copies(method.weights))  # gradients, once the backward pass is over
    mixed = isinstance(method, RelaxedMethod) and bool(supernet.choices or supernet.selections)
    again = settings.search.recompute if recompute is None else recompute
    passes = supernet_passes(supernet, batch, again)
    if not isinstance(method, RelaxedMethod) or not mixed:
        lowered = supernet
        paths: list[Policy | None] = [extent.extreme(supernet, method.keep_edges, lambda one: one.macs, -1)]
    elif method.temperature is None:
        lowered, paths = run_passes(supernet, passes), [None]
    else:
        lowered, paths = run_passes(supernet, passes_of_paths(passes)), [*_paths(supernet)]

    def most(leaves: Leaves, width: int) -> int:
        return max(Tape(lowered, leaves, batch, width, path, mixed).peak() for path in paths)

    return Memory(
        architecture=_architecture(most, method, width, params) if mixed else 0,
        weights=max(most("weights", width), moved),
        resting=params * (1 + _states(method.weights)) + (2 if mixed else 1) * features,
    )


def _architecture(most: Callable[[Leaves, int], int], method: Method, width: int, params: int) -> int:
    """The peak of the half of a step that moves the architecture; most: of a pass, by its leaves and width.

    At second order (`unrolled.py`) it is that of one of four parts: the gradient for the step ahead,
    what momentum and decay make of it, the pass ahead, and those of the difference, in full precision. Then
    the weights are there twice, and for the difference four times.
    """
    if not isinstance(method, RelaxedMethod) or method.unroll is None:
        return most("architecture", width)
    return max(
        most("weights", MASTER),
        3 * params,
        params + most("both", width),
        3 * params + most("architecture", MASTER),
    )


def _paths(program: Program) -> Iterator[Path]:
    """Paths that take the option of one position at every choice point, the last where it has fewer."""
    points = program.choices.values()
    for place in range(max(len(point.options) for point in points)):
        yield Path({point.id: point.options[min(place, len(point.options) - 1)] for point in points})


def _states(optimizer: Optimizer) -> int:
    """How many numbers an optimizer keeps of a weight: the momentum of SGD, the two moments of Adam."""
    if optimizer.name == "sgd":
        return 1 if optimizer.arguments.get("momentum") else 0
    return 2


def _copies(optimizer: Optimizer) -> int:
    """SGD over all tensors at once adds the decay to copies of the gradients; fused Adam copies nothing."""
    decays = optimizer.arguments.get("weight_decay") or optimizer.arguments.get("polynomial_decay")
    return 1 if optimizer.name == "sgd" and decays else 0


def shortage(memory: Memory, recomputing: Memory, free: int | None, batch: int) -> list[Diagnostic]:
    """A warning where a step needs more than is free; none where nobody knows what is.

    recomputing: what it needs where cells are computed again.
    """
    if free is None or memory.peak <= free:
        return []
    fits = (free - memory.resting) * batch // memory.passing
    if recomputing.peak <= free:
        help = f"`--set search.recompute=true` needs {gibibytes(recomputing.peak)}, and takes more time"
    elif fits > 0:
        help = f"`--set search.batch={fits}` needs less than that"
    else:
        help = "give it fewer channels or nodes"
    message = f"a step of the search needs {gibibytes(memory.peak)} of memory, and {gibibytes(free)} are free"
    return [Diagnostic("N0607", message, severity="warning", help=help)]


def gibibytes(size: int) -> str:
    return f"{size / 2**30:,.2f} GiB"
