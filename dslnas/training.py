"""The evaluation stage: a pruned network trained from scratch, and tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .data.features import Split
from .method import Method
from .search.batches import Batches, seeded
from .search.optimizers import cosine, make_optimizer, set_rate

EVALUATION_BATCH = 256


class Retraining:
    """A network in training: SGD on augmented batches, a cosine schedule, mixup where it is asked for.

    polynomial: the weights of the network to which the method's `polynomial_decay` applies.
    """

    def __init__(
        self,
        network: nn.Module,
        method: Method,
        batches: Batches,
        steps: int,
        mixup: float,
        validation: Split,
        bfloat16: bool,
        polynomial: Sequence[nn.Parameter] = (),
    ) -> None:
        self.network, self.method, self.batches = network, method, batches
        self.steps, self.mixup, self.validation = steps, mixup, validation
        self.parameters = list(network.parameters())
        self.optimizer = make_optimizer(method.retrain, self.parameters, polynomial=polynomial)
        self.rate = float(method.retrain.arguments["lr"])
        self.autocast = torch.autocast(batches.device.type, torch.bfloat16, enabled=bfloat16)

    def step(self, step: int) -> dict[str, Tensor]:
        self.network.train()
        set_rate(self.optimizer, cosine(self.rate, self.method.floor, step, self.steps))
        x_NCFT, labels = self.batches.at(step)
        other, share = self._partner(labels, step)
        with self.autocast:
            logits = self.network(x_NCFT if share == 1.0 else share * x_NCFT + (1.0 - share) * x_NCFT[other])
        logits = logits.float()
        loss = F.cross_entropy(logits, labels)
        if share != 1.0:
            loss = share * loss + (1.0 - share) * F.cross_entropy(logits, labels[other])
        loss.backward()  # type: ignore[no-untyped-call]
        if self.method.clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.method.clip, foreach=True)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {"loss": loss.detach(), "accuracy": (logits.detach().argmax(1) == labels).float().mean()}

    def _partner(self, labels: Tensor, step: int) -> tuple[Tensor, float]:
        """Mixup (Zhang et al., 2018): whom each example is mixed with, and its own share of the mixture."""
        if self.mixup == 0.0:
            return labels, 1.0
        generator = seeded(self.batches.seed, "mixup", step)
        order = torch.randperm(len(labels), generator=generator).to(labels.device)
        pair = torch._standard_gamma(torch.full((2,), self.mixup), generator=generator)
        return order, float(pair[0] / pair.sum().clamp_min(1e-12))

    def record(self) -> dict[str, Any]:
        logits = evaluate(self.network, self.validation.features, self.batches.device)
        labels = self.validation.labels
        return {
            "validation_loss": float(F.cross_entropy(logits, labels)),
            "validation_accuracy": recognised(logits, labels),
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
        }

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])


@torch.no_grad()
def evaluate(network: nn.Module, features_NCFT: Tensor, device: torch.device) -> Tensor:
    """The logits (N, classes) of a network with running statistics, on the CPU."""
    network.eval()
    parts = [
        network(features_NCFT[start : start + EVALUATION_BATCH].to(device)).float().cpu()
        for start in range(0, len(features_NCFT), EVALUATION_BATCH)
    ]
    return torch.cat(parts)


def accuracy(network: nn.Module, split: Split, device: torch.device) -> float:
    """The share of a split's clips that a network with running statistics recognises."""
    return recognised(evaluate(network, split.features, device), split.labels)


def recognised(logits: Tensor, labels: Tensor) -> float:
    """The share of clips whose greatest logit, of (N, classes), is that of their label, of (N,)."""
    return float((logits.argmax(1) == labels).float().mean())


def describe_validation(split: Split) -> dict[str, float | int]:
    """How many clips a split has, and the share of them that a constant answer recognises."""
    return {"clips": len(split), "chance": int(split.labels.bincount().max()) / len(split)}


@dataclass(frozen=True)
class Tested:
    """Figures of a test, and what was said of every clip."""

    figures: dict[str, Any]
    details: dict[str, Any]


def test(network: nn.Module, split: Split, classes: Sequence[str], device: torch.device) -> Tested:
    """Accuracy, macro F1 and the confusion matrix (rows: true, columns: predicted)."""
    from torchmetrics.functional.classification import (
        multiclass_accuracy,
        multiclass_calibration_error,
        multiclass_confusion_matrix,
        multiclass_f1_score,
    )

    probabilities = torch.softmax(evaluate(network, split.features, device), dim=1)
    count, labels = len(classes), split.labels
    confident, predicted = probabilities.max(dim=1)
    figures = {
        "accuracy": float(multiclass_accuracy(predicted, labels, count, average="micro")),
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
