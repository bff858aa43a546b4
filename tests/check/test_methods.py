"""Whether a method fits a space."""

from __future__ import annotations

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.check.methods import misfits
from dslnas.runs.load import load
from dslnas.runs.request import Request


def test_a_method_that_keeps_more_than_arrives_does_not_fit() -> None:
    experiment = load("ss1", Request(data="fsdd"))
    assert misfits(experiment.method, experiment.supernet) == []
    with pytest.raises(DslnasError) as caught:
        load("ss1", Request(data="fsdd", overrides=["method.prune=top(1, candidates), top(3, edges)"]))
    assert [d.code for d in caught.value.diagnostics] == ["N0405"]


def test_a_loss_that_forces_more_ones_than_there_are_weights_does_not_fit() -> None:
    with pytest.raises(DslnasError) as caught:
        load(
            "ss1",
            Request(
                data="fsdd", overrides=["method=forcedarts", "method.loss=cross_entropy + multihot(gamma, 3)"]
            ),
        )
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0602" and diagnostic.message == "`multihot(gamma, 3)` where 2 edges arrive"


def test_a_loss_that_divides_by_edges_fits_no_space_without_any() -> None:
    large = ["frontend=logmel(64, clip: 1s)", "method=forcedarts"]
    with pytest.raises(DslnasError) as caught:
        load("nasc", Request(data="fsdd", overrides=large))
    (diagnostic,) = [one for one in caught.value.diagnostics if one.severity == "error"]
    assert diagnostic.code == "N0601" and diagnostic.span is not None
    assert (
        diagnostic.message == "the loss of method `forcedarts` does not fit space `NASC`: it divides by zero"
    )
    formula = "method.loss=cross_entropy / (edges + 2 * nodes + 1)"
    load("nasc", Request(data="fsdd", overrides=[*large, formula]))
    load("resnet18", Request(data="fsdd", overrides=["method=forcedarts"]))  # nothing is searched there
