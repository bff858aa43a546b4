"""The temperature of a trained network, and its metrics on held-out clips: accuracy, macro F1, confusion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ..base.figures import wilson
from ..data.cache.rows import Examples
from ..data.features import Prepared, Split

EVALUATION_BATCH = 256
TEMPERATURES = (0.05, 20.0)  # beyond them few clips that are all right, or chance, would decide


@torch.no_grad()
def evaluate(network: nn.Module, features_NCFT: Examples, device: torch.device) -> Tensor:
    """The logits (N, classes) of a network in evaluation mode for features (N, C, F, T), on the CPU."""
    network.eval()
    parts = [
        network(features_NCFT[start : start + EVALUATION_BATCH].to(device)).float().cpu()
        for start in range(0, len(features_NCFT), EVALUATION_BATCH)
    ]
    return torch.cat(parts)


def accuracy(network: nn.Module, split: Split, device: torch.device) -> float:
    """The accuracy, 0 .. 1, of a network in evaluation mode on a split."""
    return recognised(evaluate(network, split.features, device), split.labels)


def recognised(logits: Tensor, labels: Tensor) -> float:
    """The accuracy, 0 .. 1, of logits (N, classes) for labels (N,)."""
    return float((logits.argmax(1) == labels).float().mean())


def qualities(logits: Tensor, labels: Tensor, classes: int) -> dict[str, float]:
    """The accuracy and the macro F1, each 0 .. 1, of logits (N, classes) for labels (N,).

    An answer that is no number is wrong.
    """
    from torchmetrics.functional.classification import multiclass_f1_score

    answered = logits.isfinite().all(1)
    right = (logits.argmax(1) == labels) & answered
    f1 = multiclass_f1_score(logits.nan_to_num().argmax(1), labels, classes, average="macro")
    return {"accuracy": float(right.float().mean()), "macro_f1": float(f1)}


def describe_validation(split: Split) -> dict[str, float | int]:
    """The number of clips of a split, and the accuracy of always answering its most frequent class."""
    return {"clips": len(split), "chance": int(split.labels.bincount().max()) / len(split)}


@dataclass(frozen=True)
class Tested:
    """The metrics of a test, and the prediction for every clip."""

    figures: dict[str, Any]
    details: dict[str, Any]

    def named(self, prepared: Prepared) -> Tested:
        """With the names of recordings in the folder of their data set in place of their paths."""
        names = {clip.path: clip.name for clip in prepared.clips if clip.name}
        clips = [
            {**clip, "path": names.get(clip["path"], clip["path"])} for clip in self.details.get("clips", ())
        ]
        return replace(self, details={**self.details, "clips": clips})


def temperature(logits: Tensor, labels: Tensor) -> float:
    """By what logits (N, classes) are divided so that probabilities are as sure as they are right.

    It is where the cross-entropy for labels (N,) is least (Guo et al., 2017), within `TEMPERATURES`. A label
    counts as wrong once in N + 2 times (Platt, 1999): else few clips that are all right would make a network
    as sure as can be. No order of classes changes. 1 where no other is better, and without clips.
    """
    from scipy.optimize import minimize_scalar

    count, classes = logits.shape
    if not count or classes < 2:
        return 1.0
    doubt = classes / (classes - 1) / (count + 2)

    def loss(exponent: float) -> float:
        return float(cross_entropy(logits.double() / math.exp(exponent), labels, label_smoothing=doubt))

    bounds = tuple(map(math.log, TEMPERATURES))
    found = minimize_scalar(loss, bounds=bounds, method="bounded")
    return math.exp(found.x) if loss(found.x) < loss(0.0) else 1.0


def test(
    network: nn.Module, split: Split, classes: Sequence[str], device: torch.device, temperature: float = 1.0
) -> Tested:
    """The metrics of a network in evaluation mode on a split, as `judged` has them.

    temperature: by what its logits are divided. Where that is not 1, `uncalibrated_error` is what the
    calibration error is without it.
    """
    logits = evaluate(network, split.features, device)
    tested = judged(torch.softmax(logits / temperature, dim=1), split, classes)
    if temperature == 1:
        return tested
    before = _calibration_error(torch.softmax(logits, dim=1), split.labels)
    return replace(tested, figures={**tested.figures, "uncalibrated_error": before})


def _calibration_error(probabilities: Tensor, labels: Tensor) -> float:
    """How far probabilities are from accuracies, 0 .. 1, in 15 bins (expected calibration error)."""
    from torchmetrics.functional.classification import multiclass_calibration_error

    return float(multiclass_calibration_error(probabilities, labels, probabilities.shape[1]))


def judged(probabilities: Tensor, split: Split, classes: Sequence[str]) -> Tested:
    """Accuracy, macro F1, calibration error, and the confusion matrix (rows: true, columns: predicted).

    probabilities: (N, classes), float32.
    `accuracy_interval` is the 95 % interval of the accuracy on so many clips (`wilson`). Where the channels
    of recordings are clips, `macro_f1` is the mean of those of the channels, which `macro_f1_channels` lists,
    and the interval counts recordings, as their channels are not independent of each other. Where clips are
    windows of recordings it counts recordings too, and `recordings` has the figures of their mean
    probabilities. `untested` names classes without clips, which the macro F1 leaves out.
    """
    from torchmetrics.functional.classification import (
        multiclass_accuracy,
        multiclass_confusion_matrix,
    )

    count, labels = len(classes), split.labels
    confident, predicted = probabilities.max(dim=1)
    right = float(multiclass_accuracy(predicted, labels, count, average="micro"))
    figures = {
        "accuracy": right,
        "accuracy_interval": list(wilson(right, independent(split))),
        **_macro_f1(predicted, split, count),
        "calibration_error": _calibration_error(probabilities, labels),
        "clips": len(labels),
        **_untested(labels, classes),
        **_of_recordings(probabilities, split),
    }
    clips = [
        {"path": path, "label": classes[label], "predicted": classes[guess], "probability": round(sure, 6)}
        for path, label, guess, sure in zip(
            split.paths, labels.tolist(), predicted.tolist(), confident.tolist(), strict=True
        )
    ]
    for clip, channel in zip(clips, split.channels, strict=False):
        clip["channel"] = channel
    for clip, whole in zip(clips, split.wholes, strict=False):
        clip["whole"] = whole
    confusion = multiclass_confusion_matrix(predicted, labels, count).tolist()
    return Tested(figures, {"classes": list(classes), "confusion": confusion, "clips": clips})


def _untested(labels: Tensor, classes: Sequence[str]) -> dict[str, Any]:
    """The classes without clips, over which there is no macro F1; nothing where there are none."""
    there = set(labels.tolist())
    missing = [name for label, name in enumerate(classes) if label not in there]
    return {"untested": missing} if missing else {}


def independent(split: Split) -> int:
    """How many clips are independent of each other: channels and windows of one recording are not."""
    return len(set(split.wholes)) if split.wholes else len(set(split.paths)) if split.channels else len(split)


def _of_recordings(probabilities: Tensor, split: Split) -> dict[str, Any]:
    """The accuracy for recordings by the means of their windows' probabilities; nothing without windows."""
    if not split.wholes:
        return {}
    rows: dict[str, list[int]] = {}
    for row, whole in enumerate(split.wholes):
        rows.setdefault(whole, []).append(row)
    right = sum(
        int(probabilities[own].mean(dim=0).argmax()) == int(split.labels[own[0]]) for own in rows.values()
    )
    share = right / len(rows)
    return {
        "recordings": {
            "accuracy": share,
            "accuracy_interval": list(wilson(share, len(rows))),
            "count": len(rows),
        }
    }


def _macro_f1(predicted: Tensor, split: Split, classes: int) -> dict[str, Any]:
    """The macro F1 over the classes with clips; where channels are clips their mean, and each channel's."""
    from torchmetrics.functional.classification import multiclass_f1_score

    def of(rows: Tensor) -> float:
        each = multiclass_f1_score(predicted[rows], split.labels[rows], classes, average="none")
        return float(each[sorted(set(split.labels[rows].tolist()))].mean())

    if not split.channels:
        return {"macro_f1": of(torch.arange(len(split)))}
    channel = torch.tensor(split.channels)
    each = [of(torch.nonzero(channel == number).flatten()) for number in sorted(set(split.channels))]
    return {"macro_f1": sum(each) / len(each), "macro_f1_channels": each}
