"""The game of DARTS-GAL: a student with masks against a discriminator that tells it from its teacher.

A Neural Network Architecture Optimizer Based on DARTS and Generative Adversarial Learning (Zhang et al.),
equations 4 to 7, after GAL (Lin et al., CVPR 2019). No label is in any loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...data.features import Split
from ...ir.places import Part
from ...lower.masked import MaskedNetwork
from ...lower.modules.dropping import Losing
from ...lower.pruned import PrunedNetwork
from ...methods.adversarial import Adversarial
from ...methods.method import Optimizer
from ...prune.parts import Instance
from ...train.batches import Batches, seeded
from ...train.optimizers import make_optimizer, set_rate, take_up
from ...train.replay import Figures
from ...train.testing import accuracy
from .fista import Fista

STAGES = 0.3  # of the epochs, after each of which the learning rates are a tenth
INITIAL = 0.01  # standard deviation of the discriminator's first weights


@dataclass(frozen=True)
class Stop:
    """The student after an epoch: its accuracy on validation, and the parts whose mask is 0, by place."""

    accuracy: float
    removed: Mapping[str, tuple[Part, ...]]

    @property
    def count(self) -> int:
        """How many parts are removed."""
        return sum(map(len, self.removed.values()))


class Game:
    """A student that starts as its teacher, and the discriminator of their logits, in turn once a batch.

    The teacher is frozen and in evaluation mode. validation: what the stop is chosen on. target: the accuracy
    of the teacher there. sparse: the weight of |s|_1, in place of that of the settings.
    """

    def __init__(
        self,
        student: MaskedNetwork,
        teacher: PrunedNetwork,
        settings: Adversarial,
        batches: Batches,
        steps: int,
        validation: Split,
        classes: int,
        seed: int,
        target: float,
        sparse: float | None = None,
    ) -> None:
        self.target = target
        self.student, self.teacher, self.settings = student, teacher.eval().requires_grad_(False), settings
        self.batches, self.steps, self.validation, self.seed = batches, steps, validation, seed
        student.load_state_dict(teacher.state_dict())
        self.discriminator = discriminator(classes, settings.hidden, seed).to(batches.device)
        self.weights = make_optimizer(settings.weights, student.parameters())
        free = {name: value for name, value in settings.weights.arguments.items() if name != "weight_decay"}
        own = Optimizer(settings.weights.name, {**free, "weight_decay": 0.0})
        self.guesses = make_optimizer(own, self.discriminator.parameters())
        self.fista = Fista(student.masks, settings.sparse if sparse is None else sparse, settings.keep)
        self.stops: list[Stop] = []
        self._losing = Losing(student, seed)

    def step(self, step: int) -> Figures:
        """The discriminator's turn and the student's on a batch; losses as scalars on the device."""
        fallen = 0.1 ** int(step / self.steps / STAGES + 1e-9)
        rate = float(self.settings.weights.arguments["lr"]) * fallen
        set_rate(self.weights, rate)
        set_rate(self.guesses, rate)
        x_NCFT, _ = self.batches.at(step)
        self.student.train()
        with torch.no_grad():
            theirs = self.teacher(x_NCFT).float()
        with self._losing.of(step):
            ours = self.student(x_NCFT).float()
        guess = self._discriminate(theirs, ours.detach())
        return {**self._learn(theirs, ours, step, self.settings.rate * fallen), "discriminator": guess}

    def _discriminate(self, theirs: Tensor, ours: Tensor) -> Tensor:
        """Raise equation 5 and the regularizer R(W_D) = E[log D(f_g)] of equation 7; logits (N, classes)."""
        real, fake = self.discriminator(theirs), self.discriminator(ours)
        loss = F.softplus(-real).mean() + F.softplus(fake).mean() + F.softplus(-fake).mean()
        self.guesses.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.guesses.step()
        return loss.detach()

    def _learn(self, theirs: Tensor, ours: Tensor, step: int, rate: float) -> Figures:
        """Lower equations 5 and 6 by the student's weights and masks; |s|_1 is in the proximal step."""
        one = self.settings
        keep = 1.0 - one.noise
        generator = seeded(self.seed, "noise", step)
        noise = torch.rand(ours.shape, generator=generator).lt(keep).to(ours) / keep
        adversarial = -F.softplus(self.discriminator(ours * noise)).mean()  # E[log(1 - D(f_g(x, z)))]
        distance = (theirs - ours).square().sum(dim=1).mean() / 2
        loss = one.logits * distance + one.adversarial * adversarial
        self.weights.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.weights.step()
        self.fista.step(step, rate)
        agree = (theirs.argmax(1) == ours.detach().argmax(1)).float().mean()
        return {"distance": distance.detach(), "adversarial": adversarial.detach(), "agreement": agree}

    def record(self) -> dict[str, Any]:
        """The accuracy of the student on validation, how many parts are left, the learning rate."""
        removed = {place: parts for place, parts in self.student.removed.items() if parts}
        right = accuracy(self.student, self.validation, self.batches.device)
        self.stops.append(Stop(right, removed))
        total = sum(len(mask) for mask in self.student.masks.values())
        rate = float(self.weights.param_groups[0]["lr"])
        return {
            "validation_accuracy": right,
            self.student.of: float(total - self.stops[-1].count),
            "learning_rate": rate,
        }

    @property
    def ended(self) -> bool:
        """Whether the game is over before its end: no student has been better for so many epochs."""
        patience = self.settings.patience
        return (
            patience is not None and without_better(self.stops, self.target, self.settings.within) >= patience
        )

    def scores(self) -> dict[Instance, float]:
        """Scores by which parts rank: the step at which their mask became 0, then the mask that is left."""
        found: dict[Instance, float] = {}
        for place, parts in self.student.parts.items():
            masks, reached = self.student.masks[place].tolist(), self.fista.reached[place].tolist()
            for part, mask, step in zip(parts, masks, reached, strict=True):
                found[place, part] = float(step) if step >= 0 else self.steps + mask
        return found

    def state_dict(self) -> dict[str, Any]:
        """Student, masks, discriminator, their optimizers, and the student after each epoch."""
        return {
            "student": self.student.state_dict(),
            "fista": self.fista.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "weights": self.weights.state_dict(),
            "guesses": self.guesses.state_dict(),
            "stops": [
                (one.accuracy, {place: list(parts) for place, parts in one.removed.items()})
                for one in self.stops
            ],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        self.student.load_state_dict(state["student"])
        self.fista.load_state_dict(state["fista"])
        self.discriminator.load_state_dict(state["discriminator"])
        take_up(self.weights, state["weights"])
        take_up(self.guesses, state["guesses"])
        self.stops = [
            Stop(float(right), {place: tuple(parts) for place, parts in removed.items()})
            for right, removed in state["stops"]
        ]


def discriminator(classes: int, hidden: tuple[int, ...], seed: int) -> nn.Sequential:
    """Logits (N, classes) -> (N, 1): above 0 where they look like the teacher's. Weights are N(0, 0.01)."""
    widths = [classes, *hidden, 1]
    layers: list[nn.Module] = []
    generator = seeded(seed, "discriminator")
    for before, after in pairwise(widths):
        layer = nn.Linear(before, after)
        nn.init.normal_(layer.weight, 0.0, INITIAL, generator=generator)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def stop_of(stops: list[Stop], teacher: float, tolerance: float) -> Stop | None:
    """The student with the fewest parts whose accuracy on validation is within a tolerance of the teacher's.

    The first of equal ones; None where none has lost a part within it.
    """
    able = [one for one in stops if one.count and one.accuracy >= teacher - tolerance]
    return max(able, key=lambda one: one.count, default=None)


def without_better(stops: Sequence[Stop], teacher: float, tolerance: float) -> int:
    """The epochs since a student was better than all before it; 0 as long as every part is there.

    Better is one that is more accurate on validation, or that has fewer parts and is within a tolerance of
    the teacher's accuracy.
    """
    waited, best, fewest = 0, -1.0, 0
    for one in stops:
        smaller = one.count > fewest and one.accuracy >= teacher - tolerance
        waited = 0 if smaller or one.accuracy > best or not one.count else waited + 1
        best = max(best, one.accuracy)
        fewest = one.count if smaller else fewest
    return waited
