"""A probe of real steps: what it measures, and what it says of a whole run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dslnas.methods.method import SampledMethod
from dslnas.runs.judging import counted
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.plan.evaluation import evaluations
from dslnas.runs.request import Request


def test_a_probe_takes_real_steps_and_adds_them_up(data_root: Path) -> None:
    import torch

    from dslnas.runs.plan import probe

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        sizes = ["nodes=1", "channels=2", "repeat=0", "search.batch=4", "search.epochs=2"]
        sizes += ["search.warmup=25%", "train.batch=8", "train.epochs=3"]
        experiment = load("ss1", Request(data="fsdd", overrides=sizes))
        found = probe(experiment, data_root, "cpu")
        absent = probe(experiment, Path("nowhere"), "cpu")
    finally:
        torch.set_num_threads(threads)
    assert min(found.search_step, found.warmup_step, found.train_step) > 0 and found.device == "cpu"
    assert found.clips == 1600
    steps = 2 * (800 // 4)
    assert found.search == pytest.approx(steps / 4 * found.warmup_step + 3 * steps / 4 * found.search_step)
    assert found.train == pytest.approx(3 * (1600 // 8) * found.train_step)
    assert found.total == pytest.approx((found.search or 0) + (found.train or 0))
    assert absent.clips is None and absent.total is None and absent.train_step > 0


TWINS = """
use "lib/methods.nas"
space Twins(channels = 2) {
    network = input -> conv(3, channels, stride: 4) -> choose {relu, tanh} -> global_pool -> linear(classes)
}
experiment {
    space:  Twins
    method: sketch
}
"""


def test_a_probe_judges_candidates_of_a_sampled_method(data_root: Path, tmp_path: Path) -> None:
    from dslnas.runs.plan import probe

    path = tmp_path / "twins.nas"
    path.write_text(TWINS)
    sizes = ("search.batch=4", "search.steps=100", "train.batch=8", "train.steps=50", "method.random=on")
    one = load(
        path, Request(data="fsdd", overrides=(*sizes, "method.evolve=nsga2(population: 4, generations: 3)"))
    )
    found = probe(one, data_root, "cpu")
    assert found.evaluation is not None and found.evaluation > 0
    assert found.evolution == found.random == pytest.approx(12 * found.evaluation)
    assert found.total == pytest.approx((found.search or 0) + 24 * found.evaluation + (found.train or 0))
    data = to_json(plan(one), found)["time"]
    assert data["evaluation_seconds"] == found.evaluation and data["total_seconds"] == found.total
    clips = counted(one, data_root)
    assert clips is not None and isinstance(one.method, SampledMethod)
    assert evaluations(replace(one, method=replace(one.method, random="off")), clips) == (12, 0)


def test_a_probe_trains_the_largest_network_where_no_genotype_is_named() -> None:
    from dslnas.runs.plan.probe import _largest

    experiment = load("sspolasym5", Request(data="sc09", preset="quick", overrides=["nodes=2"]))
    genotype = _largest(experiment)
    planned = plan(experiment, genotype)
    assert planned.macs.live == planned.macs.pruned.most
    layers = load("nasc", Request(data="sc09", preset="quick"))
    assert plan(layers, _largest(layers)).macs.live == plan(layers).macs.pruned.most
