"""Whether a method fits a space."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.check.methods import misfits
from dslnas.runs.load import load
from dslnas.runs.request import Request

SMOOTH = """
space Smooth(channels = 4, domain = real) {
    network = input -> conv(3, channels) -> choose {tanh, silu} -> global_pool -> linear(classes)
}
experiment {
    space: Smooth
}
"""


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


def test_a_score_that_no_network_of_a_space_has_does_not_fit(tmp_path: Path) -> None:
    for space, override, told in (
        ("ss1", "domain=complex", "`synflow` takes weights without signs, which complex numbers do not have"),
        (SMOOTH, "domain=real", "`naswot` reads the signs of piecewise-linear units, and `Smooth` has none"),
    ):
        path = tmp_path / "smooth.nas"
        path.write_text(SMOOTH)
        name = path if space is SMOOTH else space
        with pytest.raises(DslnasError) as caught:
            load(name, Request(data="fsdd", overrides=["method=zerocost", override]))
        (diagnostic,) = [one for one in caught.value.diagnostics if one.severity == "error"]
        assert diagnostic.code == "N0601" and diagnostic.message == f"method `zerocost`: {told}"
        assert diagnostic.span is not None and diagnostic.help
