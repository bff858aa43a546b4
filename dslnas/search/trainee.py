"""What the loop trains: a search over two halves of the training clips, or the retraining of a genotype."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from .relaxed import RelaxedSearch
from .sampling import drawn


@dataclass
class Searching:
    """A relaxed search with its batches: `train` for the weights, `held` for the architecture.

    warmup: the first steps, which train the weights alone; the method's schedule runs over the others.
    seed: of what a step draws.
    """

    search: RelaxedSearch
    train: Batches
    held: Batches
    steps: int
    warmup: int
    seed: int = 0

    @property
    def per_epoch(self) -> int:
        return self.train.per_epoch

    def step(self, step: int) -> dict[str, Tensor]:
        progress = max(0.0, (step - self.warmup) / (self.steps - self.warmup))
        with drawn(self.search, self.seed, step, progress):
            if step < self.warmup:
                return self.search.warm_up(self.train.at(step))
            return self.search.step(self.held.at(step), self.train.at(step), progress)

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
    return Searching(search, train, held, steps, warmup, seed)


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
