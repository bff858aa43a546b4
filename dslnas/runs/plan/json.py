"""Serialization of plans as JSON data, for scripts."""

from __future__ import annotations

from typing import Any

from ...check.repairs import diagnostic_json
from .figures import Figures, Plan
from .memory import Memory
from .probe import Timing
from .sampling import PlannedSampling
from .stages import PlannedSearchStage


def to_json(plan: Plan, timing: Timing | None = None) -> dict[str, Any]:
    """The plan as nested JSON data; with `time` where steps were measured."""
    data: dict[str, Any] = {
        "space": plan.space,
        "method": plan.method,
        "data": {"name": plan.data, "classes": plan.classes, **(plan.roles.figures if plan.roles else {})},
        "preset": plan.preset,
        "choices": plan.choices,
        "size": plan.size,
        **_up_to_isomorphism(plan.classes_of_architectures),
        "cells": {
            cell.name: {
                "nodes": cell.nodes,
                "edges": cell.edges,
                "candidates": list(cell.candidates),
                "keep": cell.keep,
                "keeps": "pairs" if cell.pairs else "edges",
                "may_keep_fewer": cell.fewer,
                "uses": cell.uses,
                "size": cell.size,
                **_up_to_isomorphism(cell.classes),
                "fixed": cell.fixed,
            }
            for cell in plan.cells
        },
        "other_choices": {id: list(options) for id, options in plan.others},
        "params": _figures(plan.params),
        "macs": _figures(plan.macs),
        "order": {
            "operations": dict(plan.order.operations),
            "cells": dict(plan.order.cells),
            "network": plan.order.network if plan.order.network < 10**300 else None,  # what JSON readers take
        },
        "memory": {
            "peak": plan.memory.peak,
            "architecture_step": plan.memory.architecture,
            "weight_step": plan.memory.weights,
            "resting": plan.memory.resting,
            "recomputing": plan.recomputing.peak,
        },
        "code": [{"flash": one.flash, "ram": one.ram} for one in plan.footprints],
        "stages": [_stage(*stage) for stage in zip(plan.search_stages, plan.memories, strict=True)],
        "types": {
            "frontend": [{"stage": step, "type": type} for step, type in plan.frontend],
            "network": [
                {"stage": block.name, "type": block.type, "inputs": dict(block.inputs)}
                for block in plan.network
            ],
        },
        **({} if plan.sampling is None else {"sampling": _sampling(plan.sampling)}),
        "settings": dict(plan.settings),
        "warnings": [diagnostic_json(warning) for warning in plan.warnings],
    }
    if timing is not None:
        data["time"] = {
            "device": timing.device,
            "step_seconds": timing.search_step,
            "warmup_step_seconds": timing.warmup_step,
            "train_step_seconds": timing.train_step,
            "clips": timing.clips,
            "search_seconds": timing.search,
            "train_seconds": timing.train,
            **_candidates(timing),
            "total_seconds": timing.total,
        }
    return data


def _candidates(timing: Timing) -> dict[str, float]:
    """The times of the candidates of a sampled method."""
    if timing.evaluation is None:
        return {}
    return {
        "evaluation_seconds": timing.evaluation,
        "evolution_seconds": timing.evolution,
        "random_seconds": timing.random,
    }


def _sampling(sampling: PlannedSampling) -> dict[str, Any]:
    table = sampling.latency
    data: dict[str, Any] = {
        "supernet": sampling.kind,
        "paths": sampling.paths,
        "batches": sampling.batches,
        "trained": sampling.trained,
        "evaluations": sampling.evaluations,
        "drawn": sampling.drawn,
        "prices": {
            one.price: {"min": one.least, "median": one.median, "max": one.most, "proven": one.proven}
            for one in sampling.prices
        },
        "unknown": list(sampling.unknown),
        "require": [
            {"bound": bound.text, "limit": bound.limit, "share": share} for bound, share in sampling.shares
        ],
        "share": sampling.share,
        "random": {
            "asked": sampling.beside.asked,
            "share": sampling.beside.share,
            "there": sampling.beside.wanted,
        },
    }
    if table is not None:
        data["latency"] = {"error": table.error, "factor": table.factor, "networks": table.networks}
    return data


def _stage(stage: PlannedSearchStage, memory: Memory) -> dict[str, Any]:
    return {
        "repeat": stage.depth,
        "candidates": stage.candidates,
        "dropout": stage.dropout,
        "params": stage.cost.params,
        "macs": stage.cost.macs,
        "peak": memory.peak,
    }


def _up_to_isomorphism(classes: int | str) -> dict[str, int | str | None]:
    """The number of genotypes up to isomorphism; or null, and the reason."""
    if isinstance(classes, int):
        return {"size_up_to_isomorphism": classes}
    return {"size_up_to_isomorphism": None, "why_not_up_to_isomorphism": classes}


def _figures(figures: Figures) -> dict[str, Any]:
    data: dict[str, Any] = {
        "supernet": figures.supernet,
        "pruned": {"min": figures.pruned.least, "max": figures.pruned.most},
    }
    return data if figures.live is None else {**data, "live": figures.live}
