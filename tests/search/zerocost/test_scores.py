"""Scores of untrained networks against closed forms and against other ways to compute them."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dslnas.search.zerocost.scores import TINY, coding, jacob_cov, kernel_of, naswot, synflow


def chain(*widths: int, between: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Linear layers without biases, and what stands between them."""
    layers: list[nn.Module] = []
    for ins, outs in pairwise(widths):
        layers += [nn.Linear(ins, outs, bias=False), between()]
    return nn.Sequential(*layers[:-1])


@pytest.mark.parametrize("between", [nn.Identity, nn.ReLU, nn.ReLU6])
def test_the_flow_of_a_chain_is_the_sum_over_its_paths_for_each_layer(between: type[nn.Module]) -> None:
    torch.manual_seed(0)
    widths = (3, 4, 2, 5)
    network = chain(*widths, between=between)
    weights = [one.weight.detach().double().abs().numpy() for one in network if isinstance(one, nn.Linear)]
    paths = sum(
        math.prod(weights[at][path[at + 1], path[at]] for at in range(len(weights)))
        for path in product(*map(range, widths))
    )
    assert synflow(network, (3,)) == pytest.approx(math.log(len(weights) * paths), rel=1e-14)


def test_a_bias_takes_part_in_the_flow_and_is_no_weight_of_it() -> None:
    network = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    with torch.no_grad():
        for layer, weight, bias in ((network[0], -3.0, -0.5), (network[1], 2.0, 7.0)):
            assert isinstance(layer, nn.Linear)
            layer.weight.fill_(weight)
            layer.bias.fill_(bias)
    assert synflow(network, (1,)) == pytest.approx(math.log(2 * 3 + 2 * (3 + 0.5)), rel=1e-15)


def test_norms_are_left_out_of_the_flow_and_signs_count_nothing() -> None:
    torch.manual_seed(1)
    plain = chain(3, 4, 2)
    norm = nn.BatchNorm1d(4)
    nn.init.constant_(norm.weight, 5.0)
    normed = nn.Sequential(plain[0], norm, plain[1], plain[2])
    signs = chain(3, 4, 2)
    signs.load_state_dict({name: -one for name, one in plain.state_dict().items()})
    flows = [synflow(one, (3,)) for one in (normed, signs, plain)]
    assert len(set(flows)) == 1


def test_no_flow_is_the_least_and_one_beyond_all_numbers_is_refused() -> None:
    dead = chain(2, 2)
    nn.init.zeros_(dead[0].weight)  # type: ignore[arg-type]
    assert synflow(dead, (2,)) == math.log(TINY)
    wide = chain(*[1] * 12)
    for layer in wide:
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.weight, 1e30)
    with pytest.raises(OverflowError):
        synflow(wide, (1,))


def covariance(rows: np.ndarray) -> float:
    """The score as it is printed, by numpy."""
    values = np.linalg.eigvals(np.corrcoef(rows)).real
    return float(-np.sum(np.log(values + 1e-5) + 1 / (values + 1e-5)))


def test_the_covariance_of_jacobians_is_the_printed_sum() -> None:
    torch.manual_seed(2)
    rows = torch.randn(6, 2, 3, 5)
    assert jacob_cov(rows) == pytest.approx(covariance(rows.double().flatten(1).numpy()), rel=1e-10)


def test_jacobians_that_do_not_correlate_have_the_best_score_and_equal_ones_the_least() -> None:
    k, count = 1e-5, 4
    apart = torch.tensor([[1.0, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
    assert jacob_cov(apart) == pytest.approx(-3 * (math.log(1 + k) + 1 / (1 + k)), rel=1e-12)
    least = -(math.log(count + k) + 1 / (count + k)) - (count - 1) * (math.log(k) + 1 / k)
    alike = torch.arange(5.0).expand(count, 5)
    assert jacob_cov(alike) == pytest.approx(least, rel=1e-9)
    torch.manual_seed(3)
    flat = torch.randn(count, 5)
    flat[2] = 1.0
    broken = torch.randn(count, 5)
    broken[0, 0] = math.inf
    assert jacob_cov(flat) == jacob_cov(broken) == pytest.approx(least, rel=1e-9)


def test_the_kernel_counts_the_units_on_which_two_examples_agree() -> None:
    torch.manual_seed(4)
    layers = [torch.rand(5, 3, 2) > 0.5, torch.rand(5, 7) > 0.5]
    whole = torch.cat([one.flatten(1) for one in layers], 1)
    expected = [[13 - int((one != other).sum()) for other in whole] for one in whole]
    assert kernel_of(layers).tolist() == expected


def test_orthogonal_codes_have_the_determinant_of_their_matrix() -> None:
    signs = torch.tensor([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    kernel = kernel_of([signs > 0])  # they agree on half of the units: 2 I + 2
    assert naswot(kernel) == pytest.approx(3 * math.log(2) + math.log(10), rel=1e-14)
    _, expected = np.linalg.slogdet(kernel.numpy())
    assert naswot(kernel) == pytest.approx(expected, rel=1e-14)


def test_examples_that_share_a_code_lower_the_determinant_to_what_rounding_leaves() -> None:
    torch.manual_seed(5)
    codes = torch.rand(6, 40) > 0.5
    alike = codes.clone()
    alike[1] = alike[0]
    assert naswot(kernel_of([codes])) > naswot(kernel_of([alike])) > -math.inf
    assert naswot(torch.zeros(3, 3).double()) == pytest.approx(3 * math.log(TINY))


def test_codes_are_the_signs_of_what_piecewise_linear_units_take() -> None:
    class Taken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.units = nn.ModuleList([nn.ReLU(), nn.LeakyReLU(), nn.Tanh(), nn.PReLU(), nn.ReLU6()])

        def forward(self, x: Tensor) -> list[Tensor]:
            return [one(x) for one in self.units]

    codes: list[Tensor] = []
    x = torch.tensor([[-1.0, 2.0], [0.0, -3.0]])
    network = Taken()
    with coding(network, codes):
        network(x)
    network(x)
    assert [one.tolist() for one in codes] == [(x > 0).tolist()] * 4
