"""Methods as data: what their text says, with arguments, and whether they fit a space."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.check.methods import misfits
from dslnas.methods.method import Method, Optimizer, SampledMethod, relaxed
from dslnas.methods.read import read_call, read_method
from dslnas.parse import syntax
from dslnas.parse.parse import parse_value
from dslnas.resolve.resolve import library, resolve
from dslnas.runs.load import load
from dslnas.runs.request import Request


def method_of(text: str) -> Method:
    """The library's method that a call such as `darts(order: 1)` means."""
    (expr,) = parse_value(text, "--set method")
    method, found = read_method(*read_call(expr, library().methods))
    assert found == []
    assert method is not None
    return method


def written(folder: Path, text: str) -> tuple[Method | None, list[str]]:
    """The method `m` of a text, and the codes of what is said about it."""
    path = folder / "methods.nas"
    path.write_text(f'use "lib/methods.nas"\n{text}\n')
    definitions, diagnostics = resolve(path)
    assert diagnostics == []
    method, found = read_method(definitions.methods["m"])
    return method, [diagnostic.code for diagnostic in found]


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


def test_an_argument_is_part_of_the_name() -> None:
    assert method_of("darts(order: 1)").name == "darts(order: 1)"
    assert method_of("darts(1)").name == "darts(order: 1)"
    assert method_of("darts").name == "darts"


def test_at_second_order_the_weights_step_ahead_as_far_as_they_step_themselves() -> None:
    def unroll(*overrides: str) -> float | None:
        return load("ss1", Request(data="fsdd", overrides=overrides)).method.unroll

    second = "method=darts(order: 2)"
    assert unroll() is None
    assert unroll(second) == 0.025
    assert unroll(second, "method.weights=adam(lr: 1e-3)") == 1e-3
    assert unroll(second, "method.unroll=0.1") == 0.1


def test_a_parameter_is_its_value_everywhere(tmp_path: Path) -> None:
    """Also in the loss, where the search finds numbers only."""
    method, found = written(
        tmp_path,
        "method m(rate = 3e-4, force = 20) {\n"
        "    mix.edges: sigmoid\n"
        "    loss: cross_entropy + force * entropy(alpha) after 50%\n"
        "    arch: adam(lr: rate)\n}",
    )
    assert found == [] and method is not None
    assert method.arch.arguments["lr"] == 3e-4
    assert isinstance(method.loss, syntax.Binary) and isinstance(method.loss.right, syntax.After)
    force = method.loss.right.term
    assert isinstance(force, syntax.Binary) and force.left == syntax.Number(20, "", force.left.span)


def test_a_derived_method_has_the_parameters_of_its_base(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\nmethod base(rate = 1e-3) {\n    loss: cross_entropy\n    arch: adam(lr: rate)\n}\n'
        "method mine = base with { clip: 3 }\nexperiment {\n    space: SS1\n    method: mine(rate: 5e-3)\n}\n"
    )
    method = load(path).method
    assert (method.name, method.clip, method.arch.arguments["lr"]) == ("mine(rate: 5e-3)", 3, 5e-3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("method m { loss: cross_entropy }", []),
        ("method m { loss: cross_entropy + nodes / edges * zero_one(gamma) - -3 }", []),
        ("method m { loss: cross_entropy + entropy(gamma) }", []),
        ("method m = fairdarts with { loss: cross_entropy + entropy(gamma) }", ["N0602"]),
        ("method m { loss: cross_entropy + multihot(gamma, 2) }", ["N0602"]),
        ("method m { loss: zero_one(gamma) }", ["N0601"]),
        ("method m { loss: 3 }", ["N0601"]),
        ("method m { loss: cross_entropy + choose {1, 2} }", ["N0206"]),
        ("method m { clip: 5 }", ["N0601"]),
        ("method m = darts with { arch: adam(lr: (1, 2)) }", ["N0301"]),
        ("method m = darts with { weights: sgd(lr: 0.1, nesterov: 3) }", ["N0301"]),
        ("method m = darts with { prune: top(1, edges), top(0, candidates) }", ["N0301"]),
        ("method m = darts with { prune: top(2, skips) }", []),
        ("method m = darts with { prune: top(-1, skips) }", ["N0301"]),
        ("method m = darts with { prune: top(1, skips, by: edges) }", ["N0301"]),
        ("method m = darts with { start: normal(-1) }", ["N0301"]),
        ("method m = darts with { order: 1.5 }", ["N0301"]),
        ("method m = darts with {\n    order: 2\n    unroll: 0.1\n}", []),
        ("method m = darts with {\n    order: 2\n    unroll: -1\n}", ["N0301"]),
        ("method m = darts with { unroll: 0.1 }", ["N0601"]),
    ],
)
def test_methods_are_checked(text: str, expected: list[str], tmp_path: Path) -> None:
    method, found = written(tmp_path, text)
    assert found == expected
    assert (method is None) == any(code != "N0602" for code in expected)


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


# --- sampled methods ----------------------------------------------------------------------------------------


def test_the_method_of_nasc_net_is_plain_data() -> None:
    adam = Optimizer("adam", {"lr": 3e-3, "weight_decay": 1e-6})
    assert method_of("nasc") == SampledMethod(
        name="nasc",
        weights=adam,
        clip=None,
        split=pytest.approx(0.7),
        retrain=adam,
        floor=None,
        supernet="fair",
        population=64,
        generations=70,
        maximize=("accuracy",),
        minimize=("macs",),
    )


def test_a_sampled_method_derives_from_another(tmp_path: Path) -> None:
    settings = "    minimize: macs, params\n    evolve: nsga2(generations: 3, population: 8)\n"
    method, codes = written(tmp_path, f"method m = nasc with {{\n{settings}}}")
    assert codes == [] and isinstance(method, SampledMethod)
    assert (method.minimize, method.population, method.generations) == (("macs", "params"), 8, 3)
    assert method.maximize == ("accuracy",)


def test_a_sampled_supernet_mixes_nothing(tmp_path: Path) -> None:
    method, codes = written(tmp_path, "method m = darts with {\n    supernet: fair\n}")
    assert method is None
    assert codes == ["N0601"] * 9  # each key of `darts` that mixes, and what a sampled method lacks


def test_only_a_relaxed_method_can_be_searched_with() -> None:
    assert relaxed(method_of("darts")) == method_of("darts")
    with pytest.raises(DslnasError) as caught:
        relaxed(method_of("nasc"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0601"
    for command in ("dslnas check", "dslnas plan", "dslnas train"):
        assert command in diagnostic.help
