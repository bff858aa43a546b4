"""Metrics of a trained network on held-out clips: accuracy, macro F1, confusion, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..base.figures import wilson
from ..data.features import Split

EVALUATION_BATCH = 256


@torch.no_grad()
def evaluate(network: nn.Module, features_NCFT: Tensor, device: torch.device) -> Tensor:
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


def describe_validation(split: Split) -> dict[str, float | int]:
    """The number of clips of a split, and the accuracy of always answering its most frequent class."""
    return {"clips": len(split), "chance": int(split.labels.bincount().max()) / len(split)}


@dataclass(frozen=True)
class Tested:
    """The metrics of a test, and the prediction for every clip."""

    figures: dict[str, Any]
    details: dict[str, Any]


def test(network: nn.Module, split: Split, classes: Sequence[str], device: torch.device) -> Tested:
    """Accuracy, macro F1, calibration error, and the confusion matrix (rows: true, columns: predicted).

    `accuracy_interval` is the 95 % interval of the accuracy on so many clips (`wilson`).
    """
    from torchmetrics.functional.classification import (
        multiclass_accuracy,
        multiclass_calibration_error,
        multiclass_confusion_matrix,
        multiclass_f1_score,
    )

    probabilities = torch.softmax(evaluate(network, split.features, device), dim=1)
    count, labels = len(classes), split.labels
    confident, predicted = probabilities.max(dim=1)
    right = float(multiclass_accuracy(predicted, labels, count, average="micro"))
    figures = {
        "accuracy": right,
        "accuracy_interval": list(wilson(right, len(labels))),
        "macro_f1": float(multiclass_f1_score(predicted, labels, count, average="macro")),
        "calibration_error": float(multiclass_calibration_error(probabilities, labels, count)),
        "clips": len(labels),
    }
    clips = [
        {"path": path, "label": classes[label], "predicted": classes[guess], "probability": round(sure, 6)}
        for path, label, guess, sure in zip(
            split.paths, labels.tolist(), predicted.tolist(), confident.tolist(), strict=True
        )
    ]
    confusion = multiclass_confusion_matrix(predicted, labels, count).tolist()
    return Tested(figures, {"classes": list(classes), "confusion": confusion, "clips": clips})
