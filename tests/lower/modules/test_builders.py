"""`bounded` and `scaled`: what they do to a modulus and to a phase, in values and in gradients."""

from __future__ import annotations

import cmath
from typing import Any

import pytest
import torch
from complex_values import assert_same, image, layer, numbers, pairs
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from dslnas.export.complex_parts import bounded as exported
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import Domain, tensor
from dslnas.lower.modules.builders import module_of

LAYOUTS = (torch.contiguous_format, torch.channels_last)
EXTREMES = (0.0, 1e-40, 1e-30, 1.0, 1e19, 1e30, 2e38)


def real(name: str, **attributes: Any) -> nn.Module:
    """A primitive for a real tensor of three channels."""
    type = tensor("real", 3, 4, 5)
    return module_of(REGISTRY[name], (type,), type, attributes)


# --- bounded -----------------------------------------------------------------------------------------------


def test_it_is_division_by_one_and_the_modulus() -> None:
    for dtype in (torch.complex64, torch.complex128):
        x = 5 * image(2, 3, 4, 5, dtype=dtype)
        assert_same(layer("bounded", x), lambda z: z / (1 + z.abs()), x)
        assert_same(layer("bounded", x[:, :, 0, 0]), lambda z: z / (1 + z.abs()), x[:, :, 0, 0])
    x = image(2, 3, 4, 5)
    for layout in LAYOUTS:
        laid = pairs(x).contiguous(memory_format=layout)
        assert layer("bounded", x)(laid).is_contiguous(memory_format=layout)
        assert torch.autograd.gradcheck(layer("bounded", x), laid.requires_grad_())


@given(st.floats(1e-150, 1e150), st.floats(0, 6.28))
def test_the_phase_stays_and_the_modulus_tells_its_size(modulus: float, phase: float) -> None:
    z = torch.tensor([[cmath.rect(modulus, phase), cmath.rect(2 * modulus, phase)]], dtype=torch.complex128)
    most = 1 + 4 * torch.finfo(torch.float64).eps  # what rounding adds
    small, large = numbers(layer("bounded", image(1, 2))(pairs(z)))[0]
    assert small.abs() <= most and large.abs() <= most
    if 1e-12 < modulus < 1e12:
        assert small.abs() < large.abs() < 1
    for one in (small, large):
        torch.testing.assert_close(one.angle(), z[0, 0].angle())


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=8))
def test_on_the_real_line_both_domains_agree(values: list[float]) -> None:
    x = torch.tensor(values).reshape(1, -1)
    of_numbers = numbers(layer("bounded", image(1, len(values)))(pairs(x.to(torch.complex64))))
    of_reals = real("bounded")(x)
    torch.testing.assert_close(of_numbers.real, of_reals)
    assert not of_numbers.imag.any() and of_reals.abs().max() <= 1
    torch.testing.assert_close(of_reals, x / (1 + x.abs()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_finite_wherever_its_input_is(dtype: torch.dtype, layout: torch.memory_format) -> None:
    corners = torch.cartesian_prod(torch.tensor(EXTREMES), torch.tensor(EXTREMES)).to(dtype)
    x = corners.reshape(-1, 2, 1, 1).contiguous(memory_format=layout).requires_grad_()
    most = 1 + 4 * torch.finfo(dtype).eps
    for module in (layer("bounded", image(1, 1, 1, 1)), real("bounded")):
        out = module(x)
        (gradient,) = torch.autograd.grad(out.sum(), x)
        assert out.isfinite().all() and out.abs().max() <= most
        assert gradient.isfinite().all() and gradient.abs().max() <= most
        torch.testing.assert_close(gradient[0], torch.ones_like(gradient[0]), msg="as it is, at 0")
    torch.testing.assert_close(exported(x), layer("bounded", image(1, 1, 1, 1))(x))


# --- scaled ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["real", "complex"])
def test_a_scale_begins_where_it_says_and_is_one_number_a_channel(domain: Domain) -> None:
    type = tensor(domain, 3, 4, 5)
    x = torch.randn(2, *type.stored).contiguous(memory_format=torch.channels_last)
    for start in (1.0, -0.25):
        module = module_of(REGISTRY["scaled"], (type,), type, {"start": start})
        (scale,) = module.parameters()
        assert scale.shape == (3,) and REGISTRY["scaled"].cost((type,), type, {"start": start}).params == 3
        assert torch.equal(module(x), start * x), "as it is, at 1"
        assert module(x.bfloat16()).dtype == torch.bfloat16


def test_a_scale_multiplies_moduli_and_learns_from_their_growth() -> None:
    for x in (image(2, 3, 4, 5), image(2, 3)):
        module: Any = layer("scaled", x, start=1.0)
        scale: Tensor = module.weight
        nn.init.normal_(scale, generator=torch.Generator().manual_seed(0))
        shaped = scale.detach().view(-1, *(1,) * (x.dim() - 2))
        assert_same(module, lambda z, factor=shaped: z * factor, x)
        towards = image(*x.shape, seed=3)
        (found,) = torch.autograd.grad(module(pairs(x)), scale, pairs(towards))
        along = (towards.conj() * x).real
        torch.testing.assert_close(found, along.sum([place for place in range(x.dim()) if place != 1]))
