"""What is lost in training: how much, of what, and that it follows from seed and step alone."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.dropping import DROPPING
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Domain, tensor
from dslnas.lower.modules.builders import module_of
from dslnas.lower.modules.dropping import Losing, uniform
from dslnas.lower.recompute import computed_again


def layer(name: str, rate: float, domain: Domain = "real") -> nn.Module:
    type = tensor(domain, 8, 16, 16)
    return module_of(REGISTRY[name], (type,), type, {"rate": rate}).train()


def lost(module: nn.Module, x: Tensor, seed: int = 0, step: int = 0) -> Tensor:
    with Losing(module, seed).of(step):
        y: Tensor = module(x)
    return y


@pytest.mark.parametrize("name", DROPPING)
@settings(max_examples=10, deadline=None)
@given(st.floats(0, 0.9), st.integers(0, 10**6), st.sampled_from(["real", "complex"]))
def test_a_share_is_lost_and_the_mean_stays(name: str, rate: float, seed: int, domain: Domain) -> None:
    parts = 2 if domain == "complex" else 1
    module, x = layer(name, rate, domain), torch.ones(64, 8 * parts, 8, 8)
    y = lost(module, x.contiguous(memory_format=torch.channels_last), seed)
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y[y != 0], torch.full_like(y[y != 0], 1 / (1 - rate)))
    gone = (y == 0).unflatten(1, (8, parts))
    assert torch.equal(gone, gone[:, :, :1].expand_as(gone))  # both parts of a complex number
    whole = {"values": gone[:, :, 0], "channels": gone[:, :, 0, :1, :1], "examples": gone[:, :1, 0, :1, :1]}
    alike = whole[DROPPING[name]]
    assert torch.equal(gone[:, :, 0], alike.expand(64, 8, 8, 8))
    deviation = (rate * (1 - rate) / alike.numel()) ** 0.5
    assert float(alike.float().mean()) == pytest.approx(rate, abs=5 * deviation + 1e-6)


@pytest.mark.parametrize("name", DROPPING)
def test_what_is_lost_follows_from_seed_and_step(name: str) -> None:
    x, state = torch.ones(64, 8, 8, 8), torch.get_rng_state()
    one = lost(layer(name, 0.5), x, seed=1, step=2)
    assert torch.equal(one, lost(layer(name, 0.5), x, seed=1, step=2))
    assert not torch.equal(one, lost(layer(name, 0.5), x, seed=1, step=3))
    assert not torch.equal(one, lost(layer(name, 0.5), x, seed=2, step=2))
    assert torch.equal(torch.get_rng_state(), state)
    several = nn.Sequential(layer(name, 0.5), layer(name, 0.5))
    assert not torch.equal(lost(several, x), lost(several[0], x))  # each loses others
    assert several.state_dict() == {}


@pytest.mark.parametrize("name", DROPPING)
def test_nothing_is_lost_outside_of_a_step(name: str) -> None:
    module, x = layer(name, 0.5), torch.ones(4, 8, 8, 8)
    lost(module, x)
    assert module(x) is x
    with Losing(module.eval(), 0).of(0):
        assert module(x) is x
    with pytest.raises(TypeRuleError, match="loses everything"):
        REGISTRY[name].type_rule((tensor("real", 8, 4, 4),), {"rate": 1.0}, "real")


def test_the_draws_are_uniform_and_of_no_period() -> None:
    drawn = uniform(torch.tensor(7, dtype=torch.int32), 1 << 16)
    assert float(drawn.min()) >= 0 and float(drawn.max()) < 1
    counts = torch.histc(drawn, 64, 0, 1)
    assert float(((counts - 1024) ** 2 / 1024).sum()) < 120  # chi squared with 63 degrees of freedom
    for lag in (1, 2, 16, 256, 4096):
        pair = torch.stack((drawn[:-lag], drawn[lag:]))
        assert abs(float(torch.corrcoef(pair)[0, 1])) < 0.02


class Cell(nn.Module):
    """A cell with a dropout, as `computed_again` calls one."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.dropout = nn.Conv2d(4, 4, 1), layer("dropout", 0.5)

    def forward(self, read: list[Tensor], weights: object = None, route: object = None) -> Tensor:
        y: Tensor = self.dropout(self.layer(read[0]))
        return y


def test_a_cell_that_is_computed_again_loses_the_same() -> None:
    cell, x = Cell(), torch.ones(2, 4, 8, 8, requires_grad=True)
    with Losing(cell, 3).of(5):
        kept = torch.autograd.grad(cell([x]).square().sum(), [x, *cell.parameters()])
        again = torch.autograd.grad(computed_again(cell, [x], None).square().sum(), [x, *cell.parameters()])
    for one, other in zip(kept, again, strict=True):
        assert torch.equal(one, other)
