"""What a run would do, before it is done: choices, sizes, costs, types and settings of an experiment.

Free of torch, but for `probe`, which takes one real step of the search.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from . import extent
from .data import KNOWN, DataOptions, locate
from .diagnostics import Diagnostic
from .diagnostics import to_json as diagnostic_json
from .experiment import Experiment, describe_settings
from .extent import Extremes
from .genotype import Genotype
from .graph import Graph, Program
from .lower.walk import Chosen, Everything, cost, walk
from .prune import validate

# What training holds of the size of the weights, beside them: the gradient, what the optimizer keeps.
_COPIES: Mapping[str, int] = {"sgd": 2, "adam": 3, "adamw": 3}
_BYTES = {"float32": 4, "bfloat16": 2}


@dataclass(frozen=True)
class CellChoices:
    """The choices of one kind of cell. uses: how many cells of this kind the supernet has."""

    name: str
    nodes: int
    edges: int
    candidates: tuple[str, ...]
    keep: int
    uses: int


@dataclass(frozen=True)
class NetworkStage:
    """A stage of the network: its name, what it hands out, and what a cell makes of its inputs."""

    name: str
    type: str
    inputs: tuple[tuple[str, str], ...] = ()  # where edges come from -> the primitives that lead there


@dataclass(frozen=True)
class Figures:
    """Parameters, or multiply-accumulates for one example.

    supernet: as it is searched. pruned: over all genotypes, as they are retrained. live: of one genotype.
    """

    supernet: int
    pruned: Extremes
    live: int | None = None


@dataclass(frozen=True)
class Memory:
    """An estimate, in bytes, of what a step of the search holds at its peak.

    activations: every value of the graph once, for a batch, as the backward pass needs it.
    weights: the weights, their gradients and what the optimizer keeps.
    """

    activations: int
    weights: int

    @property
    def total(self) -> int:
        return self.activations + self.weights


@dataclass(frozen=True)
class Step:
    """One measured step of the search.

    clips: in the training split, None where the data is not there; search_seconds: of the whole search then.
    """

    seconds: float
    device: str
    clips: int | None = None
    search_seconds: float | None = None


@dataclass(frozen=True)
class Plan:
    """All that can be said of an experiment before it runs."""

    space: str
    method: str
    data: str
    preset: str
    classes: int
    cells: tuple[CellChoices, ...]
    others: tuple[
        tuple[str, tuple[str, ...]], ...
    ]  # choice points that are no edge of a cell, with their options
    choices: int
    size: int
    params: Figures
    macs: Figures
    memory: Memory
    frontend: tuple[tuple[str, str], ...]  # stage, type
    network: tuple[NetworkStage, ...]  # of the supernet
    settings: Mapping[str, Any]
    warnings: tuple[Diagnostic, ...]


def plan(experiment: Experiment, genotype: Genotype | None = None) -> Plan:
    """The plan of an experiment, and of one of its genotypes; raises DslnasError where they do not fit."""
    supernet, evaluation = experiment.supernet, experiment.evaluation
    keep = experiment.method.keep_edges
    chosen = Chosen.of(validate(genotype, evaluation)) if genotype else None
    whole = cost(supernet, Everything())
    live = cost(evaluation, chosen) if chosen else None
    return Plan(
        space=experiment.space.name,
        method=experiment.method.name,
        data=experiment.data,
        preset=experiment.settings.preset,
        classes=len(experiment.classes),
        cells=_cells(supernet, keep),
        others=_others(supernet),
        choices=len(supernet.choices),
        size=extent.size(supernet, keep),
        params=Figures(whole.params, extent.params_extremes(evaluation, keep), live.params if live else None),
        macs=Figures(whole.macs, extent.macs_extremes(evaluation, keep), live.macs if live else None),
        memory=memory(experiment, supernet),
        frontend=_frontend(experiment),
        network=_network(supernet),
        settings=describe_settings(experiment),
        warnings=(*experiment.warnings, *_stale(genotype, experiment)),
    )


def _stale(genotype: Genotype | None, experiment: Experiment) -> list[Diagnostic]:
    if genotype is None or genotype.space_hash == experiment.space_hash:
        return []
    message = f"the genotype was found in another version of space `{experiment.space.name}`"
    return [
        Diagnostic("N0502", message, severity="warning", help="its choices fit, its operations may differ")
    ]


def _cells(program: Program, keep: int | None) -> tuple[CellChoices, ...]:
    uses = [node.cell.partition(":")[0] for node in program.network.of_kind("call")]
    found = []
    for name in program.kinds:
        selections = [s for s in program.selections.values() if s.cell == name]
        edges = [edge for s in selections for edge in s.edges]
        offered = dict.fromkeys(
            o for edge in edges if edge in program.choices for o in program.choices[edge].options
        )
        kept = max((s.keep if keep is None else keep for s in selections), default=0)
        found.append(CellChoices(name, len(selections), len(edges), tuple(offered), kept, uses.count(name)))
    return tuple(found)


def _others(program: Program) -> tuple[tuple[str, tuple[str, ...]], ...]:
    edges = {edge for selection in program.selections.values() for edge in selection.edges}
    return tuple((id, point.options) for id, point in program.choices.items() if id not in edges)


def _frontend(experiment: Experiment) -> tuple[tuple[str, str], ...]:
    frontend = experiment.frontend
    wave = ("wave", f"{frontend.rate} Hz, {frontend.clip:g} s")
    return (wave, *((stage.primitive, str(stage.output)) for stage in frontend.stages))


def _network(program: Program) -> tuple[NetworkStage, ...]:
    stages = []
    for step in walk(program.network, Everything()):
        node = step.node
        if node.kind == "call":
            graph, kind = program.cells[node.cell], program.kinds[node.cell.partition(":")[0]]
            made = tuple((name, _adapter(graph, name)) for name in kind.inputs)
            stages.append(NetworkStage(node.id, str(node.type), made))
        elif node.kind != "output":
            stages.append(NetworkStage(node.id, str(node.type)))
    return tuple(stages)


def _adapter(graph: Graph, name: str) -> str:
    """The primitives that make a cell's intermediate of its input."""
    parts = [node.primitive for node in graph if node.kind == "primitive" and node.id.startswith(f"{name}/")]
    return " ".join(parts) or "the input itself"


