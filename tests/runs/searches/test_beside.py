"""Whether random search stands beside an evolution, by the work that it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dslnas.ir.walk import cost
from dslnas.methods.method import SampledMethod, Wanted
from dslnas.runs.experiment import Experiment
from dslnas.runs.judging import Counted
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.searches.beside import CHEAP, beside
from dslnas.search.sampled.draws import Draws

CLIPS = Counted(train=100, weights=70)
TWINS = """
use "lib/methods.nas"
space Twins(channels = 4) {
    network = input -> conv(3, channels) -> choose {relu, tanh} -> global_pool -> linear(classes)
}
experiment {
    space:  Twins
    method: nasc
}
"""


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """A space whose two networks take as many multiply-accumulates."""
    path: Path = tmp_path_factory.mktemp("twins") / "twins.nas"
    path.write_text(TWINS)
    return load(path, Request(data="fsdd", overrides=("search.batch=10",)))


def searched(one: Experiment, steps: int, generations: int = 5, random: Wanted = "auto") -> Experiment:
    assert isinstance(one.method, SampledMethod)
    method = replace(one.method, population=8, generations=generations, random=random)
    search = replace(one.settings.search, steps=steps, epochs=0)
    return replace(one, method=method, settings=replace(one.settings, search=search))


def share(one: Experiment) -> float:
    found = beside(one, CLIPS).share
    assert found is not None
    return found


def test_the_share_is_that_of_forward_passes_where_all_networks_cost_alike(twins: Experiment) -> None:
    assert isinstance(twins.method, SampledMethod)
    draws = Draws(twins.supernet, twins.method.keeping, twins.method.supernet, 0)
    assert len({cost(twins.supernet, path).macs for path in draws.at(0)}) == 1 and draws.paths == 2
    trained, judged = 6 * 10 * 2 * 3, 8 * 5 * 100  # clips that go forward: 70 calibrate, 30 judge
    assert share(searched(twins, 6)) == pytest.approx(judged / (trained + 2 * judged))


def test_a_longer_training_makes_it_cheap_and_more_networks_dear(twins: Experiment) -> None:
    shares = [share(searched(twins, steps)) for steps in (10, 1000, 100_000)]
    assert shares == sorted(shares, reverse=True) and shares[-1] < CHEAP < shares[0] < 0.5
    assert share(searched(twins, 1000, generations=50)) > shares[1]


def test_it_is_there_where_it_is_cheap_or_asked_for(twins: Experiment) -> None:
    dear, cheap = searched(twins, 10), searched(twins, 100_000)
    assert (beside(dear, CLIPS).wanted, beside(cheap, CLIPS).wanted) == (False, True)
    assert beside(dear, CLIPS) == beside(dear, CLIPS), "the same each time"
    assert beside(searched(twins, 10, random="on"), CLIPS).wanted
    assert beside(searched(twins, 100_000, random="off"), CLIPS).wanted is False
    assert beside(dear, None).wanted is None and beside(searched(twins, 10, random="on"), None).wanted
    assert "--set method.random=on" in beside(dear, CLIPS).told
