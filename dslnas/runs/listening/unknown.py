"""Sounds of no class: a threshold of the network's confidence, chosen on validation and kept in the run.

The confidence is the highest probability (Hendrycks and Gimpel, 2017) or the energy of the logits, the
logarithm of the sum of their exponentials (Liu et al., 2020), which softmax takes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, get_args

from ...base.diagnostics import fail
from ...base.figures import is_number
from ...base.run_folder import UNKNOWN
from ..prepared import prepare_data

if TYPE_CHECKING:
    import torch

    from ...train.observer import Observer
    from ..run import Run

Confidence = Literal["probability", "energy"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
KEEP = 0.95  # of the validation clips are of a class, where nothing else is said
LABEL = "unknown"  # what a sound of no class is called


@dataclass(frozen=True)
class Threshold:
    """A sound is of a class where the confidence is at least `value`."""

    confidence: Confidence
    value: float

    def knows(self, logits: torch.Tensor) -> torch.Tensor:
        """Whether sounds with logits (N, classes), calibrated, are of a class: bool (N,)."""
        return confidence_of(logits, self.confidence) >= self.value


def confidence_of(logits: torch.Tensor, confidence: Confidence) -> torch.Tensor:
    """How confident logits (N, classes) are: (N,), a probability or an energy."""
    import torch

    if confidence == "energy":
        return torch.logsumexp(logits, dim=1)
    return torch.softmax(logits, dim=1).max(dim=1).values


def threshold_for(confidences: torch.Tensor, keep: float) -> float:
    """The highest threshold that at least a share `keep` of confidences (N,) reaches."""
    ranked = confidences.sort(descending=True).values
    return float(ranked[max(0, ceil(keep * len(ranked) - 1e-9) - 1)])


def choose(run: Run, observer: Observer | None = None, keep: float = KEEP) -> dict[str, Any]:
    """Choose both thresholds on the validation clips of a run, keep them in its folder, and tell them.

    keep: the share of these clips that is to be of a class; no sound of another kind is needed. Raises
    DslnasError N0701 where the run has no trained network yet, N0604 where its data is not found.
    """
    from ...train.devices import pick_device
    from ...train.observer import Silent
    from ...train.testing import evaluate

    device = pick_device(run.device)
    network = run.network(device)  # raises where there is none, before the data is read
    split = prepare_data(run.held, run.data_root, observer or Silent(), training=False).validation
    logits = evaluate(network, split.features, device) / run.temperature
    values: dict[str, float] = {
        name: threshold_for(confidence_of(logits, name), keep) for name in CONFIDENCES
    }
    found: dict[str, Any] = {"keep": keep, "clips": len(split), **values}
    run.folder.write_json(UNKNOWN, found)
    return found


def kept(run: Run, confidence: Confidence) -> Threshold:
    """The threshold that a run keeps; DslnasError N0701 where it keeps none, or the file is broken."""
    if not run.folder.has(UNKNOWN):
        help = f"`dslnas test {run.path} --unknown` chooses one on the validation clips"
        raise fail("N0701", f"{run.path} keeps no threshold for unknown sounds", help=help)
    found = run.folder.read_json(UNKNOWN)
    value = found.get(confidence) if isinstance(found, dict) else None
    if not is_number(value):
        help = f"`dslnas test {run.path} --unknown` writes it anew"
        raise fail("N0701", f"{run.path / UNKNOWN} holds no threshold of the {confidence}", help=help)
    return Threshold(confidence, value)
