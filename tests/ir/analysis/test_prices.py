"""Prices of networks: by hand, against the costs of the graph, and against what a run holds."""

from __future__ import annotations

import random
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from small import random_genotype
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dslnas.elaborate.space import Setup, build
from dslnas.ir.analysis.prices import Prices, Pricing, prices
from dslnas.ir.graph import Program
from dslnas.ir.tensortype import Domain, tensor
from dslnas.ir.walk import Chosen, Everything, Policy, cost
from dslnas.lower.network import GraphModule
from dslnas.resolve.resolve import resolve
from dslnas.runs.load import load
from dslnas.runs.request import Request

FLAT = """
op block(expand = choose {1, 3}) {
    let h = x -> conv(1, expand * C_in) -> relu -> conv(1, C_in)
    x + h
}
space Flat {
    network = input -> conv(3, 4) -> block -> maxpool(3, 2) -> global_pool -> linear(classes)
}
"""
CELLS = """
use "lib/darts.nas"
space Cells(channels = 4, nodes = 2) {
    candidates {
        conv = conv(3)
        skip = skip
    }
    cell normal(a, b) {
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 1
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
"""


def program(folder: Path, text: str, domain: Domain = "real") -> Program:
    path = folder / "mine.nas"
    path.write_text(text, encoding="utf-8")
    definitions, found = resolve(path)
    assert found == []
    (name,) = definitions.own_spaces
    space = definitions.spaces[name]
    values = {"channels": 4, "nodes": 2} if space.parameters else {}
    made, found = build(space, definitions.ops, Setup(values, tensor(domain, 1, 8, 8), 10))
    assert made is not None, found
    return made


@pytest.mark.parametrize(("place", "expand", "numbers"), [(0, 1, 3 * 256), (1, 3, 256 + 2 * 768)])
def test_the_memory_of_a_residual_block_is_what_it_holds_at_its_widest(
    place: int, expand: int, numbers: int, tmp_path: Path
) -> None:
    """4 x 8 x 8 numbers stay for the sum while two values of the branch are held: before and after `relu`."""
    one = program(tmp_path, FLAT)
    ((choice, point),) = one.choices.items()
    found = prices(one, Chosen({choice: point.options[place]}, {}))
    assert found.memory == 4 * numbers
    assert found.params == 9 * 4 + 2 * 4 * 4 * expand + 4 * 10 + 10


def test_an_option_that_hands_on_its_input_holds_nothing(tmp_path: Path) -> None:
    """The nodes of a cell that skips are its input; joined they are a value of twice the channels."""
    one = program(tmp_path, CELLS)
    skips = dict.fromkeys(one.choices, "skip")
    first = {id: selection.sources[:1] for id, selection in one.selections.items()}
    held = prices(one, Chosen(skips, first))
    assert held == Prices(cost(one, Chosen(skips, first)).params, held.macs, 4 * (256 + 512))
    convolved = prices(one, Chosen(dict.fromkeys(one.choices, "conv"), first))
    assert convolved.memory == 4 * (256 + 2 * 256 + 512)


# --- against a run ------------------------------------------------------------------------------------------


class Held(TorchFunctionMode):
    """Notes the most bytes that the values of a network hold at once; temporaries of kernels are left out.

    A value is what a part of the network hands out, or a sum of the walk, as long as anything refers to it.
    """

    def __init__(self, network: GraphModule) -> None:
        super().__init__()
        self.peak, self._inside = 0, 0
        self._values: list[weakref.ref[Tensor]] = []
        for graph in (module for module in network.modules() if isinstance(module, GraphModule)):
            for part in graph.parts.values():
                if not isinstance(part, GraphModule):
                    part.register_forward_pre_hook(self._enter)
                    part.register_forward_hook(self._leave)

    def _enter(self, module: nn.Module, inputs: Any) -> None:
        self._inside += 1

    def _leave(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        self._inside -= 1
        self.note(output)

    def note(self, value: Tensor) -> Tensor:
        self._values.append(weakref.ref(value))
        held = {id(one): one for ref in self._values if (one := ref()) is not None}
        self.peak = max(self.peak, sum(one.numel() * one.element_size() for one in held.values()))
        return value

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        if function is torch.add and not self._inside:
            self.note(made)
        return made


def peak_of(one: Program, policy: Policy) -> int:
    """The most bytes that the network of a policy holds for one example."""
    network = GraphModule(one.network, one, policy).eval()
    node = next(node for node in one.network if node.kind == "input")
    held = Held(network)

    def inputs() -> Iterator[Tensor]:  # nothing here keeps the input of the network
        yield held.note(torch.zeros(1, *node.type.stored))

    with torch.no_grad(), held:
        network(inputs())  # type: ignore[arg-type]
    return held.peak


EXPERIMENTS = {
    "ss1": ("ss1", ("nodes=3", "channels=4")),
    "complex": ("ss1", ("nodes=3", "channels=4", "domain=complex")),
    "polynomials": ("sspolasym4", ("nodes=2", "channels=4")),
    "nasc": ("nasc", ("frontend=logmel(40)",)),
    "resnet18": ("resnet18", ()),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_memory_of_a_network_is_what_its_run_holds(name: str) -> None:
    space, overrides = EXPERIMENTS[name]
    one = load(space, Request(data="fsdd", preset="quick", overrides=overrides)).evaluation
    pricing = Pricing(one)
    for seed in range(2):
        policy = Chosen.of(random_genotype(one, seed))
        assert pricing.prices(policy).memory == peak_of(one, policy)


@pytest.mark.parametrize("space", ["ss1", "nasc"])
def test_parameters_and_macs_are_those_of_the_graph(space: str) -> None:
    one = load(space, Request(data="fsdd", preset="paper")).evaluation
    pricing = Pricing(one)
    for policy in (Everything(), *(Chosen.of(random_genotype(one, seed)) for seed in range(3))):
        found, summed = pricing.prices(policy), cost(one, policy)
        assert (found.params, found.macs) == (summed.params, summed.macs)


def test_the_prices_of_a_network_do_not_depend_on_those_before(tmp_path: Path) -> None:
    one = load("nasc", Request(data="fsdd", preset="quick", overrides=("frontend=logmel(40)",))).evaluation
    policies = [Chosen.of(random_genotype(one, seed)) for seed in range(6)]
    pricing = Pricing(one)
    together = [pricing.prices(policy) for policy in policies]
    order = list(range(6))
    random.Random(0).shuffle(order)
    again = Pricing(one)
    assert {place: again.prices(policies[place]) for place in order} == dict(enumerate(together))
