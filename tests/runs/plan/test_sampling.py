"""The plan of a search by sampling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dslnas.ir.analysis.extent import macs_extremes, params_extremes
from dslnas.runs.experiment import Experiment
from dslnas.runs.latency import Latency, LatencyTable
from dslnas.runs.latency.steps import Steps
from dslnas.runs.load import load
from dslnas.runs.plan import PriceRange, plan, planned_sampling, to_json
from dslnas.runs.plan.sampling import PlannedSampling
from dslnas.runs.request import Request


def experiment(*overrides: str, space: str = "keywords", seed: int = 0) -> Experiment:
    return load(space, Request(data="fsdd", preset="quick", overrides=overrides, seed=seed))


def planned(one: Experiment, latency: Latency | None = None) -> PlannedSampling:
    found = planned_sampling(one, latency)
    assert found is not None
    return found


def prices(found: PlannedSampling) -> dict[str, PriceRange]:
    return {one.price: one for one in found.prices}


def test_a_relaxed_method_samples_nothing() -> None:
    one = experiment("method=darts", space="ss1")
    assert planned_sampling(one) is None
    assert "sampling" not in to_json(plan(one))


@pytest.mark.parametrize("space", ["keywords", "ss1"])
def test_the_ends_of_parameters_and_macs_are_those_of_the_space(space: str) -> None:
    cells = () if space == "keywords" else ("method=nasc", "nodes=2", "channels=4")
    one = experiment(*cells, space=space)
    found = prices(planned(one))
    keep = one.method.keeping
    for price, ends in (
        ("params", params_extremes(one.evaluation, keep)),
        ("macs", macs_extremes(one.evaluation, keep)),
    ):
        assert (found[price].least, found[price].most, found[price].proven) == (ends.least, ends.most, True)
    assert not found["memory"].proven
    assert all(each.least <= each.median <= each.most for each in found.values())


def test_what_the_method_speaks_of_comes_first() -> None:
    found = planned(experiment("method.minimize=memory", "method.require=latency < 5ms, params < 100k"))
    assert [one.price for one in found.prices] == ["params", "memory", "macs"]
    assert found.unknown == ("latency",) and found.share is None
    assert [bound.text for bound, _ in found.shares] == ["params < 100k"]


def test_the_share_that_keeps_to_bounds_falls_as_they_do() -> None:
    shares = []
    for most in (5_475, 20_000, 60_000, 10_000_000):
        found = planned(experiment(f"method.require=params < {most}, macs < 20M"))
        ((_, share), _) = found.shares
        assert found.share is not None and found.share <= share
        shares.append(share)
    assert shares == sorted(shares) and shares[-1] == 1 and shares[0] < shares[1]


def test_the_networks_that_are_drawn_follow_from_the_seed() -> None:
    one, again, other = (planned(experiment(seed=seed)) for seed in (1, 1, 2))
    assert one == again
    assert prices(one)["macs"].median != prices(other)["macs"].median


def test_latency_is_planned_where_it_is_known() -> None:
    one = experiment("method.require=latency < 1ms")
    seconds = dict.fromkeys(Steps(one.evaluation).all(), 1e-5)
    table = LatencyTable(seconds, factor=2.0, networks=3, error=0.05)
    found = planned(one, Latency(one.evaluation, table))
    assert found.unknown == () and found.latency == table
    assert found.share == found.shares[0][1]
    slower = Latency(one.evaluation, replace(table, factor=4.0))
    assert prices(planned(one, slower))["latency"].median == pytest.approx(
        2 * prices(found)["latency"].median
    )


def test_a_plan_counts_paths_and_evaluations_and_is_json() -> None:
    evolve = "method.evolve=nsga2(population: 8, generations: 5)"
    one = experiment("method.supernet=sandwich(random: 3)", evolve, "method.require=macs < 20M")
    data = to_json(plan(one))["sampling"]
    assert (data["supernet"], data["paths"], data["evaluations"]) == ("sandwich", 5, 40)
    (bound,) = data["require"]
    assert (bound["bound"], bound["limit"]) == ("macs < 20M", 2e7)
    assert set(data["prices"]) == {"params", "macs", "memory"} and 0 <= data["share"] <= 1