# --- memory and time -----------------------------------------------------------------------------------


def memory(experiment: Experiment, supernet: Program) -> Memory:
    """What a step of the search holds at its peak, in bytes.

    An estimate: that each value of the graph is kept once for the backward pass is what most layers do; the
    workspace of the kernels and the data come on top of it.
    """
    values = _values(supernet) * experiment.settings.search.batch
    weights = cost(supernet, Everything()).params
    copies = 1 + _COPIES[experiment.method.weights.name]
    return Memory(values * _BYTES[experiment.settings.precision], weights * copies * _BYTES["float32"])


def _values(program: Program) -> int:
    """The numbers that the supernet computes for one example."""

    def of_graph(graph: Graph) -> int:
        held = (node for node in graph if node.kind in ("primitive", "mix", "sum"))
        return sum(prod(node.type.shape) for node in held)

    called = program.network.of_kind("call")
    return of_graph(program.network) + sum(of_graph(program.cells[node.cell]) for node in called)


def probe(experiment: Experiment, data_root: Path | None = None, device: str = "auto") -> Step:
    """Take a step of the search as a run would, on noise in place of features, and measure a second one.

    Imports torch. The data set is only counted, and only where nothing must be fetched or made for that.
    """
    import time

    import torch

    from .search.loop import pick_device
    from .search.relaxed import RelaxedSearch

    where, settings = pick_device(device), experiment.settings
    search = RelaxedSearch(experiment.supernet, experiment.method, settings.seed, None, where)
    if settings.precision == "bfloat16":
        search.use_bfloat16()
    features = torch.randn(settings.search.batch, *experiment.frontend.output.shape, device=where)
    labels = torch.arange(settings.search.batch, device=where) % len(experiment.classes)
    for _ in range(2):
        started = time.perf_counter()
        figures = search.step((features, labels), (features, labels), 1.0)
        float(figures["loss"])  # waits for the device
        seconds = time.perf_counter() - started
    clips = _train_clips(experiment, data_root)
    if clips is None:
        return Step(seconds, str(where))
    per_epoch = max(1, round(clips * experiment.method.split) // settings.search.batch)
    return Step(seconds, str(where), clips, seconds * settings.search.length(per_epoch))


def _train_clips(experiment: Experiment, data_root: Path | None) -> int | None:
    """The clips of the training split, None where the data set would first have to be fetched or made."""
    from .data import open_data

    known = KNOWN.get(experiment.data)
    if known is not None and locate(known, data_root) is None:
        return None
    settings = experiment.settings
    options = DataOptions(settings.split, settings.fold, settings.skip_limit, settings.clips)
    return open_data(experiment.data, data_root, options).count("train")


# --- as data -------------------------------------------------------------------------------------------


def to_json(plan: Plan, step: Step | None = None) -> dict[str, Any]:
    """The plan as nested JSON data; `time` is there where a step was measured."""
    data: dict[str, Any] = {
        "space": plan.space,
        "method": plan.method,
        "data": {"name": plan.data, "classes": plan.classes},
        "preset": plan.preset,
        "choices": plan.choices,
        "size": plan.size,
        "cells": {
            cell.name: {
                "nodes": cell.nodes,
                "edges": cell.edges,
                "candidates": list(cell.candidates),
                "keep": cell.keep,
                "uses": cell.uses,
            }
            for cell in plan.cells
        },
        "other_choices": {id: list(options) for id, options in plan.others},
        "params": _figures(plan.params),
        "macs": _figures(plan.macs),
        "memory": {
            "estimate": plan.memory.total,
            "activations": plan.memory.activations,
            "weights": plan.memory.weights,
        },
        "types": {
            "frontend": [{"stage": stage, "type": type} for stage, type in plan.frontend],
            "network": [
                {"stage": stage.name, "type": stage.type, "inputs": dict(stage.inputs)}
                for stage in plan.network
            ],
        },
        "settings": dict(plan.settings),
        "warnings": [diagnostic_json(warning) for warning in plan.warnings],
    }
    if step is not None:
        data["time"] = {
            "step_seconds": step.seconds,
            "device": step.device,
            "clips": step.clips,
            "search_seconds": step.search_seconds,
        }
    return data


def _figures(figures: Figures) -> dict[str, Any]:
    data: dict[str, Any] = {
        "supernet": figures.supernet,
        "pruned": {"min": figures.pruned.least, "max": figures.pruned.most},
    }
    return data if figures.live is None else {**data, "live": figures.live}
