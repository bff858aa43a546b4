"""Experiments: what is told of them, and what is built once."""

from __future__ import annotations

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.runs.experiment import describe_settings
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

# --- what is told -------------------------------------------------------------------------------------------


def test_a_space_is_complex_by_a_word() -> None:
    real, complex = (load("ss1", Request(overrides=[f"domain={domain}"])) for domain in ("real", "complex"))
    assert (real.frontend.output.domain, complex.frontend.output.domain) == ("real", "complex")
    assert real.space_hash == load("ss1").space_hash == complex.space_hash
    assert complex.supernet.network.output.type.domain == "real"
    assert complex.supernet.choices.keys() == real.supernet.choices.keys()


def test_the_complex_domain_is_told_operation_by_operation() -> None:
    with pytest.raises(DslnasError) as caught:
        load("nasc", Request(overrides=["domain=complex"]))
    found = caught.value.diagnostics
    assert [(d.code, d.message) for d in found if d.code == "N0308"] == [
        ("N0308", "`gru` has no complex form"),
    ]


def test_a_norm_of_a_single_value_is_told() -> None:
    """Three halvings leave one pixel of 8 bands and 8 frames: of one example, a single value a channel."""
    small = ["frontend=logmel(8, clip: 250ms)", "search.batch=2", "train.batch=2"]
    assert load("ss1", Request(overrides=small)).evaluation
    with pytest.raises(DslnasError) as caught:
        load("ss1", Request(overrides=[*small, "search.batch=1"]))
    first = caught.value.diagnostics[0]
    assert (first.code, first.message) == (
        "N0307",
        "`bn` makes zeros of `32 x 1 x 1` in batches of 1: it has a single value a channel",
    )
    assert first.help == "train on larger batches, or use fewer layers that halve the size"
    assert first.counterexample is not None
    trained = load("ss1", Request(overrides=[*small, "train.batch=1"]))
    with pytest.raises(DslnasError, match="in batches of 1"):
        plan(trained)
    assert load("ss1", Request(overrides=["search.batch=1", "train.batch=1"])).evaluation


def test_settings_are_described_as_they_are() -> None:
    experiment = load(
        "ss1", Request(data="sc09", preset="paper", overrides=["method=darts(order: 1)", "search.epochs=3"])
    )
    described = describe_settings(experiment)
    assert described["method"] == "darts(order: 1)" and described["set"] == list(experiment.overrides)
    assert described["search"]["epochs"] == 3 and described["search"]["channels"] == 16
    assert described["data"]["name"] == "sc09"


def test_programs_are_built_once() -> None:
    experiment = load("ss1", Request(data="fsdd"))
    assert experiment.supernet is experiment.supernet
    assert experiment.evaluation is experiment.evaluation
