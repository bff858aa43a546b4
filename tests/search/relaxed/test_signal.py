"""The signal of a search: agreement from none to full, and a search that it leaves as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recordings import tiny
from small import batch, program_of, small

from dslnas.runs.prepared import prepare_data
from dslnas.runs.trainees import searching
from dslnas.search.relaxed.progressive import Searching
from dslnas.search.relaxed.signal import (
    MOMENTS,
    Rows,
    Signal,
    architecture_of,
    correlation,
    gradient_of,
    same_best,
    survival,
    witnesses,
)
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.observer import Silent

CPU = torch.device("cpu")


def rows(seed: int, points: int = 40, options: int = 5) -> Rows:
    return {str(options): torch.randn(points, options, generator=torch.Generator().manual_seed(seed))}


def all_of(some: Rows) -> Rows:
    return {size: torch.ones_like(values, dtype=torch.bool) for size, values in some.items()}


@given(st.integers(0, 99))
def test_what_is_alike_agrees_wholly_and_what_is_opposed_not_at_all(seed: int) -> None:
    some = rows(seed)
    may, negative = all_of(some), {size: -values for size, values in some.items()}
    assert same_best(some, some, may) == 1.0
    assert correlation(some, some, may) == pytest.approx(1.0)
    assert same_best(some, negative, may) == 0.0
    assert correlation(some, negative, may) == pytest.approx(-1.0)


def test_what_knows_nothing_of_each_other_agrees_by_chance() -> None:
    one, other = rows(0, 4000), rows(1, 4000)
    assert same_best(one, other, all_of(one)) == pytest.approx(1 / 5, abs=0.03)
    assert correlation(one, other, all_of(one)) == pytest.approx(0.0, abs=0.03)


def test_what_all_options_of_a_row_share_and_those_that_never_remain_do_not_count() -> None:
    some = rows(3)
    may = all_of(some)
    may["5"][:, 0] = False
    shifted = {"5": some["5"] + torch.randn(40, 1)}
    shifted["5"][:, 0] = 9.0
    assert same_best(some, shifted, may) == 1.0
    assert correlation(some, shifted, may) == pytest.approx(1.0)
    still = {"5": torch.zeros(40, 5)}
    assert correlation(some, still, may) is None


def fresh(method: str = "darts") -> RelaxedSearch:
    experiment = small("ss1", method)
    return RelaxedSearch(program_of(experiment), experiment.method, 0, None, CPU)


@pytest.mark.parametrize("method", ["darts", "gdas"])
def test_asking_for_a_gradient_changes_nothing(method: str) -> None:
    search, clips = fresh(method), batch(small("ss1", method), 4)
    before = {name: value.clone() for name, value in search.supernet.state_dict().items()}
    chance = torch.get_rng_state()
    found = gradient_of(search, clips)
    assert any(values.abs().sum() > 0 for values in found.values())
    assert all(torch.equal(before[name], value) for name, value in search.supernet.state_dict().items())
    assert all(parameter.grad is None for parameter in search.supernet.parameters())
    assert torch.equal(chance, torch.get_rng_state())


@given(st.integers(1, 500))
def test_the_halves_are_asked_a_few_times_and_the_way_is_parted_twice(moving: int) -> None:
    signal = Signal(moving)
    assert sum(signal.asks(done) for done in range(moving)) == min(MOMENTS, moving)
    assert signal.asks(moving - 1)


def test_halves_of_the_same_clips_agree_and_a_straight_way_goes_on() -> None:
    search = fresh()
    signal = Signal(3)
    start = architecture_of(search)
    gradient = {size: torch.randn_like(values) for size, values in start.items()}
    signal.hear((gradient, gradient))
    for done in (1, 2, 3):
        with torch.no_grad():
            for size, values in search.supernet.architecture.alpha.items():
                values.copy_(start[size] - done * gradient[size])
        signal.pass_by(search, done)
    found = signal.figures(search)
    assert found["rows"] == sum(len(values) for values in start.values())
    assert found["chance"] == pytest.approx(1 / 7)
    assert found["halves"] == {"same": 1.0, "gradient": pytest.approx(1.0)}
    assert found["thirds"]["movement"] == pytest.approx(1.0)
    assert found["thirds"]["same"] > 0.8
    again = Signal(3)
    again.load_state_dict(signal.state_dict(), CPU)
    assert again.figures(search) == found


def searched(tones: Path, *overrides: str) -> Searching:
    experiment = tiny(tones, "nodes=1", "search.steps=6", "search.warmup=0%", *overrides)
    return searching(experiment, prepare_data(experiment, None, Silent()), CPU)


@pytest.mark.parametrize("method", ["darts", "gdas", "pdarts"])
def test_a_search_goes_its_way_as_if_nobody_asked(tones: Path, tiny_runs: None, method: str) -> None:
    more = (f"method={method}", "train.repeat=1") if method == "pdarts" else (f"method={method}",)
    asked, left = searched(tones, *more), searched(tones, *more)
    left._witnesses = None
    for step in range(6):
        one, other = asked.step(step), left.step(step)
        assert all(torch.equal(one[name], other[name]) for name in one)
    states = (asked.search.supernet.state_dict(), left.search.supernet.state_dict())
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert "halves" in asked.agreements()["signal"]
    assert "halves" not in left.agreements()["signal"]


def test_the_halves_share_no_clip_and_two_clips_are_not_halved(tones: Path, tiny_runs: None) -> None:
    held = searched(tones).held
    both = witnesses(held)
    assert both is not None
    one, other = ([*part.indices.tolist()] for part in both)
    assert sorted(one + other) == sorted(held.indices.tolist())
    assert witnesses(held.part(held.indices[:2], "few")) is None


def test_a_checkpoint_without_a_signal_is_gone_on_with_and_says_nothing(tones: Path, tiny_runs: None) -> None:
    first, second = searched(tones), searched(tones)
    first.step(0)
    state = first.state_dict()
    del state["signal"]
    second.load_state_dict(state)
    for step in range(1, 6):
        second.step(step)
    assert second.agreements() == {}


def test_decisions_survive_where_every_batch_says_the_same_and_by_chance_where_none_does() -> None:
    generator = torch.Generator().manual_seed(0)
    may = {"4": torch.ones(200, 4, dtype=torch.bool)}
    end = {"4": torch.randn(200, 4, generator=generator)}
    assert survival([{"4": -end["4"]} for _ in range(16)], end, may) == 1.0
    noise = [{"4": torch.randn(200, 4, generator=generator)} for _ in range(16)]
    assert survival(noise, end, may) == pytest.approx(0.25, abs=0.08)
    mixed = [{"4": -end["4"] + 3 * one["4"]} for one in noise]
    assert 0.3 < survival(mixed, end, may) < 1.0
    barred = {"4": torch.tensor([[True, True, False, False]] * 200)}
    assert survival([{"4": -end["4"]}], end, barred) == 1.0
