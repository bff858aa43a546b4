"""The layer-wise space of NASC-net: what it holds, that it builds, and that what was chosen in it trains."""

from __future__ import annotations

import random
from functools import cache
from math import prod
from pathlib import Path

import pytest
import torch
from recordings import make_dcase2018, metrics_of
from small import copy_matching, one_hot, stir

from dslnas.data import KNOWN
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.runs.begin import start, train_genotype
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

SHORT = "frontend=logmel(40, window: 40ms, hop: 20ms)"  # a second: 40 x 51


@cache
def nasc(*overrides: str) -> Experiment:
    return load("nasc", Request(overrides=overrides))


def path_at_random(program: Program, seed: int) -> Genotype:
    """One option of every choice, as a supernet that is sampled trains it."""
    chance = random.Random(seed)
    choices = tuple((id, chance.choice(point.options)) for id, point in program.choices.items())
    return Genotype(program.space, nasc().space_hash, "nasc", (), choices)


def test_the_plan_needs_no_flag() -> None:
    planned = plan(nasc())
    assert (planned.data, planned.classes, planned.method) == ("dcase2018", 9, "nasc")
    assert planned.frontend[-1][1] == "1 x 40 x 501"
    assert planned.size == 6**20
    assert len(planned.others) == planned.choices == 20
    assert {len(options) for _, options in planned.others} == {6}


def test_layer_17_alone_has_the_larger_options() -> None:
    choices = nasc().supernet.choices
    usual = tuple(f"k = {k}, expand = {expand}" for k in (3, 5, 7) for expand in (3, 6))
    for number in range(1, 21):
        options = choices[f"network/mb_{number}"].options
        if number == 17:
            assert options == tuple(f"k = {k}, expand = {expand}" for k in (5, 7) for expand in (3, 6, 8))
        else:
            assert options == usual


def test_the_sizes_after_each_part_are_those_of_the_table() -> None:
    graph = nasc().supernet.network
    wanted = [(16, 40, 501)]
    wanted += [(32, 40, 501), (32, 20, 501), (32, 20, 501), (32, 20, 501)]
    wanted += [(40, 20, 251), (40, 10, 251), (40, 10, 251), (40, 10, 251)]
    wanted += [(80, 10, 126)] * 4 + [(96, 10, 126)] * 4
    wanted += [(192, 10, 26), (192, 5, 26), (192, 5, 26), (192, 5, 26)]
    found = [graph[f"mb_{number}"].type.shape for number in range(1, 21)]
    assert [graph["conv_1"].type.shape, *found] == wanted
    assert graph["conv_2"].type.shape == (192, 1, 26)
    assert graph["gru_1"].type.shape == (256, 26)


@pytest.mark.parametrize("seed", range(3))
def test_a_path_of_the_supernet_is_its_pruned_network(seed: int) -> None:
    program = nasc(SHORT).supernet
    genotype = path_at_random(program, seed)
    supernet = GraphModule(program.network, program, Everything())
    stir(supernet, seed)
    pruned = PrunedNetwork(program, genotype, seed)
    copy_matching(supernet, pruned.network)
    x = torch.randn(2, 1, 40, 51, generator=torch.Generator().manual_seed(seed))
    weights = one_hot(program, genotype, torch.float32)
    supernet.eval(), pruned.eval()
    with torch.no_grad():
        logits = pruned(x)
        torch.testing.assert_close(supernet([x], weights), logits, rtol=1e-4, atol=1e-4)
    assert logits.shape == (2, 9)


def test_the_networks_have_the_parameters_that_the_plan_says() -> None:
    program = nasc().supernet
    with torch.device("meta"):
        supernet = GraphModule(program.network, program, Everything())
        pruned = PrunedNetwork(program, path_at_random(program, 7), 0)
        assert pruned(torch.empty(2, 1, 40, 501)).shape == (2, 9)
    planned = plan(nasc(), path_at_random(program, 7))
    assert sum(p.numel() for p in supernet.parameters()) == planned.params.supernet
    assert sum(p.numel() for p in pruned.parameters()) == planned.params.live


def test_the_cheapest_and_the_dearest_paths_are_the_ends_of_the_plan() -> None:
    program, planned = nasc().evaluation, plan(nasc())

    def cost_of(place: int) -> tuple[int, int]:
        chosen = Chosen({id: point.options[place] for id, point in program.choices.items()}, {})
        one = cost(program, chosen)
        return one.params, one.macs

    assert cost_of(0) == (planned.params.pruned.least, planned.macs.pruned.least)  # the smallest k, expand
    assert cost_of(-1) == (planned.params.pruned.most, planned.macs.pruned.most)  # the largest of both


