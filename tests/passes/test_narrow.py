"""Fewer candidates: a narrowed supernet is the whole one in which the others weigh nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from small import batch, copy_matching, one_hot, program_of, random_genotype, random_weights, small
from strategies import SpaceText, concrete_program, spaces, spectrograms
from torch import Tensor

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.graph import Program
from dslnas.ir.tensortype import TensorType
from dslnas.ir.verify import verify
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import relaxed
from dslnas.passes import PIPELINE, SUPERNET_PASSES, run_passes
from dslnas.passes.dropout import drop_skips
from dslnas.passes.narrow import narrow
from dslnas.prune.prune import prune, strongest_candidates
from dslnas.prune.validate import validate
from dslnas.runs.plan.stages import costliest

EXPERIMENT = small("ss1", "darts", "method.mix.edges=sum", nodes=2)


def program() -> Program:
    return program_of(EXPERIMENT)


def supernet(program: Program, passes: bool = False) -> Supernet:
    chosen = SUPERNET_PASSES if passes else ()
    return Supernet(program, relaxed(EXPERIMENT.method), 0, chosen).double()


def subsets(data: st.DataObject, whole: Program) -> dict[str, tuple[str, ...]]:
    """Some options of every choice point, in their order."""
    return {
        id: tuple(o for o in point.options if o in chosen)
        for id, point in whole.choices.items()
        for chosen in [data.draw(st.sets(st.sampled_from(point.options), min_size=1))]
    }


@settings(max_examples=4, deadline=None)
@given(st.data())
def test_a_narrowed_supernet_is_the_whole_one_without_weight_on_the_others(data: st.DataObject) -> None:
    """In values and in the gradients of its weights, also after the passes that join candidates."""
    whole = program()
    kept = subsets(data, whole)
    narrowed = verify(narrow(whole, kept), "narrow")
    full, some = supernet(whole), supernet(narrowed, passes=True)
    state = full.network.state_dict()
    some.network.load_state_dict({name: state[name] for name in some.network.state_dict()})
    weights = {id: w.detach() for id, w in random_weights(whole, 0).items()}
    there = {
        id: torch.tensor([option in kept[id] for option in point.options])
        for id, point in whole.choices.items()
    }
    masked = {id: w * there[id] if id in there else w for id, w in weights.items()}
    fewer = {id: w[there[id]] if id in there else w for id, w in weights.items()}
    x, _ = batch(EXPERIMENT, 2, dtype=torch.float64)
    expected, found = full(x, masked), some(x, fewer)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    stem = [next(iter(net.network.parameters())) for net in (full, some)]
    wanted, made = (
        torch.autograd.grad(y.square().sum(), p) for y, p in zip((expected, found), stem, strict=True)
    )
    torch.testing.assert_close(made, wanted, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_with_one_candidate_an_edge_it_is_the_pruned_network(seed: int) -> None:
    whole = program()
    genotype = random_genotype(whole, seed)
    options = Chosen.of(genotype).options
    narrowed = narrow(whole, {id: (options.get(id, p.options[0]),) for id, p in whole.choices.items()})
    assert {point.options for point in narrowed.choices.values()} <= {(o,) for o in whole_options(whole)}
    search = supernet(narrowed).eval()
    pruned = PrunedNetwork(narrowed, genotype, 1).double().eval()
    copy_matching(search.network, pruned.network)
    x, _ = batch(EXPERIMENT, 2, dtype=torch.float64)
    torch.testing.assert_close(search(x, one_hot(narrowed, genotype)), pruned(x), rtol=1e-10, atol=1e-10)
    assert validate(genotype, narrowed) is validate(genotype, whole)


def whole_options(whole: Program) -> set[str]:
    return {option for point in whole.choices.values() for option in point.options}


def test_what_left_costs_nothing_and_what_stays_keeps_its_names() -> None:
    whole = program()
    pools = ("max_pool_3x3", "avg_pool_3x3", "skip_connect")
    narrowed = narrow(whole, dict.fromkeys(whole.choices, pools))
    before, after = (
        {node.id for graph in one.graphs() for node in graph} for one in (whole, narrowed)
    )  # fmt: skip
    assert after < before and not any("conv_3x3" in id or "conv_5x5" in id for id in after)
    assert cost(narrowed, Everything()).params < cost(whole, Everything()).params / 3
    names = set(supernet(whole).network.state_dict())
    assert set(supernet(narrowed).network.state_dict()) < names


@settings(max_examples=25, deadline=None)
@given(spaces(domains=("real", "complex")), spectrograms(), st.integers(1, 3), st.integers(0, 10**6))
def test_any_space_can_be_narrowed(space: SpaceText, input: TensorType, count: int, seed: int) -> None:
    """All passes work on what is left, and what is found there is a genotype of the whole."""
    with TemporaryDirectory() as folder:
        whole = run_passes(concrete_program(space.resolve(Path(folder)), space.channels, input), PIPELINE)
    chance = random.Random(seed)
    alpha = {id: [chance.random() for _ in point.options] for id, point in whole.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in whole.selections.items()}
    kept = strongest_candidates(whole, alpha, count)
    narrowed = verify(narrow(whole, kept), "narrow")
    run_passes(narrowed, (drop_skips, *SUPERNET_PASSES))
    fewer = {
        id: [w for w, option in zip(alpha[id], point.options, strict=True) if option in kept[id]]
        for id, point in whole.choices.items()
    }
    keep = {id: one.keep for id, one in whole.selections.items()}
    expected = prune(whole, alpha, gamma, keep, "", "pdarts")
    try:
        validate(expected, whole)
    except DslnasError:  # nothing reads a node: these weights are those of no genotype, narrowed or not
        reject()
    found = validate(prune(narrowed, fewer, gamma, keep, "", "pdarts"), whole)
    assert found == expected
    chosen = Chosen.of(found)
    assert cost(narrowed, chosen) == cost(whole, chosen)
    assert cost(narrowed, Everything()).params <= cost(whole, Everything()).params


def test_options_that_are_not_offered_cannot_stay() -> None:
    whole = program()
    point = next(iter(whole.choices))
    with pytest.raises(ValueError, match="does not offer `sep_conv_7x7`"):
        narrow(whole, {point: ("sep_conv_7x7",)})


# --- which ones stay ----------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(1, 8))
def test_the_strongest_candidates_stay(data: st.DataObject, count: int) -> None:
    whole = program()
    alpha = {
        id: data.draw(st.lists(st.floats(0, 1), min_size=len(p.options), max_size=len(p.options)))
        for id, p in whole.choices.items()
    }
    for id, kept in strongest_candidates(whole, alpha, count).items():
        weights = dict(zip(whole.choices[id].options, alpha[id], strict=True))
        left = [weight for option, weight in weights.items() if option not in kept]
        assert len(kept) == min(count, len(weights))
        assert min(weights[option] for option in kept) >= max(left, default=0)
        assert all(
            whole.choices[id].options.index(a) < whole.choices[id].options.index(b) for a, b in pairwise(kept)
        )
    assert strongest_candidates(whole, alpha, None) == {id: p.options for id, p in whole.choices.items()}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 6), st.integers(1, 7))
def test_zeros_compete_for_a_place_and_not_for_the_last(strong: int, count: int) -> None:
    """Two options hand out zeros and are strongest; the best of the others has the last place."""
    whole = program()
    zeros = ("max_pool_3x3", "dil_conv_5x5")
    points = {id: replace(point, zeros=zeros) for id, point in whole.choices.items()}
    weights = [0.9, *[0.1] * 5, 0.8]
    if 0 < strong < 6:
        weights[strong] = 0.2
    kept = strongest_candidates(replace(whole, choices=points), dict.fromkeys(whole.choices, weights), count)
    best = next(iter(points.values())).options[strong if 0 < strong < 6 else 1]
    for options in kept.values():
        assert len(options) == count and best in options
        assert ("max_pool_3x3" in options) == (count > 1) and ("dil_conv_5x5" in options) == (count > 2)


def test_a_plan_counts_those_that_cost_most() -> None:
    whole = program()
    for count in range(1, 8):
        narrowed = narrow(whole, costliest(whole, count))
        others: list[Tensor] = []
        for seed in range(3):
            noise = {
                id: torch.rand(7, generator=torch.Generator().manual_seed(seed)).tolist()
                for id in whole.choices
            }
            drawn = narrow(whole, strongest_candidates(whole, noise, count))
            others.append(torch.tensor(cost(drawn, Everything()).macs))
        assert cost(narrowed, Everything()).macs >= int(torch.stack(others).max())
