"""The paths of a batch: how often each option has its turn, and that they follow from seed and step."""

from __future__ import annotations

from collections import Counter

import pytest
from nested import nested
from small import program_of, small

from dslnas.base import limits
from dslnas.ir.analysis import extent
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, cost, walk
from dslnas.methods.method import Sampling
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.sampled.draws import Draws, turns_needed


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest) -> Program:
    if request.param == "nested":
        return program_of(nested())
    if request.param == "nasc":
        return load("nasc", Request(data="dcase2018")).supernet
    return program_of(small("ss1", "nasc", nodes=4))


every_space = pytest.mark.parametrize("program", ["nested", "nasc", "ss1"], indirect=True)


def alive(program: Program, path: Chosen) -> set[str]:
    """The points that a path meets on the way from the output."""
    steps = walk(program.network, path)
    cells = {step.node.cell for step in steps if step.node.kind == "call"}
    found = [step.node for cell in cells for step in walk(program.cells[cell], path)]
    return {node.choice for node in [*(step.node for step in steps), *found] if node.choice}


@every_space
@pytest.mark.parametrize("seed", range(3))
def test_after_a_cycle_each_option_has_had_its_turn_as_often_as_the_rule_says(
    program: Program, seed: int
) -> None:
    draws = Draws(program, extent.AS_THE_SPACE, Sampling(), seed)
    paths = [path for step in range(draws.batches) for path in draws.at(step)]
    assert len(paths) >= draws.cycle
    turns = Counter(point for path in paths for point in alive(program, path))
    assert all(set(path.options) | set(path.sources) == alive(program, path) for path in paths)
    options = Counter(pair for path in paths for pair in path.options.items())
    edges = Counter((id, one) for path in paths for id, kept in path.sources.items() for one in kept)
    for id, point in program.choices.items():
        counts = [options[id, option] for option in point.remaining]
        assert sum(counts) == turns[id] > 0
        assert min(counts) == turns[id] // len(counts) >= 1
        assert max(counts) - min(counts) <= 1
    for id, one in program.selections.items():
        counts = [edges[id, source] for source in one.sources]
        assert sum(counts) == one.keep * turns[id]
        assert min(counts) == one.keep * turns[id] // len(counts) >= 1
        assert max(counts) - min(counts) <= 1
        assert all(len(path.sources[id]) == one.keep for path in paths)


def test_there_are_as_many_paths_as_the_longest_choice_needs() -> None:
    def needed(program: Program) -> int:
        return turns_needed(program, extent.AS_THE_SPACE)

    assert needed(load("nasc", Request(data="dcase2018")).supernet) == 6  # the paper's
    assert needed(program_of(small("ss1", "nasc", nodes=4))) == 18  # 7 candidates on edges, 2 of 5 are kept
    assert needed(program_of(nested())) == 12  # 3 kernels in one of 2 operations in one of 2


def test_what_is_too_much_for_a_batch_is_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATHS", 5)
    draws = Draws(program_of(nested()), extent.AS_THE_SPACE, Sampling(), 0)
    assert (draws.cycle, draws.batches, draws.paths) == (12, 3, 4)
    assert {len(draws.at(step)) for step in range(6)} == {4}
    assert draws.at(2) != draws.at(5)


@every_space
@pytest.mark.parametrize("kind", ["fair", "uniform", "sandwich"])
def test_paths_follow_from_seed_and_step_alone(program: Program, kind: str) -> None:
    def draws(seed: int) -> Draws:
        return Draws(program, extent.AS_THE_SPACE, Sampling(kind, 2 * (kind != "fair")), seed)  # type: ignore[arg-type]

    onward, alone = draws(1), draws(1)
    seen = [onward.at(step) for step in range(4)]
    assert alone.at(3) == seen[3] and alone.at(1) == seen[1]
    assert seen[0] != seen[1] and draws(2).at(0) != seen[0]
    assert {len(paths) for paths in seen} == {onward.paths}


@every_space
def test_a_sandwich_has_both_ends_and_random_paths(program: Program) -> None:
    keep = extent.AS_THE_SPACE
    largest, smallest, *others = Draws(program, keep, Sampling("sandwich", 2), 0).at(5)
    ends = extent.macs_extremes(program, keep)
    assert (cost(program, smallest).macs, cost(program, largest).macs) == (ends.least, ends.most)
    assert len(others) == 2


@pytest.mark.parametrize("seed", range(3))
def test_uniform_draws_every_option_as_often_in_the_long_run(seed: int) -> None:
    program = program_of(small("ss1", "nasc"))
    draws = Draws(program, extent.AS_THE_SPACE, Sampling("uniform", 40), seed)
    (first, *_) = program.choices
    counts = Counter(path.options[first] for step in range(5) for path in draws.at(step))
    assert len(counts) == 7
    assert max(counts.values()) < 3 * 200 / 7
