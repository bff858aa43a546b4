"""A user's own primitives: declared by a decorated function, used in a text, checked, planned and trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pixels import SafeStrides
from small import batch
from torch import Tensor, nn

import dslnas
from dslnas.base.diagnostics import DslnasError
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import tensor
from dslnas.lower.modules.builders import module_of
from dslnas.lower.pruned import PrunedNetwork
from dslnas.search.relaxed.step import RelaxedSearch

SPACE = """
use "lib/darts.nas"

space Mine(channels = 4) {
    candidates {
        skip = skip
        gate = x -> squeeze(2) -> leaky(0.2)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev -> align(prev)
        node n[1..2] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> shrink(3) -> global_pool -> linear(classes)
}
"""


class Squeeze(nn.Module):
    """Channels weighed by what a bottleneck makes of their means (Hu et al., 2018)."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.Linear(channels, channels // ratio), nn.ReLU(), nn.Linear(channels // ratio, channels)
        )

    def forward(self, x_NCFT: Tensor) -> Tensor:
        weights: Tensor = self.inner(x_NCFT.mean((2, 3))).sigmoid()
        return x_NCFT * weights[:, :, None, None]


def declare() -> None:
    """Three primitives: with weights, with a plain parameter, with a type rule of its own."""

    @dslnas.primitive()
    def squeeze(x: dslnas.TensorType, ratio: int = 4) -> nn.Module:
        """squeeze and excitation"""
        return Squeeze(x.shape[0], ratio)

    @dslnas.primitive(stateless=True)
    def leaky(x: dslnas.TensorType, slope: float = 0.01) -> nn.Module:
        """max(x, 0) + slope * min(x, 0)"""
        return nn.LeakyReLU(slope)

    def smaller(x: dslnas.TensorType, by: int = 2) -> dslnas.TensorType:
        if len(x.size) != 2:
            raise ValueError(f"it needs a spectrogram, not `{x}`")
        return dslnas.TensorType(x.domain, x.channels, tuple(size.divided(by) for size in x.size))

    @dslnas.primitive(type=smaller)
    def shrink(x: dslnas.TensorType, by: int = 2) -> nn.Module:
        """the largest of each square"""
        return nn.MaxPool2d(by, ceil_mode=True)


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    """The primitives of a test are those of the language again afterwards."""
    before = dict(REGISTRY)
    declare()
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def written(folder: Path, text: str = SPACE) -> dslnas.Space:
    path = folder / "mine.nas"
    path.write_text(text, encoding="utf-8")
    return dslnas.load(path, data="fsdd", settings={"method": "darts"})


def test_a_space_of_own_primitives_is_checked_planned_and_trained(tmp_path: Path) -> None:
    space = written(tmp_path)
    assert space.check() == ()
    net, planned = space.supernet(), space.plan()
    assert planned.params.supernet == sum(p.numel() for p in net.network.parameters())
    one = space.experiment
    search = RelaxedSearch(one.supernet, one.method, 0, None, torch.device("cpu"))
    before = [p.detach().clone() for p in search.weight_parameters]
    search.step(batch(one), batch(one, seed=1), 0.5)
    moved = [not torch.equal(a, b) for a, b in zip(before, search.weight_parameters, strict=True)]
    assert all(moved)
    g = net.genotype()
    x, _ = batch(one)
    assert g.network()(x).shape == (4, len(one.classes))
    assert space.plan(g).params.live == sum(p.numel() for p in g.network().parameters())


def test_a_strided_convolution_of_single_pixels_is_safe(tmp_path: Path) -> None:
    """A module of a user with the form that torch does not train safely on a CPU; its numbers stay."""

    def halved(x: dslnas.TensorType) -> dslnas.TensorType:
        return dslnas.TensorType(x.domain, x.channels, tuple(size.divided(2) for size in x.size))

    @dslnas.primitive(type=halved)
    def halve(x: dslnas.TensorType) -> nn.Module:
        return nn.Sequential(nn.Conv2d(x.shape[0], x.shape[0], 1, stride=2), nn.ReLU())

    text = "space Mine {\n    network = input -> conv(3, 4) -> halve -> global_pool -> linear(classes)\n}\n"
    one = written(tmp_path, text).experiment
    genotype = one.only_genotype
    assert genotype is not None
    network, (x, labels) = PrunedNetwork(one.evaluation, genotype, 0), batch(one)
    with SafeStrides():
        logits = network(x)
        nn.functional.cross_entropy(logits, labels).backward()
    first, (conv, relu), last = (part for part in network.network.parts.values() if list(part.parameters()))
    assert isinstance(conv, nn.Conv2d) and conv.stride == (2, 2) and conv.bias is not None
    theirs = nn.Conv2d(4, 4, 1, stride=2)
    theirs.load_state_dict(conv.state_dict())
    torch.testing.assert_close(last(relu(theirs(first(x).contiguous())).mean((2, 3))), logits)