def test_the_baseline_is_the_papers() -> None:
    experiment = load("nasc_baseline")
    planned = plan(experiment)
    assert (planned.choices, planned.size) == (0, 1)
    assert planned.params.live == planned.params.supernet == 3_311_833  # the paper: 3.31 M
    assert planned.macs.live == planned.macs.supernet == 2_029_925_600  # the paper: 2.03 G
    with torch.device("meta"):
        genotype = experiment.only_genotype
        assert genotype is not None
        network = PrunedNetwork(experiment.evaluation, genotype, 0)
        assert network(torch.empty(1, 1, 40, 501)).shape == (1, 9)
    assert sum(p.numel() for p in network.parameters()) == 3_311_833


def test_the_baseline_with_vgg16_has_the_multiply_accumulates_of_the_paper() -> None:
    """VGG16 alone has 5.97 G. Of the paper's 17.24 M parameters, its text explains as many as here."""
    planned = plan(load("nasc_vgg"))
    assert (planned.choices, planned.size) == (0, 1)
    widths = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    pixels = [40 * 501] * 2 + [20 * 250] * 2 + [10 * 125] * 3 + [5 * 62] * 3 + [2 * 31] * 3
    weights = [9 * into * out for into, out in zip([1, *widths], widths, strict=False)]
    assert sum(map(prod, zip(weights, pixels, strict=True))) == 5_966_701_056
    head = 3 * 256 * (512 + 256 + 2) + 3 * 256 * (256 + 256 + 2) + 257 * 128 + 129 * 9
    assert planned.params.live == sum(weights) + 2 * sum(widths) + head == 15_737_929
    assert planned.macs.live == 5_981_480_576  # the paper: 5.99 G


def test_the_baseline_is_a_path_of_the_space() -> None:
    program = nasc().evaluation
    chosen = dict.fromkeys(program.choices, "k = 3, expand = 6") | {"network/mb_17": "k = 5, expand = 6"}
    baseline = load("nasc_baseline").evaluation
    assert cost(program, Chosen(chosen, {})) == cost(baseline, Everything())


@pytest.mark.usefixtures("tiny_runs")
@pytest.mark.parametrize("space", ["nasc", "nasc_baseline"])
def test_what_is_found_trains_on_any_data(space: str, tones: Path, tmp_path: Path) -> None:
    sizes = ("train.steps=2", "train.batch=4", SHORT)
    experiment = load(space, Request(data=f"folder:{tones}", overrides=sizes))
    genotype = path_at_random(experiment.evaluation, 3) if space == "nasc" else experiment.only_genotype
    assert genotype is not None
    run = train_genotype(genotype, experiment, tmp_path / "run", device="cpu")
    metrics = run.execute()
    assert metrics["params"]["live"] == plan(experiment, genotype).params.live
    assert 0 <= metrics["test"]["accuracy"] <= 1
    assert metrics_of(tmp_path / "run")["data"]["classes"] == list(experiment.classes)


@pytest.mark.usefixtures("tiny_runs")
def test_the_whole_road_on_the_challenge_in_its_official_layout(tmp_path: Path) -> None:
    """From the supernet to the test of the second fold, whose score is the mean of its channels."""
    root = make_dcase2018(tmp_path / "data")
    sizes = ["search.steps=1", "train.steps=2", "data.fold=2"]
    sizes += ["frontend=logmel(40, clip: 400ms, window: 40ms, hop: 20ms)"]
    sizes += ["method.evolve=nsga2(population: 4, generations: 1)"]
    sizes += [f"{stage}.{said}" for stage in ("search", "train") for said in ("batch=4", "balance=mixing")]
    run = start(load("nasc", Request(overrides=sizes)), tmp_path / "run", data_root=root, device="cpu")
    metrics = run.execute()
    tested = metrics["test"]
    assert tested["clips"] == 4 * 2 * 9 and len(tested["macro_f1_channels"]) == 4
    assert tested["macro_f1"] == pytest.approx(sum(tested["macro_f1_channels"]) / 4)
    assert metrics["search"]["evaluations"] >= 4 and metrics["search"]["paths"] == 6
    kept = metrics_of(tmp_path / "run")["data"]
    assert kept["classes"] == list(KNOWN["dcase2018"].classes)
