"""Construction of what the training loop trains: a search of an experiment, a retraining of a genotype."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..data.features import Prepared
from ..data.frontend.frontend import FrontEndModule
from ..ir.analysis.polynomial_layers import polynomial_layers
from ..ir.genotype import Genotype
from ..ir.positions import network_of
from ..ir.verify import verify
from ..lower.network import polynomial_parameters
from ..lower.paths import SampledSupernet
from ..lower.pruned import PrunedNetwork
from ..methods.method import SampledMethod, relaxed
from ..passes import supernet_passes
from ..passes.dropout import drop_skips
from ..passes.narrow import Kept, narrow
from ..resolve.settings import StageSettings
from ..search.relaxed.progressive import Searching, SearchStageSteps, steps_of_stages
from ..search.relaxed.step import RelaxedSearch
from ..search.sampled.draws import Draws
from ..search.sampled.step import SupernetTraining
from ..train.batches import Batches, seeded
from ..train.processes import ALONE, Processes
from ..train.retraining import Retraining
from .experiment import Experiment
from .judging import judged_clips


def searching(experiment: Experiment, prepared: Prepared, device: torch.device) -> Searching:
    """The search of an experiment, at its first step.

    Raises DslnasError N0601 where it has fewer steps than stages, N0307 where one clip is not enough for it.
    """
    settings, method = experiment.settings, relaxed(experiment.method)
    stage, seed = settings.search, settings.seed
    clips = judged_clips(experiment, prepared)
    train = _batches(experiment, stage, prepared, clips.weights, "search-train", device)
    held = train.part(clips.architecture, "search-held")
    _check_single(experiment, experiment.search_stages, train, held)
    stages = steps_of_stages(experiment.search_steps(train.per_epoch), stage.warmup, method.stages)

    def begin(number: int, kept: Kept) -> RelaxedSearch:
        search = _begun(experiment, number, stages[number], kept, device)
        search.class_weights = train.weights
        return search

    offered = {id: p.options for program in experiment.supernets for id, p in program.choices.items()}
    return Searching(begin, stages, offered, train, held, seed)


def sampling(
    experiment: Experiment, heard: Sequence[Prepared], device: torch.device, processes: Processes = ALONE
) -> SupernetTraining:
    """The training of the supernet of a sampled method, at its first step.

    heard: the data for each input of the network. processes: those that train it, of which this is one.
    Raises DslnasError N0307 where one clip is not enough, N0603 where these processes cannot train it.
    """
    settings, method = experiment.settings, experiment.method
    assert isinstance(method, SampledMethod) and method.supernet is not None, "the method samples"
    stage, seed, program = settings.search, settings.seed, experiment.supernet
    clips = judged_clips(experiment, heard[0]).weights
    batches = [_batches(experiment, stage, one, clips, "search-train", device) for one in heard]
    _check_single(experiment, [stage], *batches)
    supernet = SampledSupernet(program, seed).to(device)
    processes.check(supernet, min(stage.batch, len(clips)), device)
    return SupernetTraining(
        supernet,
        method,
        Draws(program, method.keeping, method.supernet, seed),
        batches,
        experiment.search_steps(batches[0].per_epoch),
        settings.precision == "bfloat16",
        polynomial_parameters(supernet.network, polynomial_layers(program)),
        processes,
    )


def _begun(
    experiment: Experiment, number: int, steps: SearchStageSteps, kept: Kept, device: torch.device
) -> RelaxedSearch:
    """A search stage at its first step, with new weights and architecture parameters."""
    settings, method = experiment.settings, relaxed(experiment.method)
    stage, seed = settings.search, settings.seed
    program = experiment.supernets[number]
    if kept:
        program = verify(narrow(program, kept), "narrow")
    passes = supernet_passes(program, stage.batch, stage.recompute, device.type)
    if steps.stage.dropout:
        passes = (drop_skips, *passes)
    rate = stage.travel / steps.moving if stage.travel is not None and steps.moving else None
    own = seed if number == 0 else seeded(seed, "stage", number).initial_seed()
    search = RelaxedSearch(program, method, own, rate, device, passes)
    if settings.precision == "bfloat16":
        search.use_bfloat16()
    return search


def retraining(
    experiment: Experiment, genotype: Genotype, prepared: Prepared, device: torch.device
) -> Retraining:
    """The retraining of a genotype from scratch, at its first step; DslnasError N0307 as `searching`."""
    settings = experiment.settings
    stage, seed = settings.train, settings.seed
    batches = batches_of(experiment, prepared, "train", device)
    _check_single(experiment, [stage], batches)
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
        polynomial_parameters(
            network.network, polynomial_layers(network_of(experiment.evaluation, genotype)[0])
        ),
    )


def trained(
    experiment: Experiment, genotype: Genotype, prepared: Prepared, device: torch.device
) -> nn.Module:
    """The network of a genotype after its whole retraining, without a word; errors as `retraining`."""
    trainee = retraining(experiment, genotype, prepared, device)
    for step in range(trainee.steps):
        trainee.step(step)
    with trainee.averaged():
        return deepcopy(trainee.network)


def batches_of(experiment: Experiment, prepared: Prepared, name: str, device: torch.device) -> Batches:
    """The batches of all training clips, as the retraining has them; `name` decides their order."""
    indices = torch.arange(len(prepared.train))
    return _batches(experiment, experiment.settings.train, prepared, indices, name, device)


def _batches(
    experiment: Experiment,
    stage: StageSettings,
    prepared: Prepared,
    indices: Tensor,
    name: str,
    device: torch.device,
) -> Batches:
    """The batches of a stage, over some of the training clips."""
    return Batches(
        prepared.train,
        indices,
        stage.batch,
        FrontEndModule(prepared.frontend, prepared.noise).to(device),
        experiment.settings.seed,
        name,
        device,
        stage.balance,
        len(prepared.classes),
    )


def _check_single(experiment: Experiment, stages: Sequence[StageSettings], *batches: Batches) -> None:
    """Raise DslnasError N0307 where there is a single clip, and a norm has a single value of it."""
    if any(len(one.indices) == 1 for one in batches):
        for stage in stages:
            experiment.built(replace(stage, batch=1))
