"""Runs that a search by sampling has left, made up from a seed: what was compared, and the front of it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from dslnas.base.run_folder import CHOICES, EVALUATIONS, FRONT, GENOTYPE
from dslnas.ir.analysis.genes import Candidate, Genes
from dslnas.ir.genotype import to_json
from dslnas.ir.walk import cost
from dslnas.methods.budget import parse_requirements
from dslnas.methods.method import SampledMethod
from dslnas.runs.begin import lay_out
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.metrics import describe_choices
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.runs.searches.sampled import genes_of, sampled
from dslnas.search.evolved.archive import Archive, By, Entry
from dslnas.search.evolved.front import Evolved
from dslnas.search.evolved.front_file import to_front, write_front
from dslnas.search.evolved.goals import Goals
from dslnas.search.evolved.population import Individual

LAYERS = """
use "lib/methods.nas"
op layer(k = choose {3, 5, 7}, wide = choose {1, 2, 4}) =
    (x -> conv(1, wide * C_in) -> dwconv(k) -> conv(1, C_in) -> bn -> relu) + x
space Layers(channels = 4) {
    network = input -> conv(3, channels) -> layer -> layer -> layer -> global_pool -> linear(classes)
}
experiment {
    space:  Layers
    method: nasc
}
"""
FEW = ("search.batch=4", "train.batch=4", "search.steps=2", "train.steps=3", "train.mixup=0")
SIZE = 4  # of the population


def layered(folder: Path, data: str = "fsdd", *overrides: str, seed: int = 0) -> Experiment:
    """An experiment on a small layer-wise space, by a sampled method; its text is written to the folder."""
    path = folder / "layers.nas"
    path.write_text(LAYERS, encoding="utf-8")
    sizes = ("method.minimize=params", f"method.evolve=nsga2(population: {SIZE}, generations: 3)")
    return load(path, Request(data=data, overrides=(*FEW, *sizes, *overrides), seed=seed))


def write_searched(
    folder: Path, experiment: Experiment, count: int = 40, require: str = "params < 1000"
) -> Run:
    """A run whose search by sampling is done, with the networks that it compared and their front.

    count: how many, half of them of random search. require: what its front keeps to; empty: anything.
    """
    run = lay_out(experiment, folder, device="cpu", command="dslnas run layers.nas")
    method, genes = sampled(experiment), genes_of(experiment)
    bounds = parse_requirements(require, "require") if require else ()
    front = to_front(
        _evolved(folder, experiment, replace(method, require=bounds), genes, count),
        genes,
        experiment.space_hash,
        method.name,
    )
    write_front(front, folder / FRONT)
    best = front.knee or front.points[0]
    run.folder.write_json(CHOICES, describe_choices(experiment.supernet, method))
    run.folder.write_json(GENOTYPE, to_json(best.genotype))
    run.folder.update_metrics(search={"evaluations": front.evaluations})
    return run


def _evolved(
    folder: Path, experiment: Experiment, method: SampledMethod, genes: Genes, count: int
) -> Evolved:
    chance, archive = random.Random(experiment.settings.seed), Archive(folder / EVALUATIONS)
    found: dict[By, list[Individual]] = {"evolution": [], "random": []}
    while len(archive) < count:
        candidate = genes.draw(chance)
        key = genes.key(candidate)
        if key not in archive:
            by: By = "evolution" if len(archive) % 2 == 0 else "random"
            figures = made_up(experiment, genes, candidate, chance)
            generation = 1 + len(found[by]) // SIZE
            archive.add(Entry(key, candidate, figures, by, generation))
            found[by].append(Individual(key, candidate, figures, generation))
    shares = ((1, 1.0), (2, 0.7), (3, 0.4))
    evolved = Evolved(Goals.of(method), tuple(found["evolution"]), SIZE, shares)
    return evolved.beside(found["random"])


def made_up(
    experiment: Experiment, genes: Genes, candidate: Candidate, chance: random.Random
) -> dict[str, float]:
    """Figures of a network: real costs, and an accuracy that grows with them."""
    costs = cost(experiment.evaluation, genes.policy(candidate))
    right = 0.5 + 0.4 * (1 - 1 / (1 + costs.params / 400)) + chance.uniform(-0.05, 0.05)
    return {
        "accuracy": round(right, 4),
        "macro_f1": round(right - 0.01, 4),
        "params": costs.params,
        "macs": costs.macs,
        "memory": 40_000 + costs.params * 4,
    }
