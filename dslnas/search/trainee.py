"""What the loop trains: a search over two halves of the training clips, or the retraining of a genotype."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..data.features import Prepared
from ..data.frontend import FrontEndModule
from ..experiment import Experiment
from ..genotype import Genotype
from ..graph import Program
from ..lower.network import polynomial_parameters
from ..lower.pruned import PrunedNetwork
from ..method import relaxed
from ..passes import supernet_passes
from ..polynomials import polynomial_layers
from ..training import Retraining
from .batches import Batches, halves
from .formula import moment
from .relaxed import RelaxedSearch
from .replay import Figures, Replay, plainly, replay_on
from .sampling import drawn

WARM_UP = (-1.0,)  # the moment of steps of the weights alone


@dataclass
class Searching:
    """A relaxed search with its batches: `train` for the weights, `held` for the architecture.

    warmup: the first steps, which train the weights alone; the method's schedule runs over the others.
    seed: of what a step draws. replay: how steps are done on the device.
    """

    search: RelaxedSearch
    train: Batches
    held: Batches
    steps: int
    warmup: int
    seed: int = 0
    replay: Replay = field(default=plainly, repr=False)

    @property
    def per_epoch(self) -> int:
        return self.train.per_epoch

    def step(self, step: int) -> Figures:
        if step < self.warmup:
            return self.warm_up(step)
        return self.alternate(step, (step - self.warmup) / (self.steps - self.warmup))

    def warm_up(self, step: int) -> Figures:
        """A step of the weights alone."""
        with drawn(self.search, self.seed, step, 0.0):
            return self.replay(self._moment(WARM_UP), self._weights_alone, *self.train.at(step))

    def alternate(self, step: int, progress: float) -> Figures:
        """A step of the architecture, then of the weights. progress: the share of such steps that is done."""
        batches = (*self.held.at(step), *self.train.at(step))
        with drawn(self.search, self.seed, step, progress):
            at = self._moment(moment(self.search.method.loss, progress))
            return self.replay(at, partial(self._both, progress), *batches)

    def _moment(self, of_loss: tuple[float, ...] | None) -> Hashable:
        """Names what the host decides about a step; None where a draw decides it anew each time."""
        return None if self.search.method.temperature is not None else of_loss

    def _weights_alone(self, x_NCFT: Tensor, labels: Tensor) -> Figures:
        return self.search.warm_up((x_NCFT, labels))

    def _both(
        self, progress: float, held: Tensor, answers: Tensor, x_NCFT: Tensor, labels: Tensor
    ) -> Figures:
        return self.search.step((held, answers), (x_NCFT, labels), progress)

    def record(self) -> dict[str, Any]:
        alpha, gamma = self.search.mixed()
        return {"gap": self.search.gap(), "alpha": _rounded(alpha), "gamma": _rounded(gamma)}

    def state_dict(self) -> dict[str, Any]:
        return self.search.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.search.load_state_dict(state)


def _rounded(weights: Mapping[str, list[float]]) -> dict[str, list[float]]:
    return {id: [round(value, 6) for value in values] for id, values in weights.items()}


def searching(
    experiment: Experiment, program: Program, prepared: Prepared, device: torch.device
) -> Searching:
    """The search of an experiment, at its first step."""
    settings = experiment.settings
    stage, seed, method = settings.search, settings.seed, relaxed(experiment.method)
    frontend = FrontEndModule(experiment.frontend, prepared.noise).to(device)
    first, second = halves(prepared.train.labels, method.split, seed)
    train = Batches(prepared.train, first, stage.batch, frontend, seed, "search-train", device)
    held = Batches(prepared.train, second, stage.batch, frontend, seed, "search-held", device)
    steps = experiment.search_steps(train.per_epoch)
    warmup = max(0, min(steps - 1, round(stage.warmup * steps)))
    rate = stage.travel / (steps - warmup) if stage.travel is not None and steps else None
    passes = supernet_passes(program, stage.batch, stage.recompute, device.type)
    search = RelaxedSearch(program, method, seed, rate, device, passes)
    if settings.precision == "bfloat16":
        search.use_bfloat16()
    return Searching(search, train, held, steps, warmup, seed, replay_on(device))


def retraining(
    experiment: Experiment, genotype: Genotype, prepared: Prepared, device: torch.device
) -> Retraining:
    """The retraining of a genotype, at its first step."""
    settings = experiment.settings
    stage, seed = settings.train, settings.seed
    frontend = FrontEndModule(experiment.frontend, prepared.noise).to(device)
    batches = Batches(
        prepared.train, torch.arange(len(prepared.train)), stage.batch, frontend, seed, "train", device
    )
    network = PrunedNetwork(experiment.evaluation, genotype, seed).to(device)
    steps = stage.length(batches.per_epoch)
    stated = {key: getattr(stage, key) for key in ("lr", "weight_decay") if getattr(stage, key) is not None}
    own = experiment.method.retrain
    method = replace(experiment.method, retrain=replace(own, arguments={**own.arguments, **stated}))
    return Retraining(
        network,
        method,
        batches,
        steps,
        stage.mixup,
        prepared.validation,
        settings.precision == "bfloat16",
        polynomial_parameters(network.network, polynomial_layers(experiment.evaluation)),
    )
