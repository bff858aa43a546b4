"""What a step of the search holds at its peak; free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from .. import extent
from ..diagnostics import Diagnostic
from ..experiment import Experiment
from ..graph import Program
from ..lower.walk import Everything, cost
from ..method import Method, Optimizer, RelaxedMethod
from ..passes import run_passes, supernet_passes
from .tape import MASTER, Tape

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

    A sampled method trains one path at a time: the one with the most multiply-accumulates is followed. Beside
    all that stands what is no tensor: the libraries, the data set, what kernels take from the system.
    """
    settings, method = experiment.settings, experiment.method
    batch, width = settings.search.batch, _BYTES[settings.precision]
    params = cost(supernet, Everything()).params * MASTER
    inputs = (way.frontend.output.numbers for way in experiment.frontends.ways)
    features = max(inputs) * batch * MASTER
    moved = params * (1 + _copies(method.weights))  # gradients, once the backward pass is over
    mixed = isinstance(method, RelaxedMethod) and bool(supernet.choices or supernet.selections)
    path = None if mixed else extent.extreme(supernet, method.keep_edges, lambda one: one.macs, -1)
    again = settings.search.recompute if recompute is None else recompute
    lowered = run_passes(supernet, supernet_passes(again)) if mixed else supernet
    return Memory(
        architecture=_architecture(lowered, method, batch, width, params) if mixed else 0,
        weights=max(Tape(lowered, "weights", batch, width, path).peak(), moved),
        resting=params * (1 + _states(method.weights)) + (2 if mixed else 1) * features,
    )


def _architecture(lowered: Program, method: Method, batch: int, width: int, params: int) -> int:
    """The peak of the half of a step that moves the architecture.

    At second order (`search/unrolled.py`) it is that of one of four parts: the gradient for the step ahead,
    what momentum and decay make of it, the pass ahead, and those of the difference, in full precision. Then
    the weights are there twice, and for the difference four times.
    """
    if not isinstance(method, RelaxedMethod) or method.unroll is None:
        return Tape(lowered, "architecture", batch, width).peak()
    return max(
        Tape(lowered, "weights", batch, MASTER).peak(),
        3 * params,
        params + Tape(lowered, "both", batch, width).peak(),
        3 * params + Tape(lowered, "architecture", batch, MASTER).peak(),
    )


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
