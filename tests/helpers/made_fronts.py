"""Runs that a search by sampling has left, made up from a seed: what was compared, and the front of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from small import random_genotype

from dslnas.ir.genotype import Genotype, to_json
from dslnas.ir.names import edge_id, node_id
from dslnas.ir.walk import Chosen, cost
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run, lay_out

LAYERS = """
use "lib/methods.nas"
op layer(k = choose {3, 5, 7}, wide = choose {1, 2, 4}) =
    (x -> conv(1, wide * C_in) -> dwconv(k) -> conv(1, C_in) -> bn -> relu) + x
space Layers(channels = 4) {
    network = input -> conv(3, channels) -> 3 times layer -> global_pool -> linear(classes)
}
experiment {
    space:  Layers
    method: nasc
    data:   DATA
}
"""
FEW = ("search.batch=4", "train.batch=4", "train.steps=3", "train.mixup=0")


def layered(folder: Path, data: str = "fsdd", *overrides: str) -> Experiment:
    """An experiment on a small layer-wise space, by a sampled method; its text is written to the folder."""
    path = folder / "layers.nas"
    path.write_text(LAYERS.replace("DATA", data if ":" not in data else "fsdd"), encoding="utf-8")
    return load(path, Request(data=data, overrides=(*FEW, *overrides)))


def write_searched(folder: Path, experiment: Experiment, count: int = 40, seed: int = 0) -> Run:
    """A run whose search by sampling is done, with the networks that it compared and their front."""
    run = lay_out(experiment, folder, device="cpu", command="dslnas run layers.nas")
    write_front(folder, experiment, count, seed)
    front = json.loads((folder / "front.json").read_text())
    knee = next(one for one in front["points"] if one["knee"])
    run.folder.write_json("genotype.json", knee["genotype"])
    run.folder.write_json("choices.json", {"edges": {}, "nodes": {}, "cells": {}})
    run.folder.update_metrics(search={"evaluations": count})
    return run


def write_front(folder: Path, experiment: Experiment, count: int = 40, seed: int = 0) -> dict[str, Any]:
    """`evaluations.jsonl` and `front.json` of so many networks, half of them of random search."""
    chance = random.Random(seed)
    lines, found = [], []
    for place in range(count):
        genotype = random_genotype(experiment.evaluation, seed * 1000 + place)
        figures = made_up(experiment, genotype, chance)
        by = "evolution" if place % 2 == 0 else "random"
        lines.append(
            {
                "key": str(place),
                "candidate": candidate_of(genotype),
                "figures": figures,
                "by": by,
                "generation": place // 8,
            }
        )
        found.append((genotype, figures, by, place // 8))
    (folder / "evaluations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    data = front_of(found)
    (folder / "front.json").write_text(json.dumps(data))
    return data


def made_up(experiment: Experiment, genotype: Genotype, chance: random.Random) -> dict[str, float]:
    """Figures of a network: real costs, and an accuracy that grows with them."""
    costs = cost(experiment.evaluation, Chosen.of(genotype))
    right = 0.5 + 0.4 * (1 - 1 / (1 + costs.params / 400)) + chance.uniform(-0.05, 0.05)
    return {
        "accuracy": round(right, 4),
        "macro_f1": round(right - 0.01, 4),
        "params": costs.params,
        "macs": costs.macs,
        "memory": 40_000 + costs.params * 4,
        "latency": 1e-3 + costs.macs * 1e-10,
    }


def candidate_of(genotype: Genotype) -> dict[str, Any]:
    """The decisions of a genotype by choice point and by node."""
    found: dict[str, Any] = dict(genotype.choices)
    for cell in genotype.cells:
        for node in cell.nodes:
            found[node_id(cell.name, node.name)] = list(node.operations)
            for source, (operation, *_) in node.operations.items():
                found[edge_id(cell.name, node.name, source)] = operation
    return found


def front_of(found: list[tuple[Genotype, dict[str, float], str, int]]) -> dict[str, Any]:
    """The front of networks: most accurate for their parameters."""
    evolved = [one for one in found if one[2] == "evolution"]
    best = sorted(_best(evolved), key=lambda one: one[1]["params"])
    points = [
        {
            "number": number,
            "figures": figures,
            "feasible": figures["params"] < 1000,
            "knee": number == 1 + len(best) // 2,
            "genotype": to_json(genotype),
        }
        for number, (genotype, figures, _, _) in enumerate(best, start=1)
    ]
    options: dict[str, dict[str, int]] = {}
    for genotype, _, _, _ in best:
        for choice, option in genotype.choices:
            counts = options.setdefault(choice, {})
            counts[option] = counts.get(option, 0) + 1
    clouds = {
        by: [[figures["params"], figures["accuracy"], at] for _, figures, who, at in found if who == by]
        for by in ("evolution", "random")
    }
    return {
        "format": "dslnas-front",
        "version": 1,
        "objectives": {"maximize": ["accuracy", "macro_f1"], "minimize": ["params"]},
        "require": ["params < 1000"],
        "evaluations": len(evolved),
        "points": points,
        "random": [{"figures": one[1]} for one in _best([one for one in found if one[2] == "random"])],
        "population": clouds["evolution"],
        "random_population": clouds["random"],
        "hypervolume": [[10, 0.31, 0.28], [20, 0.42, 0.33]],
        "reference": {"accuracy": 0.1, "params": 2000},
        "shares": [[0, 1.0], [1, 0.7], [2, 0.4]],
        "options": options,
    }


def _best(found: list[Any]) -> list[Any]:
    """Those that no other beats in both parameters and accuracy."""
    return [
        one
        for one in found
        if not any(
            other[1]["params"] <= one[1]["params"]
            and other[1]["accuracy"] >= one[1]["accuracy"]
            and (other[1]["params"], other[1]["accuracy"]) != (one[1]["params"], one[1]["accuracy"])
            for other in found
        )
    ]
