"""Peak memory of a search step, computed from the graph without running it."""

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
    """The peak memory of a step of the search, in bytes of tensors, on a CPU.

    architecture, weights: at the peak of the half of a step that updates them, beyond `resting`.
    resting: what lives through both halves: the weights, the state of their optimizer, two batches.
    """

    architecture: int
    weights: int
    resting: int

    @property
    def peak(self) -> int:
        """The bytes at the peak of a step."""
        return self.resting + self.passing

    @property
    def passing(self) -> int:
        """The bytes that the larger half of a step adds to `resting`; they grow with the batch."""
        return max(self.architecture, self.weights)


def memory(experiment: Experiment, supernet: Program, recompute: bool | None = None) -> Memory:
    """The peak of a step, from simulating both of its halves on the lowered graph (`tape.py`).

    recompute: whether the backward pass recomputes cells (gradient checkpointing); None: as the settings have
    it.

    A sampled method trains one path at a time: the one with the most multiply-accumulates is simulated. For a
    method that draws its candidates, paths are simulated that take the option of one position everywhere. Not
    included is what is no tensor: the libraries, the data set, workspace that kernels take from the system.
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
        paths: list[Policy | None] = [extent.extreme(supernet, method.keeping, lambda one: one.macs, -1)]
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
    """The peak of the half of a step that updates the architecture; most: of a pass, by leaves and width.

    At second order (`search/relaxed/second_order.py`) it is the largest of four parts: the gradient for the
    virtual step, its momentum and decay, the pass at the virtual weights, and the passes of the finite
    difference in full precision. Then two copies of the weights are held, and for the difference four.
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
    """The numbers that an optimizer keeps for each weight: the momentum of SGD, the two moments of Adam."""
    if optimizer.name == "sgd":
        return 1 if optimizer.arguments.get("momentum") else 0
    return 2


def _copies(optimizer: Optimizer) -> int:
    """Copies of the gradients: foreach SGD adds the decay to one; fused Adam makes none."""
    decays = optimizer.arguments.get("weight_decay") or optimizer.arguments.get("polynomial_decay")
    return 1 if optimizer.name == "sgd" and decays else 0


def shortage(memory: Memory, recomputing: Memory, free: int | None, batch: int) -> list[Diagnostic]:
    """A warning N0607 where a step needs more than is free; none where the free memory is unknown.

    recomputing: the memory where cells are recomputed in the backward pass.
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
    """A number of bytes in GiB: `1.25 GiB`."""
    return f"{size / 2**30:,.2f} GiB"
