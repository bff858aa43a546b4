"""Scores of the networks of a space: they depend on the network, the clips and the seed alone."""

from __future__ import annotations

import math
import random

import pytest
import torch
from nested import nested
from small import batch, program_of, small

from dslnas.ir.analysis.extent import AS_THE_SPACE
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen
from dslnas.methods.budget import SCORES
from dslnas.runs.experiment import Experiment
from dslnas.search.sampled.draws import random_path
from dslnas.search.zerocost.scorer import Scorer

CPU = torch.device("cpu")


def scorer(one: Experiment, seed: int = 0, wanted: tuple[str, ...] = SCORES) -> Scorer:
    features, _ = batch(one, 5, 1)
    return Scorer(program_of(one), wanted, [features], seed, CPU)


def drawn(program: Program, count: int) -> list[Chosen]:
    chance = random.Random(0)
    return [random_path(program, AS_THE_SPACE, chance) for _ in range(count)]


@pytest.mark.parametrize(
    "one",
    [nested(), small("sspolattention", "nasc", nodes=2)],
    ids=["layers", "polynomials"],
)
def test_any_order_and_any_worker_give_the_same_bits(one: Experiment) -> None:
    paths = drawn(program_of(one), 3)
    alone = [scorer(one).figures(path) for path in paths]
    assert list(scorer(one).figures_of(paths[::-1])) == alone[::-1]
    assert all(set(found) == set(SCORES) and all(map(math.isfinite, found.values())) for found in alone)
    assert scorer(one, 1).figures(paths[0]) != alone[0], "of another seed"
    for name in SCORES:
        assert scorer(one, wanted=(name,)).figures(paths[0]) == {name: alone[0][name]}


def test_what_a_network_does_not_read_changes_nothing() -> None:
    one = nested()
    program = program_of(one)
    (path,) = (path for path in drawn(program, 1))
    found = scorer(one).figures(path)
    same = [
        id
        for id in path.options
        for option in program.choices[id].options
        if option != path.options[id]
        and scorer(one).figures(Chosen({**path.options, id: option}, path.sources)) == found
    ]
    read = scorer(one)
    assert same, "options inside of an option that is not taken"
    assert read.figures(Chosen(dict(reversed(list(path.options.items()))), path.sources)) == found


def test_complex_networks_have_the_scores_that_need_no_signs() -> None:
    one = small("ss1", "nasc", "domain=complex", nodes=2)
    found = scorer(one, wanted=("jacob_cov", "naswot")).figures(drawn(program_of(one), 1)[0])
    assert all(map(math.isfinite, found.values()))
