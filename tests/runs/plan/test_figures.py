"""Planned parameters and multiply-accumulates against what torch counts on the built networks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import torch
from remembered import remember_memory
from small import random_genotype
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from dslnas.ir.analysis import extent
from dslnas.ir.graph import Program
from dslnas.ir.primitives.registry import Cost
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.network import GraphModule
from dslnas.lower.paths import SampledSupernet
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Supernet
from dslnas.resolve.library import shipped
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

# Of the same operations as `darts`, `sspolasym4`, `resnet18` and `lenet`.
ALIKE = {"darts_gal", "sspolasym4_bounded", "resnet18_pictures", "lenet_wide"}
SPACES = sorted({path.stem for path in shipped().glob("*.nas")} - ALIKE)
DOMAINS = [*((space, "real") for space in SPACES), ("ss1", "complex"), ("sspolasym4", "complex")]


@pytest.fixture(scope="module", autouse=True)
def one_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        remember_memory(patch)
        yield


@cache
def experiment(space: str, domain: str = "real") -> Experiment:
    """A shipped space at the sizes of the preset `quick`, under a method that mixes everything if one can."""
    method = {"keywords": "nasc", "nasbench201": "darts201"}.get(space, "darts")
    return load(space, Request(preset="quick", overrides=[f"method={method}", f"domain={domain}"]))


def counted(module: nn.Module, *inputs: Tensor) -> Cost:
    """Trainable parameters, and half of the operations that torch counts while one example passes."""
    params = sum(parameter.numel() for parameter in module.parameters())
    module.eval()
    with FlopCounterMode(display=False) as counter:
        module(*inputs)
    return Cost(params, counter.get_total_flops() // 2)


def example(one: Experiment) -> Tensor:
    return torch.zeros(1, *one.frontend.output.stored, device="meta")


def built(one: Experiment, program: Program, policy: Chosen) -> Cost:
    """What torch counts of a policy's network, on the device without data."""
    with torch.device("meta"):
        module = GraphModule(program.network, program, policy)

    class OfOne(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = self.inner([x])
            return result

    return counted(OfOne(), example(one))


def test_a_supernet_of_paths_has_the_weights_that_are_planned() -> None:
    one = experiment("keywords")
    supernet = SampledSupernet(one.supernet, 0)
    assert sum(parameter.numel() for parameter in supernet.parameters()) == plan(one).params.supernet


@pytest.mark.parametrize(("space", "domain"), [pair for pair in DOMAINS if pair[0] != "keywords"])
def test_the_supernet_counts_what_is_planned(space: str, domain: str) -> None:
    """All options at once, as a method that mixes them computes them."""
    one = experiment(space, domain)
    planned = plan(one)
    assert Cost(planned.params.supernet, planned.macs.supernet) == cost(one.supernet, Everything())
    with torch.device("meta"):
        supernet = Supernet(one.supernet, one.method, 0)
    found = counted(supernet, example(one))
    assert found.macs == planned.macs.supernet
    weights = sum(parameter.numel() for parameter in supernet.network.parameters())
    assert weights == planned.params.supernet
    assert (weights < found.params) == (planned.choices > 0)  # the rest are architecture parameters


@pytest.mark.parametrize(("data", "params"), [("sc09", 1.874), ("sc35", 2.867), ("esc50", 2.871)])
def test_complex_supernets_count_what_the_specification_of_the_paper_says(data: str, params: float) -> None:
    """In millions; table 2 of the ForceDARTS paper has 1.67 (of SC09; a typo of 1.87?), 2.87 and 2.87."""
    one = load("ss1", Request(data=data, preset="paper", overrides=["domain=complex"]))
    assert round(cost(one.supernet, Everything()).params / 1e6, 3) == params


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
def test_a_pruned_network_counts_what_is_planned(space: str, domain: str) -> None:
    one = experiment(space, domain)
    for seed in range(2 if one.space.cells else 1):
        genotype = random_genotype(one.evaluation, seed)
        with torch.device("meta"):
            network = PrunedNetwork(one.evaluation, genotype, 0)
        found = counted(network, example(one))
        planned = plan(one, genotype)
        assert (planned.params.live, planned.macs.live) == (found.params, found.macs)
        assert planned.params.pruned.least <= found.params <= planned.params.pruned.most
        assert planned.macs.pruned.least <= found.macs <= planned.macs.pruned.most


@pytest.mark.parametrize("space", SPACES)
def test_the_bounds_are_networks_that_can_be_built(space: str) -> None:
    one = experiment(space)
    program, keep = one.evaluation, one.method.keeping
    bounds = plan(one)
    for figure, found in (("params", bounds.params.pruned), ("macs", bounds.macs.pruned)):
        for sign, bound in ((1, found.least), (-1, found.most)):
            policy = extent.extreme(program, keep, lambda cost, figure=figure: getattr(cost, figure), sign)
            assert getattr(built(one, program, policy), figure) == bound
