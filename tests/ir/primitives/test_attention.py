"""Attention: types and costs of its products, what is refused, and that they are torch's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from typed_modules import made

from dslnas.check.check import check_file
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import TensorType, tensor
from dslnas.lower.modules.sequences import Attend, Scores

SEQUENCE, ROW, MAP, VECTOR = (tensor("real", *size) for size in ((6, 7), (6, 1, 7), (6, 4, 7), (6,)))
OTHER = tensor("real", 6, 5)


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("query", [SEQUENCE, ROW])
def test_both_products_are_typed_and_cost_a_product_for_each_channel_and_pair(
    heads: int, query: TensorType
) -> None:
    scores = made("scores", (query, OTHER), heads=heads)
    assert scores.shape == (heads, 5, 7)
    assert made("attend", (scores, OTHER)) == SEQUENCE
    assert made("attend", (scores, tensor("real", 12, 1, 5))).shape == (12, 1, 7)
    assert REGISTRY["scores"].cost((query, OTHER), scores, {"heads": heads}).macs == 6 * 5 * 7
    assert REGISTRY["attend"].cost((scores, OTHER), SEQUENCE, {}).macs == 6 * 5 * 7


def test_learned_steps_are_typed_and_counted() -> None:
    for x in (SEQUENCE, ROW):
        assert made("position", (x,)) == x
        assert made("token", (x,)).shape == (*x.shape[:-1], 8)
    assert made("position", (MAP,)) == MAP
    assert REGISTRY["position"].cost((MAP,), MAP, {}).params == 6 * 7
    assert made("last", (ROW,)) == VECTOR


@pytest.mark.parametrize("heads", [1, 3])
def test_they_are_scaled_dot_product_attention(heads: int) -> None:
    q, k, v = torch.randn(3, 2, 6, 7, generator=torch.Generator().manual_seed(0))
    parts = (one.unflatten(1, (heads, -1)).transpose(2, 3) for one in (q, k, v))
    wanted = torch.nn.functional.scaled_dot_product_attention(*parts).transpose(2, 3).flatten(1, 2)
    weights = torch.softmax(Scores(heads)(q, k), dim=2)
    torch.testing.assert_close(Attend()(weights, v), wanted)


SCORES = tensor("real", 4, 7, 7)
COMPLEX = tensor("complex", 6, 7)


@pytest.mark.parametrize(
    ("name", "inputs", "attributes", "code", "told"),
    [
        ("scores", (SEQUENCE, SEQUENCE), {"heads": 4}, "N0303", "6 channels are no 4 heads of one size"),
        ("scores", (SEQUENCE, tensor("real", 4, 7)), {"heads": 1}, "N0303", "different channels"),
        ("scores", (VECTOR, VECTOR), {"heads": 1}, "N0305", "steps of time, and `6` has none"),
        ("scores", (MAP, MAP), {"heads": 1}, "N0305", "has frequencies as well"),
        ("scores", (SEQUENCE, COMPLEX), {"heads": 1}, "N0304", "a real and a complex"),
        ("attend", (SCORES, SEQUENCE), {}, "N0303", "6 channels are no 4 heads"),
        ("attend", (SCORES, OTHER), {}, "N0302", "weighs 7 steps of `6 x 5`, which has 5"),
        ("attend", (SEQUENCE, SEQUENCE), {}, "N0305", "heads x steps x steps"),
        ("attend", (SCORES, COMPLEX), {}, "N0304", "a real and a complex"),
        ("position", (VECTOR,), {}, "N0305", "steps of time"),
        ("token", (MAP,), {}, "N0305", "has frequencies as well"),
    ],
)
def test_what_has_no_steps_or_no_heads_is_refused(
    name: str, inputs: tuple[TensorType, ...], attributes: dict[str, Any], code: str, told: str
) -> None:
    with pytest.raises(TypeRuleError, match=told) as caught:
        REGISTRY[name].type_rule(inputs, attributes, "real")
    assert caught.value.code == code


GUESSES = [
    ("attend(scores(x, x, heads: 3) -> softmax(frequency), x)", "N0303", "8 channels are no 3 heads"),
    ("matmul(x, x)", "N0201", "attend(scores(q, k, heads: 1)"),
    ("x -> multi_head_attention(4)", "N0201", "attend(scores(q, k, heads: 1)"),
    ("x -> attention(4)", "N0201", "self_attention"),
    ("x @ x", "N0101", "attend(scores(q, k, heads: 1)"),
    ("x -> scores(x)", "N0207", "scores(q, k)"),
    ("x -> scores", "N0206", "scores(q, k)"),
    ("scores(x)", "N0207", "takes 2 tensors"),
    ("scores(x, 3)", "N0207", "takes 2 tensors"),
    ("x -> class_token", "N0201", "`token`"),
]


@pytest.mark.parametrize(("value", "code", "told"), GUESSES)
def test_first_guesses_are_told_how_it_is_written(value: str, code: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "guess.nas"
    path.write_text(
        f"op mine = {value}\n"
        "space S { network = input -> fold -> linear(8) -> mine -> global_pool -> linear(classes) }\n",
        encoding="utf-8",
    )
    first = check_file(path)[0]
    assert first.code == code, first
    assert told in f"{first.message} {first.help}", first
    assert first.span is not None and first.span.line in (1, 2)
