"""Methods as data: what they mix, and which of them can be searched with."""

from __future__ import annotations

import pytest
from read_methods import method_of

from dslnas.base.diagnostics import DslnasError
from dslnas.methods.method import relaxed
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.mark.parametrize(
    ("name", "candidates", "edges"),
    [
        ("darts", "softmax", "softmax"),
        ("fairdarts", "sigmoid", "sigmoid"),
        ("forcedarts", "softmax", "sigmoid"),
    ],
)
def test_the_papers_methods_mix_as_they_say(name: str, candidates: str, edges: str) -> None:
    method = method_of(name)
    assert method.mixing == {"candidates": candidates, "edges": edges}
    assert (method.keep_candidates, method.keep_edges, method.split, method.clip) == (1, 2, 0.5, 5)
    assert method.arch.name == "adam" and method.arch.arguments["betas"] == (0.5, 0.999)
    assert method.weights.arguments == {"lr": 0.025, "momentum": 0.9, "weight_decay": 3e-4}
    assert method.floor == 1e-5 and method.start == 1e-3


def test_at_second_order_the_weights_step_ahead_as_far_as_they_step_themselves() -> None:
    def unroll(*overrides: str) -> float | None:
        return load("ss1", Request(data="fsdd", overrides=overrides)).method.unroll

    second = "method=darts(order: 2)"
    assert unroll() is None
    assert unroll(second) == 0.025
    assert unroll(second, "method.weights=adam(lr: 1e-3)") == 1e-3
    assert unroll(second, "method.unroll=0.1") == 0.1


def test_the_rate_of_a_search_may_fall_and_the_step_ahead_falls_with_it() -> None:
    falling, second = "method.weights.schedule=cosine(1e-3)", "method=darts(order: 2)"
    assert (method_of("darts").weights_floor, method_of("darts").unroll_falls) == (None, False)
    for overrides, expected in (
        ((falling,), (1e-3, None, False)),
        ((falling, second), (1e-3, 0.025, True)),
        ((falling, second, "method.unroll=0.1"), (1e-3, 0.1, False)),
        (("method.weights.schedule=constant", second), (None, 0.025, False)),
    ):
        method = load("ss1", Request(data="fsdd", overrides=overrides)).method
        assert (method.weights_floor, method.unroll, method.unroll_falls) == expected


# --- sampled methods ----------------------------------------------------------------------------------------


def test_only_a_relaxed_method_mixes() -> None:
    assert relaxed(method_of("darts")) == method_of("darts")
    with pytest.raises(DslnasError) as caught:
        relaxed(method_of("nasc"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0601"
    assert "samples one option of each choice" in diagnostic.message
    assert "`--set method=darts`" in diagnostic.help
