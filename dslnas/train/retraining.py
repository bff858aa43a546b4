"""Retraining of a pruned network from scratch: the stage `train` of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.features import Split
from ..lower.modules.dropping import Losing
from ..methods.method import Method
from .average import Average
from .batches import Batches, seeded
from .optimizers import cosine, make_optimizer, set_rate, take_up, warmed_up
from .replay import Figures, replay_on
from .testing import evaluate, recognised


class Retraining:
    """A network in training: SGD on augmented batches, a rate that rises, then a cosine schedule, mixup.

    Where the method averages weights, the average is what is recorded, and what `averaged` hands over.

    mixup: the parameter of its Beta distribution, 0 for none. validation: what the history is recorded on.
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
        self.class_weights = batches.weights
        self.parameters = list(network.parameters())
        self.optimizer = make_optimizer(method.retrain, self.parameters, polynomial=polynomial)
        self.rate = float(method.retrain.arguments["lr"])
        self.autocast = torch.autocast(batches.device.type, torch.bfloat16, enabled=bfloat16)
        self.average = None if method.average is None else Average(network, method.average)
        self._replay, self._losing = replay_on(batches.device), Losing(network, batches.seed)

    def step(self, step: int) -> Figures:
        """Train on the batch of a step, from 0; returns loss and accuracy as scalars on the device."""
        rate = cosine(self.rate, self.method.floor, step, self.steps)
        epochs = self.method.retrain_warmup
        rising = epochs * self.batches.per_epoch if epochs else 0
        set_rate(self.optimizer, warmed_up(rate, rising, step, self.steps))
        with self._losing.of(step):
            figures = self._trained(step)
        if self.average is not None:  # after the step, whose recording would repeat one share of it
            self.average.follow(step)
        return figures

    def _trained(self, step: int) -> Figures:
        x_NCFT, labels = self.batches.at(step)
        if self.mixup == 0.0:
            return self._replay("step", self._step, x_NCFT, labels)
        return self._replay("step", self._mixed_step, x_NCFT, labels, *self._partner(labels, step))

    def _step(self, x_NCFT: Tensor, labels: Tensor) -> Figures:
        logits = self._logits(x_NCFT)
        return self._descend(F.cross_entropy(logits, labels, self.class_weights), logits, labels)

    def _mixed_step(self, x_NCFT: Tensor, labels: Tensor, order: Tensor, shares: Tensor) -> Figures:
        """A step of mixup (Zhang et al., 2018). shares (2,): of an example, and of its partner in `order`."""
        own, others = shares.unbind()
        logits = self._logits(own * x_NCFT + others * x_NCFT[order])
        loss = own * F.cross_entropy(logits, labels, self.class_weights)
        loss = loss + others * F.cross_entropy(logits, labels[order], self.class_weights)
        return self._descend(loss, logits, labels)

    def _logits(self, x_NCFT: Tensor) -> Tensor:
        self.network.train()
        with self.autocast:
            logits: Tensor = self.network(x_NCFT)
        return logits.float()

    def _descend(self, loss: Tensor, logits: Tensor, labels: Tensor) -> Figures:
        loss.backward()  # type: ignore[no-untyped-call]
        if self.method.clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.method.clip, foreach=True)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return {"loss": loss.detach(), "accuracy": (logits.detach().argmax(1) == labels).float().mean()}

    def _partner(self, labels: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """The partner of each example in mixup, as an index, and the shares of both in the mixture."""
        generator = seeded(self.batches.seed, "mixup", step)
        order = torch.randperm(len(labels), generator=generator)
        pair = torch._standard_gamma(torch.full((2,), self.mixup), generator=generator)
        own = float(pair[0] / pair.sum().clamp_min(1e-12))
        return order.to(labels.device), torch.tensor([own, 1.0 - own]).to(labels.device)

    def averaged(self) -> AbstractContextManager[None]:
        """A context in which the network has the weights that are judged and handed over."""
        return nullcontext() if self.average is None else self.average.in_place()

    def record(self) -> dict[str, Any]:
        """Loss and accuracy on the validation split, and the learning rate."""
        with self.averaged():
            logits = evaluate(self.network, self.validation.features, self.batches.device)
        labels = self.validation.labels
        return {
            "validation_loss": float(F.cross_entropy(logits, labels)),
            "validation_accuracy": recognised(logits, labels),
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
        }

    def state_dict(self) -> dict[str, Any]:
        """The network, its optimizer and the average."""
        average = {} if self.average is None else {"average": self.average.state_dict()}
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), **average}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        self.network.load_state_dict(state["network"])
        take_up(self.optimizer, state["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
