"""Latency of networks by a table of their steps; no test asks how long anything takes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.analysis.genes import Genes
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen
from dslnas.runs.latency import Latency, LatencyTable, latency_of, measure
from dslnas.runs.latency.latency import calibrated, error_of
from dslnas.runs.latency.steps import Steps
from dslnas.runs.latency.table import read_table, write_table
from dslnas.runs.load import load
from dslnas.runs.request import Request


@cache
def program(space: str = "keywords", *overrides: str) -> Program:
    return load(space, Request(data="fsdd", preset="quick", overrides=overrides)).evaluation


def cells() -> Program:
    return program("ss1", "method=nasc", "nodes=2", "channels=4")


def drawn(one: Program, count: int, seed: int = 0) -> list[Chosen]:
    genes, chance = Genes.of(one, load("nasc").method.keeping), Random(seed)
    return [genes.policy(genes.draw(chance)) for _ in range(count)]


def made_up(one: Program, factor: float = 1.0) -> LatencyTable:
    """A table in which the n-th step takes n microseconds."""
    texts = sorted(Steps(one).all())
    return LatencyTable({text: place * 1e-6 for place, text in enumerate(texts, start=1)}, factor)


@pytest.mark.parametrize("make", [program, cells])
def test_the_latency_of_a_network_is_the_sum_of_its_steps(make: object) -> None:
    one: Program = make()  # type: ignore[operator]
    table = made_up(one)
    whole, scaled = Latency(one, table), Latency(one, replace(table, factor=2.5))
    for policy in drawn(one, 4):
        counts = Steps(one).of(policy)
        expected = sum(table.seconds[text] * count for text, count in counts.items())
        assert whole.seconds(policy) == pytest.approx(expected)
        assert scaled.seconds(policy) == pytest.approx(2.5 * expected)


def test_networks_that_differ_in_one_choice_differ_by_its_steps() -> None:
    one = program()
    (policy,) = drawn(one, 1)
    table, steps = made_up(one), Steps(one)
    latency = Latency(one, table)
    for id, point in one.choices.items():
        for option in point.options:
            other = Chosen({**policy.options, id: option}, policy.sources)
            more = steps.of(other)
            more.subtract(steps.of(policy))
            expected = sum(table.seconds[text] * count for text, count in more.items())
            assert latency.seconds(other) - latency.seconds(policy) == pytest.approx(expected, abs=1e-12)


def test_the_steps_of_a_cell_count_for_each_of_its_uses() -> None:
    one = cells()
    (policy,) = drawn(one, 1)
    calls = [node.cell for node in one.network.of_kind("call")]
    assert len(calls) > 1
    counts = Steps(one).of(policy)
    concats = sum(count for text, count in counts.items() if text.startswith("concat"))
    assert concats >= len(calls)  # each cell joins its nodes
    assert any(text.startswith("sum ") for text in counts)  # and each node its edges


def test_a_table_is_read_back_as_the_same_numbers(tmp_path: Path) -> None:
    table = replace(made_up(program()), factor=1.7, networks=3, error=0.04, unit=1e-4, machine="a processor")
    write_table(tmp_path / "latency.json", table)
    assert read_table(tmp_path / "latency.json") == table
    write_table(tmp_path / "latency.json", LatencyTable({}))
    assert read_table(tmp_path / "latency.json") == LatencyTable({})


@pytest.mark.parametrize(
    "broken",
    [
        "[]",
        "{}",
        '{"format": "dslnas-latency", "version": 2}',
        '{"format": "dslnas-latency", "version": 1, "seconds": []}',
        json.dumps({**json.loads("{}"), "format": "dslnas-latency", "version": 1, "seconds": {"relu": -1}}),
    ],
)
def test_a_file_that_is_no_table_is_told(broken: str, tmp_path: Path) -> None:
    path = tmp_path / "latency.json"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(DslnasError) as caught:
        read_table(path)
    assert caught.value.diagnostics[0].code == "N0701"


def test_a_step_that_the_table_lacks_is_measured_once_and_kept(tmp_path: Path) -> None:
    one, path = program(), tmp_path / "latency.json"
    whole = made_up(one)
    (policy,) = drawn(one, 1)
    lacking = min(Steps(one).of(policy))
    known = {text: seconds for text, seconds in whole.seconds.items() if text != lacking}
    latency = Latency(one, replace(whole, seconds=known), path)
    first = latency.seconds(policy)
    kept = read_table(path)
    assert kept.seconds[lacking] > 0 and kept.unit is not None
    assert {text: kept.seconds[text] for text in known} == known
    assert latency.seconds(policy) == first == Latency(one, kept).seconds(policy)


def test_what_a_file_holds_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, path = program(), tmp_path / "latency.json"
    keep = load("nasc").method.keeping
    write_table(path, replace(made_up(one), networks=2, factor=1.5, error=0.1, unit=1e-4))

    def measured(*_: object) -> None:
        raise AssertionError("everything is known")

    monkeypatch.setattr(measure, "seconds_of", measured)
    monkeypatch.setattr(measure, "seconds_of_networks", measured)
    before = path.read_bytes()
    assert latency_of(one, keep, path).table == read_table(path)
    assert path.read_bytes() == before


def test_whole_networks_are_measured_for_the_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured are the networks that are predicted: with their times twice their sums the factor is 2."""
    one = program()
    plain = Latency(one, made_up(one))
    twice = lambda program, policies, unit: [2 * plain.seconds(policy) for policy in policies]  # noqa: E731
    monkeypatch.setattr(measure, "seconds_of_networks", twice)
    table = calibrated(one, Latency(one, replace(made_up(one), factor=7.0)), drawn(one, 3))
    assert (table.factor, table.networks, table.error) == (pytest.approx(2), 3, pytest.approx(0))


def test_a_network_is_measured_as_it_is_lowered() -> None:
    """Nothing is claimed of its time; measuring takes one thread, and leaves torch as many as it had."""
    import torch

    one = cells()
    threads = torch.get_num_threads()
    (seconds,) = measure.seconds_of_networks(one, drawn(one, 1), unit=1e-4)
    assert seconds > 0 and torch.get_num_threads() == threads


@given(st.lists(st.floats(0.5, 4.0), min_size=2, max_size=9), st.floats(0.1, 10.0))
def test_the_error_of_predictions_does_not_depend_on_their_scale(ratios: list[float], scale: float) -> None:
    error = error_of(ratios)
    assert error is not None and error == pytest.approx(
        error_of([scale * ratio for ratio in ratios]), abs=1e-9
    )
    assert error_of([ratios[0]] * 3) == pytest.approx(0)


def test_one_network_says_nothing_of_an_error() -> None:
    assert error_of([1.3]) is None
