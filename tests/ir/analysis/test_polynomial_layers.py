"""Which weights meet in a product, and the decay of their own that they may have."""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from pathlib import Path

import pytest
import torch
from small import batch, program_of, random_genotype, small
from torch import Tensor

from dslnas.base.diagnostics import DslnasError, errors
from dslnas.ir.analysis.polynomial_layers import polynomial_layers
from dslnas.lower.network import polynomial_parameters
from dslnas.lower.pruned import PrunedNetwork
from dslnas.passes import SUPERNET_PASSES
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.relaxed.step import RelaxedSearch
from dslnas.train.optimizers import make_optimizer

WRITTEN = """
use "lib/darts.nas"
use "lib/polynomial.nas"
op gate(n) {
    let a = x -> conv(n) -> bn -> relu
    x * (a -> asym5(3, 5))
}
space Mine(channels = 4) {
    candidates {
        skip = skip
        gate = gate(3)
        poly = attention(7, 5, 3)
        deep = sep_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..1] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
"""
DECAY = "sgd(lr: 0.1, weight_decay: 0.125, polynomial_decay: 0.5)"


def test_they_are_the_nearest_layers_before_a_product_in_its_operation(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(WRITTEN)
    layers = polynomial_layers(load(path, Request(data="fsdd", overrides=["method=darts"])).supernet)
    found = layers.pop("network")  # type: ignore[attr-defined]
    assert found == frozenset()
    ((_, found),) = layers.items()
    of_gate = {"dwconv_1", "dwconv_2", "conv_2"}  # the polynomial in it, and what that hands on
    of_poly = {"dwconv_1", "dwconv_2", "dwconv_3"}
    assert found == {
        f"n1<-{source}/{option}/{layer}"
        for source in "ab"
        for option, names in (("gate", of_gate), ("poly", of_poly))
        for layer in names
    }


# Depthwise kernels of 7 x 7 and 1 x 1 in one option, 5 x 5 and 3 x 3 in the other; `attention` has a third.
TAPS = {"ss1": 0, "sspolasym4": 49 + 1 + 25 + 9, "sspolasym5": 49 + 1 + 25 + 9, "sspolattention": 51 + 43}
TAPS["sspolasym4_scaled"] = TAPS["sspolasym4"] + 2  # and a scale for each product


@pytest.mark.parametrize("space", TAPS)
def test_the_polynomials_of_the_shipped_spaces(space: str) -> None:
    """As many weights as their kernels have on the edges of all cells, with passes and without."""
    experiment = small(space)
    program = program_of(experiment)
    layers = polynomial_layers(program)
    for passes in ((), SUPERNET_PASSES):
        search = RelaxedSearch(program, experiment.method, 0, None, torch.device("cpu"), passes)
        found = polynomial_parameters(search.supernet.network, layers)
        channels = sum(
            node.type.shape[0]
            for call in program.network.of_kind("call")
            for node in program.cells[call.cell].of_kind("mix")
        )
        assert sum(p.numel() for p in found) == TAPS[space] * channels


def decayed(passes: tuple[object, ...], space: str = "sspolasym4") -> dict[str, Tensor]:
    """How much of every weight a step without gradients leaves, by its name."""
    experiment = small(space, "darts", f"method.weights={DECAY}")
    search = RelaxedSearch(program_of(experiment), experiment.method, 0, None, torch.device("cpu"), passes)  # type: ignore[arg-type]
    before = {name: value.clone() for name, value in search.supernet.network.state_dict().items()}
    for parameter in search.weight_parameters:
        parameter.grad = torch.zeros_like(parameter)
    search.weight_optimizer.step()
    after = search.supernet.network.state_dict()
    return {name: after[name] / before[name] for name in before if name.endswith(("weight", "bias"))}


def test_their_decay_is_theirs_alone_whatever_the_passes() -> None:
    packed, plain = decayed(SUPERNET_PASSES), decayed(())
    assert packed.keys() == plain.keys()
    for left in (packed, plain):
        for name, share in left.items():
            is_polynomial = "dwconv" in name and ("/sep_conv_5x5/" in name or "/dil_conv_5x5/" in name)
            expected = torch.full_like(share, 0.95 if is_polynomial else 0.9875)
            torch.testing.assert_close(share.nan_to_num(float(expected.flatten()[0])), expected, msg=name)


def test_the_retraining_has_it_too() -> None:
    experiment = small("sspolasym5", "darts", f"method.retrain={DECAY}")
    program = program_of(experiment)
    drawn = (random_genotype(program, seed) for seed in count())
    chosen = next(one for one in drawn if "sep_conv_5x5" in repr(one))
    network = PrunedNetwork(program, chosen, 0)
    found = polynomial_parameters(network.network, polynomial_layers(program))
    optimizer = make_optimizer(experiment.method.retrain, network.parameters(), polynomial=found)
    own, apart = optimizer.param_groups
    assert (own["weight_decay"], apart["weight_decay"]) == (0.125, 0.5)
    assert {id(p) for p in apart["params"]} == {id(p) for p in found} != set()
    assert len(own["params"]) + len(apart["params"]) == len(list(network.parameters()))


def test_a_search_steps_and_resumes_with_it() -> None:
    experiment = small("sspolasym5", "darts", f"method.weights={DECAY}")
    one, other = (
        RelaxedSearch(program_of(experiment), experiment.method, seed, None, torch.device("cpu"))
        for seed in (0, 1)
    )
    one.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.0)
    other.load_state_dict(deepcopy(one.state_dict()))
    figures = [s.step(batch(experiment, 4, 2), batch(experiment, 4, 3), 0.5) for s in (one, other)]
    assert all(torch.equal(figures[0][name], figures[1][name]) for name in figures[0])


def test_a_space_without_products_is_told() -> None:
    experiment = load("ss1", Request(data="fsdd", overrides=["method=darts", f"method.weights={DECAY}"]))
    (warning,) = [one for one in experiment.warnings if one.code == "N0602"]
    assert warning.severity == "warning" and "no outputs of convolutions are multiplied" in warning.message
    assert warning.span is not None and warning.span.text == "polynomial_decay"
    assert not errors(
        load("sspolasym5", Request(data="fsdd", overrides=[f"method.weights={DECAY}"])).warnings
    )


def test_the_architecture_has_no_such_decay() -> None:
    with pytest.raises(DslnasError) as caught:
        load("sspolasym5", Request(overrides=["method.arch=adam(lr: 1e-3, polynomial_decay: 0.1)"]))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0601" and "no use for `polynomial_decay`" in diagnostic.message
