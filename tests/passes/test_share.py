"""Sharing: equal weightless nodes become one, and nothing that can be measured changes but the work."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from small import SPACES, batch, copy_matching, program_of, random_weights, small, unshared
from torch import Tensor, nn

from dslnas.ir.graph import Program
from dslnas.ir.verify import verify
from dslnas.ir.walk import Everything, cost
from dslnas.lower.network import GraphModule
from dslnas.passes import PIPELINE, run_passes
from dslnas.passes.share import share, weightless


def _network(program: Program, dtype: torch.dtype) -> GraphModule:
    torch.manual_seed(0)
    return GraphModule(program.network, program, Everything()).to(dtype, memory_format=torch.channels_last)


@pytest.mark.parametrize("space", SPACES)
def test_outputs_statistics_and_gradients_stay(space: str) -> None:
    experiment = small(space, "darts", nodes=3)
    plain = unshared(experiment)
    for dtype, tolerance in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        long, short = _network(plain, dtype), _network(share(plain), dtype)
        copy_matching(long, short)
        x, _ = batch(experiment, dtype=dtype)
        found: list[list[Tensor]] = []
        for network in (long, short):
            weights = random_weights(plain, 1, dtype)
            out = network([x], weights)
            scale = 1.0 / out.detach().square().sum()
            grads = torch.autograd.grad(out.square().sum() * scale, list(weights.values()))
            found.append([out, *grads])
        for one, other in zip(*found, strict=True):
            torch.testing.assert_close(one, other, rtol=10 * tolerance, atol=tolerance)
        kept = short.state_dict()
        for name, value in long.state_dict().items():
            if name in kept:  # running statistics: each shared norm has seen the batch once
                torch.testing.assert_close(value, kept[name], rtol=tolerance, atol=tolerance)
        if dtype == torch.float64:
            _weight_gradients_agree(long, short, x, plain)


def _weight_gradients_agree(long: GraphModule, short: GraphModule, x: Tensor, program: Program) -> None:
    for network in (long, short):
        network([x], random_weights(program, 1)).square().sum().backward()
    found = dict(long.named_parameters())
    for name, parameter in short.named_parameters():
        torch.testing.assert_close(found[name].grad, parameter.grad, rtol=1e-10, atol=1e-10)


def test_shared_modules_run_once() -> None:
    experiment = small("ss1", "darts", nodes=2)
    plain = unshared(experiment)
    calls = {"shared": _calls(share(plain)), "unshared": _calls(plain)}
    # three cells; edges leave a, b (to both nodes) and n1 (to the second): 5 edges from 3 sources
    assert calls["unshared"]["MaxPool"] == 3 * 5
    assert calls["shared"]["MaxPool"] == calls["shared"]["AvgPool"] == 3 * 3
    assert calls["shared"]["ReLU"] < calls["unshared"]["ReLU"]
    assert calls["shared"]["DepthwiseConv2d"] == calls["unshared"]["DepthwiseConv2d"]


def _calls(program: Program) -> Counter[str]:
    """How often modules of each class run in one forward pass; none may run twice."""
    network = _network(program, torch.float32)
    calls: Counter[str] = Counter()
    each: Counter[nn.Module] = Counter()

    def hook(module: nn.Module, *_: object) -> None:
        calls[type(module).__name__] += 1
        each[module] += 1

    for module in network.modules():
        if not isinstance(module, GraphModule | nn.ModuleDict):
            module.register_forward_hook(hook)
    network([batch(small())[0]], random_weights(program, 0, torch.float32))
    assert set(each.values()) == {1}
    return calls


def test_the_shared_program_is_well_formed_and_costs_no_more_weights() -> None:
    for space in SPACES:
        plain = verify(unshared(small(space)), "build")
        shared = run_passes(plain, PIPELINE)
        assert cost(shared, Everything()).params == cost(plain, Everything()).params
        for before, after in zip(plain.graphs(), shared.graphs(), strict=True):
            assert len(after) <= len(before)
            seen = [(n.primitive, n.attributes, tuple(after.inputs(n.id))) for n in after if weightless(n)]
            assert len(seen) == len(set(seen))
        again = share(shared)
        assert [len(graph) for graph in again.graphs()] == [len(graph) for graph in shared.graphs()]


def test_what_has_weights_is_never_shared() -> None:
    program = program_of(small("ss1"))
    for graph in program.graphs():
        for node in graph:
            if node.primitive in ("conv", "dwconv", "linear"):
                assert not weightless(node)
            if node.primitive == "bn":
                assert weightless(node) == (not dict(node.attributes)["affine"])
