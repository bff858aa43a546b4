"""What the complex domain has: sums, products, channels side by side, a split tanh, and two casts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from dslnas.build import Setup, build
from dslnas.diagnostics import errors
from dslnas.lower.network import GraphModule
from dslnas.lower.walk import Everything
from dslnas.primitives import REGISTRY
from dslnas.resolve import resolve
from dslnas.tensortype import tensor


def applied(name: str, *inputs: Tensor) -> Tensor:
    """A primitive on tensors, built for their types, which the rule must agree with."""
    domains = ["complex" if x.is_complex() else "real" for x in inputs]
    types = tuple(tensor(d, *x.shape[1:]) for d, x in zip(domains, inputs, strict=True))  # type: ignore[arg-type]
    primitive = REGISTRY[name]
    output = primitive.type_rule(types, {}, "complex")
    result: Tensor = primitive.build(types, output, {})(*inputs)
    assert result.shape[1:] == output.shape
    assert result.is_complex() == (output.domain == "complex")
    return result


@pytest.fixture
def x() -> Tensor:
    return torch.randn(2, 3, 4, 5, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))


def test_casts_keep_what_they_say(x: Tensor) -> None:
    assert torch.allclose(applied("magnitude", x) ** 2, (x * x.conj()).real, atol=1e-5)
    parts = applied("real_imag", x)
    assert torch.equal(torch.complex(parts[:, :3], parts[:, 3:]), x)


def test_tanh_bends_both_parts(x: Tensor) -> None:
    bent = applied("tanh", 100 * x)
    assert torch.allclose(bent.real.abs(), torch.ones_like(bent.real), atol=0.2)
    assert torch.equal(bent.imag, (100 * x).imag.tanh())


def test_joins_are_those_of_complex_numbers(x: Tensor) -> None:
    assert torch.equal(applied("multiply", x, x), x * x)
    assert torch.equal(applied("add", x, x), x + x)
    assert torch.equal(applied("concat", x, x), torch.cat((x, x), 1))


def test_a_complex_space_runs_where_it_is_cast(tmp_path: Path, x: Tensor) -> None:
    path = tmp_path / "own.nas"
    path.write_text(
        "op own = (x * x -> tanh) + x -> choose {real_imag, concat(x -> magnitude, x -> magnitude)}\n"
        "space S(domain = complex) { network = input -> own -> conv(3, 4) -> global_pool -> linear(classes) }"
    )
    definitions, found = resolve(path)
    setup = Setup({"domain": "complex"}, tensor("complex", 3, 4, 5), 7)
    program, problems = build(definitions.spaces["S"], definitions.ops, setup)
    assert program is not None and not problems and not errors(found), problems
    weights = {id: torch.ones(len(point.options)) for id, point in program.choices.items()}
    assert GraphModule(program.network, program, Everything())([x], weights).shape == (2, 7)
