"""Inference: labels and probabilities for recordings or pictures, from the trained network of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .run import Run


@dataclass(frozen=True)
class Prediction:
    """The prediction for one recording: the likeliest label, and the probability of each class."""

    path: str
    label: str
    probability: float
    probabilities: dict[str, float]


def predict(
    run: Run, recordings: Sequence[Path], device: str = "auto", tell: Callable[[str], None] | None = None
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """Predictions for recordings, and (path, reason) of those that cannot be used.

    tell: is told what was done to the recordings, in a line each. Needs the run folder alone, not the
    training data. Raises DslnasError N0701 where the run has no trained network yet.
    """
    import torch

    from ..data.features import decode_for, notes_of
    from ..data.frontend.frontend import FrontEndModule
    from ..train.devices import pick_device
    from ..train.testing import evaluate

    where = pick_device(device)
    network = run.network(where)
    frontend, classes = run.decided.experiment.frontend, run.experiment.classes
    decoded = decode_for(recordings, frontend, run.experiment.resampling)
    waves, skipped = decoded.raw, decoded.skipped
    for note in notes_of(decoded, frontend):
        if tell is not None:
            tell(note)
    if not len(waves):
        return [], skipped
    unusable = {path for path, _ in skipped}
    used = [str(path) for path in recordings if str(path) not in unusable]
    features = FrontEndModule(frontend).features(waves)
    probabilities = torch.softmax(evaluate(network, features, where), dim=1).tolist()
    predictions = [
        Prediction(path, classes[row.index(max(row))], max(row), dict(zip(classes, row, strict=True)))
        for path, row in zip(used, probabilities, strict=True)
    ]
    return predictions, skipped