def test_its_signature_and_text_are_those_of_the_language() -> None:
    squeeze, leaky = REGISTRY["squeeze"], REGISTRY["leaky"]
    assert [(p.name, p.kind, p.default) for p in squeeze.parameters] == [("ratio", "int", 4)]
    assert squeeze.doc == "squeeze and excitation" and squeeze.inputs == 1 and not squeeze.stateless
    assert leaky.parameters[0].kind == "number" and leaky.stateless


@given(st.integers(1, 5), st.integers(1, 6), st.integers(7, 40), st.integers(7, 40))
def test_the_type_rule_says_what_the_module_does(by: int, channels: int, height: int, width: int) -> None:
    x, attributes = tensor("real", channels, height, width), {"by": by}
    one = REGISTRY["shrink"]
    said = one.type_rule((x,), attributes, "real")
    module = module_of(one, (x,), said, attributes)
    assert tuple(module(torch.zeros(1, *x.shape, device="meta")).shape[1:]) == said.shape
    assert one.cost((x,), said, attributes) == dslnas.Cost(0, 0)


def test_costs_are_counted_or_stated() -> None:
    x = tensor("real", 8, 4, 4)
    assert REGISTRY["squeeze"].cost((x,), x, {"ratio": 4}) == dslnas.Cost(2 * 8 * 2 + 2 + 8, 2 * 8 * 2)

    @dslnas.primitive(cost=lambda x, k: dslnas.Cost(k, 2 * k))
    def stated(x: dslnas.TensorType, k: int) -> nn.Module:
        return nn.Identity()

    assert REGISTRY["stated"].cost((x,), x, {"k": 3}) == dslnas.Cost(3, 6)


def test_what_a_type_rule_refuses_is_told_in_the_text(tmp_path: Path) -> None:
    text = "space Mine {\n    network = input -> conv(3, 8) -> global_pool -> shrink -> linear(classes)\n}\n"
    (found,) = written(tmp_path, text).check()
    assert found.code == "N0301" and "it needs a spectrogram" in found.message
    assert found.span is not None and found.span.text == "shrink"
    (wrong,) = written(tmp_path, SPACE.replace("shrink(3)", "shrink(0.5)")).check()
    assert wrong.code == "N0301" and "whole number" in wrong.message


def halves(x: dslnas.TensorType) -> dslnas.TensorType:
    return dslnas.TensorType(x.domain, x.channels * 2, tuple(size // 2 for size in x.size))


def numbers(x: dslnas.TensorType) -> dslnas.TensorType:
    """Plain numbers of Python, in a list."""
    return dslnas.TensorType(x.domain, 16, list(x.size))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "known", "symbols"),
    [
        (halves, tensor("real", 12, 3, 2), "2C x ⌈(-1 + F)/2⌉ x ⌈(-1 + T)/2⌉"),
        (numbers, tensor("real", 16, 7, 5), "16 x F x T"),
    ],
)
def test_a_type_rule_computes_with_numbers_and_with_symbols(rule: Any, known: Any, symbols: str) -> None:
    @dslnas.primitive(type=rule)
    def ruled(x: dslnas.TensorType) -> nn.Module:
        return nn.Identity()

    one = REGISTRY["ruled"]
    assert one.type_rule((tensor("real", 6, 7, 5),), {}, "real") == known
    assert str(one.type_rule((tensor("real", "C", "F", "T"),), {}, "real")) == symbols


def test_a_builder_meets_sizes_as_numbers() -> None:
    met: list[Any] = []

    @dslnas.primitive()
    def meets(x: dslnas.TensorType, out: dslnas.Channels = 2) -> nn.Module:
        met.extend((x.channels, x.size, out, x.shape, x.channels.known, x.channels.divided(4)))
        return nn.GroupNorm(2, x.channels)  # type: ignore[arg-type]

    x = tensor("real", 6, 7, 5)
    module_of(REGISTRY["meets"], (x,), x, {"out": dslnas.TensorType("real", x.channels, ()).channels})
    assert met == [6, (7, 5), 6, (6, 7, 5), 6, 2] and all(isinstance(one, int) for one in (met[0], *met[1]))


