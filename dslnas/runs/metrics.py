"""Metrics of a run other than those of its test: search, costs, machine, reduced sizes of the preset.

torch is imported only where it is used, since `cut` and `versions` are needed without it.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ..base.figures import is_number
from ..base.version import dslnas_version
from ..ir.analysis.traits import traits_of
from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.walk import Chosen, Everything, cost
from ..methods.method import Method, RelaxedMethod
from ..methods.stages import DEPTH
from ..passes.narrow import Kept, narrow
from ..prune.prune import strongest_options
from ..prune.threshold import kept_weights, threshold_of
from ..resolve.settings import AS_IN_THE_SEARCH, LENGTHS, PAPER_SEARCH, StageSettings
from .experiment import Experiment
from .load import published

if TYPE_CHECKING:
    import torch

    from ..search.relaxed.step import RelaxedSearch


def search_figures(
    search: RelaxedSearch, genotype: Genotype, evaluation: Program, alpha: Mapping[str, Sequence[float]]
) -> dict[str, dict[str, Any]]:
    """Metrics of a finished search: gaps, parameters and multiply-accumulates.

    There is no gap where the architecture was drawn and never trained.
    evaluation: the network that is retrained; alpha: the mixed weights of every choice point.
    """
    dead = {**strongest_options(search.program, alpha), **dict(genotype.choices)}
    chosen = Chosen.of(genotype)
    every = {id: one.sources for id, one in evaluation.selections.items()}
    live = cost(evaluation, chosen)
    gaps = {"gap": search.gap(), "gap_start": start_gap(search)} if search.method.arch else {}
    return {
        "search": {**gaps, **threshold_figures(search.method, search.program, genotype, alpha)},
        "params": {
            "live": live.params,
            "with_dead_edges": cost(evaluation, Chosen(dead, every, chosen.several)).params,
        },
        "macs": {"live": live.macs},
    }


def threshold_figures(
    method: RelaxedMethod, program: Program, genotype: Genotype, alpha: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Which kept choices weigh no more than a threshold; nothing where weights are not made to pass one.

    The threshold is that of the method, or where candidates have sigmoids that of FairDARTS.
    """
    value = threshold_of(method)
    if value is None or method.arch is None:
        return {}
    kept = kept_weights(program, genotype, alpha)
    below = [
        {"choice": id, "option": option, "weight": weight} for id, option, weight in kept if weight <= value
    ]
    return {"threshold": {"value": value, "choices": len(kept), "below": below}}


def stage_figures(experiment: Experiment, kept: Sequence[Kept]) -> dict[str, dict[str, Any]]:
    """Metrics of the stages of a finished search, by their numbers from 1 on.

    kept: for each stage, the options that remained at choice points.
    """
    found = {}
    stages = zip(experiment.search_stages, experiment.supernets, kept, strict=True)
    for number, (settings, whole, options) in enumerate(stages, start=1):
        program = narrow(whole, options)
        found[str(number)] = {
            "repeat": settings.parameters.get(DEPTH),
            "candidates": max((len(point.options) for point in program.choices.values()), default=0),
            "params": cost(program, Everything()).params,
        }
    return found


def start_gap(search: RelaxedSearch) -> float:
    """The gap before the first step, with architecture parameters at zero, where it has a closed form."""
    from ..lower.supernet import Architecture
    from ..search.relaxed.step import gap_of

    start = Architecture(search.program, replace(search.method, start=0.0), 0).requires_grad_(False)
    return gap_of(search.program, search.method, start.mixed_alpha(), start.mixed_gamma())


def describe_choices(program: Program, method: Method) -> dict[str, Any]:
    """The choice points of a built program, their options and traits as JSON data (`choices.json`).

    method: what it keeps of the edges into a node; `pairs` is there where it keeps pairs of an edge and a
    candidate.
    """
    pairs = {"pairs": True} if method.keeping.pairs else {}
    return {
        "edges": {
            id: {
                "cell": p.cell,
                "node": p.node,
                "source": p.source,
                "candidates": list(p.options),
                "zeros": list(p.zeros),
            }
            for id, p in program.choices.items()
        },
        "nodes": {
            id: {"cell": s.cell, "sources": list(s.sources), "keep": s.keep, **pairs}
            for id, s in program.selections.items()
        },
        "cells": {name: asdict(traits) for name, traits in traits_of(program).items()},
    }


