"""Genotypes drawn by the weights of a search."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
from small import program_of, small

from dslnas.methods.method import relaxed
from dslnas.prune.prune import prune_as
from dslnas.prune.validate import validate
from dslnas.runs.experiment import Experiment
from dslnas.search.decided.draws import _noisy, drawn_genotypes
from dslnas.train.batches import seeded


def weights(
    seed: int, experiment: Experiment | None = None, sure: bool = False
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    program, generator = program_of(experiment or small()), torch.Generator().manual_seed(seed)

    def row(size: int) -> list[float]:
        drawn = torch.rand(size, generator=generator)
        return torch.softmax(drawn * (1e4 if sure else 1), 0).tolist()  # type: ignore[no-any-return]

    alpha = {id: row(len(point.options)) for id, point in program.choices.items()}
    return alpha, {id: row(len(one.sources)) for id, one in program.selections.items()}


@pytest.mark.parametrize("seed", [0, 1])
def test_the_strongest_is_first_and_all_others_differ_and_fit(seed: int) -> None:
    method, program = relaxed(small().method), program_of(small())
    alpha, gamma = weights(seed)
    found = drawn_genotypes(method, program, alpha, gamma, "sha256:0", 12, seed)
    assert found[0] == prune_as(method, program, alpha, gamma, "sha256:0")
    assert len(found) == len(set(found)) == 12
    for one in found:
        validate(one, program)
    assert found == drawn_genotypes(method, program, alpha, gamma, "sha256:0", 12, seed)
    assert found != drawn_genotypes(method, program, alpha, gamma, "sha256:0", 12, seed + 1)


def test_a_search_that_is_sure_of_itself_has_one_candidate() -> None:
    alpha, gamma = weights(0, sure=True)
    program = program_of(small())
    assert len(drawn_genotypes(relaxed(small().method), program, alpha, gamma, "", 8, 0)) <= 2


def test_a_limit_on_skips_holds_of_what_is_drawn() -> None:
    experiment = small("ss1", "darts", "repeat=1")
    method, program = replace(relaxed(experiment.method), keep_skips=0), program_of(experiment)
    alpha, gamma = weights(3, experiment)
    for one in drawn_genotypes(method, program, alpha, gamma, "", 12, 0):
        (normal,) = (cell for cell in one.cells if cell.name == "normal")
        assert not [edge for node in normal.nodes for edge in node.edges if "skip" in edge.operation]


def test_options_are_drawn_as_often_as_their_weights_say() -> None:
    chance = seeded(0, "test")
    shares = [0.6, 0.3, 0.1, 0.0]
    drawn: Counter[int] = Counter()
    for _ in range(3000):
        row = _noisy({"a": shares}, chance)["a"]
        drawn[row.index(max(row))] += 1
    for place, share in enumerate(shares):
        assert drawn[place] / 3000 == pytest.approx(share, abs=0.03)