@pytest.mark.parametrize("asked", ["x.channels % 4", "x.channels < 8", "range(x.channels)"])
def test_what_is_asked_of_a_symbol_is_told(asked: str, tmp_path: Path) -> None:
    def rule(x: dslnas.TensorType) -> dslnas.TensorType:
        eval(asked)
        return x

    @dslnas.primitive(type=rule)
    def asking(x: dslnas.TensorType) -> nn.Module:
        return nn.Identity()

    text = "space Mine(channels = 8) {\n    network = input -> conv(3, channels) -> asking -> global_pool"
    (found,) = written(tmp_path, f"{text} -> linear(classes)\n}}\n").check()
    assert found.code == "N0208" and "`C` stands for any number" in found.message
    assert "x.channels.known" in found.help and found.span is not None
    assert Path(found.span.source.name).resolve() == Path(__file__)


@pytest.mark.parametrize("size", ["x.channels / 2", "True", "'C'", "None"])
def test_a_size_that_is_no_whole_number_is_told(size: str) -> None:
    def rule(x: dslnas.TensorType) -> dslnas.TensorType:
        return dslnas.TensorType(x.domain, eval(size), x.size)

    @dslnas.primitive(type=rule)
    def odd(x: dslnas.TensorType) -> nn.Module:
        return nn.Identity()

    with pytest.raises(DslnasError, match="no whole number"):
        REGISTRY["odd"].type_rule((tensor("real", 6, 7, 5),), {}, "real")


def no_annotation(x: dslnas.TensorType, k=3):  # type: ignore[no-untyped-def]
    return nn.Identity()


def any_number(x: dslnas.TensorType, *k: int) -> nn.Module:
    return nn.Identity()


def of_text(x: dslnas.TensorType, k: str) -> nn.Module:
    return nn.Identity()


def no_tensor(k: int) -> nn.Module:
    return nn.Identity()


def unknown_kind(x: dslnas.TensorType, k: Unknown) -> nn.Module:  # type: ignore[name-defined]  # noqa: F821
    return nn.Identity()


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (no_annotation, "`k` has no kind"),
        (any_number, "`k` has no kind"),
        (of_text, "`k` has no kind"),
        (no_tensor, "reads no tensor"),
        (unknown_kind, "cannot be read"),
    ],
)
def test_a_signature_that_is_none_of_the_language(function: Any, says: str) -> None:
    before = dict(REGISTRY)
    with pytest.raises(DslnasError, match=says) as caught:
        dslnas.primitive()(function)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0208" and diagnostic.help and before == REGISTRY
    assert diagnostic.span is not None and function.__name__ in diagnostic.span.text


@pytest.mark.parametrize("name", ["conv", "concat", "stride", "true", "real"])
def test_a_name_that_is_taken(name: str) -> None:
    def function(x: dslnas.TensorType) -> nn.Module:
        return nn.Identity()

    with pytest.raises(DslnasError, match="the name is taken") as caught:
        dslnas.primitive(name=name)(function)
    assert caught.value.diagnostics[0].code == "N0202"


def test_who_defines_a_primitive_again_means_the_new_one() -> None:
    old = REGISTRY["leaky"]
    declare()
    assert REGISTRY["leaky"] is not old


@pytest.mark.parametrize(
    ("module", "rule", "says"),
    [
        (nn.MaxPool2d(2), None, "hands out `4 x 16 x 16`, and its type rule says `4 x 32 x 32`"),
        (nn.Linear(3, 3), None, "the module of primitive `odd` fails"),
        ("no module", None, "builds no module"),
        (nn.Identity(), lambda x: x.sizes, "the type rule of primitive `odd` fails"),
        (nn.Identity(), lambda x: 3, "hands out no type"),
    ],
)
def test_what_fails_later_is_a_diagnostic_as_well(tmp_path: Path, module: Any, rule: Any, says: str) -> None:
    @dslnas.primitive(type=rule)
    def odd(x: dslnas.TensorType) -> nn.Module:
        found: nn.Module = module
        return found

    text = "space Mine {\n    network = input -> conv(3, 4) -> odd -> global_pool -> linear(classes)\n}\n"
    with pytest.raises(DslnasError) as caught:
        written(tmp_path, text).plan()
    assert says in caught.value.diagnostics[0].message and caught.value.diagnostics[0].code == "N0208"