def _place(origin: str) -> str:
    """Where something is said, a file by its name: metrics hold no folder of the machine."""
    return PurePath(origin).name if origin.endswith(".nas") else origin


def cut(experiment: Experiment, searched: bool = True) -> list[str]:
    """The differences from the paper's sizes, in words, and who says those that no profile makes.

    Those of the search are told where there is one: a space without choices has none, and a draw at random
    takes no steps. searched: False where the genotype is given and comes from elsewhere.
    """
    settings, whole = experiment.settings, published(experiment)
    if whole is None:
        return []

    def by(stage: str, *keys: str) -> str:
        """Where one of these settings is said, unless in the preset of a profile."""
        origins = [settings.origins.get(f"{stage}.{key}", "profile") for key in keys]
        said = [f"`{_place(origin)}`" for origin in origins if not origin.startswith("profile ")]
        return f", as {said[0]} says" if said and said[0] != "`profile`" else ""

    found: list[str] = []
    told: dict[str, tuple[Any, Any]] = {}
    searched = searched and experiment.only_genotype is None and experiment.search_steps(1) > 0
    stages = (
        *([("search", "search", settings.search, whole.search)] if searched else []),
        ("train", "retraining", settings.train, whole.train),
    )
    for stage, name, ours, theirs in stages:
        mine = {**ours.parameters, "batch": ours.batch, "mixup": ours.mixup}
        papers = {**theirs.parameters, "batch": theirs.batch, "mixup": theirs.mixup}
        if _length(ours) != _length(theirs):
            found.append(f"{name}: {_length(ours)} instead of {_length(theirs)}{by(stage, *LENGTHS)}")
        for key, value in mine.items():
            paper = papers.get(key)
            inherited = settings.origins.get(f"{stage}.{key}", AS_IN_THE_SEARCH) == AS_IN_THE_SEARCH
            if inherited and told.get(key) == (value, paper):
                continue  # the training has it from the search, where it is told
            if is_number(value) and is_number(paper) and value != paper:
                found.append(f"{name}: {key} {value:g} instead of {paper:g}{by(stage, key)}")
                told[key] = (value, paper)
    for key in ("lr", "weight_decay"):
        value, own = getattr(settings.train, key), experiment.method.retrain.arguments.get(key)
        if value is not None and value != own and getattr(whole.train, key) is None:
            found.append(f"retraining: {key} {value:g} instead of {own or 0:g}{by('train', key)}")
    if not searched or not isinstance(experiment.method, RelaxedMethod):
        return found  # there is no architecture that moves by a rate of its own
    search, full = settings.search, whole.search
    if search.warmup != full.warmup:
        share = f"the first {search.warmup:.0%} of the steps train the weights alone"
        found.append(f"search: {share}{by('search', 'warmup')}")
    if search.travel is not None and full.travel is None:
        found.append(
            "search: the learning rate of the architecture is scaled so that learning rate x steps is "
            f"{search.travel:g} (the paper's {PAPER_SEARCH.steps:,} steps at {PAPER_SEARCH.rate} come to "
            f"{PAPER_SEARCH.travel:g}){by('search', 'travel')}"
        )
    return found


def _length(stage: StageSettings) -> str:
    return f"{stage.steps} steps" if stage.steps else f"{stage.epochs} epochs"


def versions() -> dict[str, str]:
    """The versions of dslnas, torch and Python, and the platform."""
    from importlib.metadata import version

    return {
        "dslnas": dslnas_version(),
        "torch": version("torch"),
        "python": platform.python_version(),
        "platform": sys.platform,
    }


def machine(device: torch.device) -> dict[str, Any]:
    """The machine of a run: the name of the accelerator, or `CPU`, and the processor threads."""
    import torch

    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name(device) if cuda else "CPU" if device.type == "cpu" else device.type
    return {"device": name, "threads": torch.get_num_threads()}
