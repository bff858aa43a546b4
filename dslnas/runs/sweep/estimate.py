"""Estimates of the sizes and the times of a sweep's trials, before one is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from ...ir.analysis import extent
from ...ir.walk import cost
from ...methods.method import SampledMethod
from ...resolve.sweeps import Configuration
from ..experiment import Experiment
from ..judging import Counted, counted
from ..plan.probe import Timing, lengths, probe
from ..plan.stages import planned_stages
from .trials import SweepFile, Trial


@dataclass(frozen=True)
class Size:
    """Parameters, and multiply-accumulates for one example, of the supernet and of the largest network.

    For a search in several stages, the parameters of the largest supernet and the mean of the
    multiply-accumulates.
    """

    supernet_params: int
    supernet_macs: int
    network_params: int
    network_macs: int


@dataclass(frozen=True)
class Estimate:
    """A trial with its parameters and its seconds; None where the time is unknown.

    params: of the supernet for a search, of the largest network of the space for a retraining.
    """

    trial: Trial
    params: int
    seconds: float | None


def estimates(file: SweepFile, trials: Sequence[Trial], device: str = "auto") -> list[Estimate]:
    """The trials with estimated sizes and times.

    Real steps of the first configuration whose search has any are measured on this machine; those of the
    others follow from their multiply-accumulates, batches and steps. Reading the data, the tests, the reports
    and the judging of candidates that inherit their weights are not covered, and a retraining counts as the
    largest network of its space. Imports torch.
    """
    configurations = {trial.configuration.name: trial.configuration for trial in trials}
    experiments = {name: file.experiment(one) for name, one in configurations.items()}
    sizes = {name: size_of(experiment) for name, experiment in experiments.items()}
    timings = _timings(file.request.data_root, configurations, experiments, sizes, device)
    found = []
    for trial in trials:
        name = trial.configuration.name
        size, timing = sizes[name], timings.get(name)
        seconds = None if timing is None else timing.search if trial.searches else timing.train
        params = size.supernet_params if trial.searches else size.network_params
        found.append(Estimate(trial, params, seconds))
    return found


def size_of(experiment: Experiment) -> Size:
    """The sizes of an experiment's networks, without building one."""
    supernets = [stage.cost for stage in planned_stages(experiment)]
    keep = experiment.method.keeping
    program = experiment.evaluation
    params = cost(program, extent.extreme(program, keep, lambda one: one.params, -1)).params
    macs = cost(program, extent.extreme(program, keep, lambda one: one.macs, -1)).macs
    return Size(
        max(one.params for one in supernets), round(mean(one.macs for one in supernets)), params, macs
    )


def _timings(
    data_root: Path | None,
    configurations: Mapping[str, Configuration],
    experiments: Mapping[str, Experiment],
    sizes: Mapping[str, Size],
    device: str,
) -> dict[str, Timing]:
    """The times of each configuration, scaled from the measured steps of one; empty without a search."""
    searched = [name for name, one in configurations.items() if one.searched]
    if not searched:
        return {}
    # One whose search has steps tells the time of those of others; where none has, any will do.
    measured = next((name for name in searched if experiments[name].search_steps(1)), searched[0])
    steps, size = probe(experiments[measured], data_root, device), sizes[measured]
    base = experiments[measured].settings
    clips: dict[Any, Counted | None] = {}
    found: dict[str, Timing] = {}
    for name, experiment in experiments.items():
        settings = experiment.settings
        judge = (settings.search.judge, settings.seed, experiment.method.split)
        place = (experiment.data, settings.split, settings.fold, settings.folds, settings.clips, *judge)
        if place not in clips:
            clips[place] = counted(experiment, data_root)
        search = settings.search.batch * sizes[name].supernet_macs / (base.search.batch * size.supernet_macs)
        train = settings.train.batch * sizes[name].network_macs / (base.train.batch * size.network_macs)
        own = (steps.search_step * search, steps.warmup_step * search, steps.train_step * train)
        known = clips[place]
        if known is None and (settings.search.epochs or settings.train.epochs):
            continue  # the steps of an epoch are unknown
        search_seconds, train_seconds = lengths(experiment, known or Counted(0, 0), *own)
        search_seconds += _trained_alone(experiment) * own[-1]
        spent = (search_seconds, train_seconds)
        found[name] = Timing(steps.device, *own, None if known is None else known.train, *spent)
    return found


def _trained_alone(experiment: Experiment) -> int:
    """The steps of all networks that a search trains each alone."""
    method = experiment.method
    if not isinstance(method, SampledMethod):
        return 0
    return method.evaluations * method.trained
