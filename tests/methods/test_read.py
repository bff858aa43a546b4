"""The text of methods: arguments, parameters, bases, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from read_methods import method_of, written

from dslnas.parse import syntax
from dslnas.runs.load import load


def test_an_argument_is_part_of_the_name() -> None:
    assert method_of("darts(order: 1)").name == "darts(order: 1)"
    assert method_of("darts(1)").name == "darts(order: 1)"
    assert method_of("darts").name == "darts"


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
        ("method m = darts with { prune: rerank }", []),
        ("method m = darts with {\n mix.skips: 1 .. 0\n stop: skips(3)\n}", []),
        ("method m = darts with {\n mix.skips: none\n stop: skips(50%)\n}", []),
        ("method m = darts with { mix.skips: 1 }", ["N0301"]),
        ("method m = darts with { mix.skips: -1 .. 0 }", ["N0301"]),
        ("method m = gdas with { mix.skips: 1 .. 0 }", ["N0601"]),
        ("method m = darts with { stop: skips(0) }", ["N0301"]),
        ("method m = darts with { stop: skips(150%) }", ["N0301"]),
        ("method m = darts with { stop: 3 }", ["N0301"]),
        ("method m = darts with { stop: eigenvalue }", []),
        ("method m = darts with { stop: eigenvalues }", ["N0301"]),
        ("method m = gdas with { stop: eigenvalue }", ["N0601"]),
        ("method m = random with { stop: eigenvalue }", ["N0601"]),
        ("method m = darts with { prune: top(2, edges), rerank(sample: 8), top(2, skips) }", []),
        ("method m = darts with { prune: perturb(tune: 0, clips: 64) }", []),
        ("method m = idarts with { prune: top(2, pairs), rerank }", []),
        ("method m = darts with { prune: rerank(sample: 1) }", ["N0301"]),
        ("method m = darts with { prune: rerank(8) }", ["N0207"]),
        ("method m = darts with { prune: perturb(steps: 8) }", ["N0204"]),
        ("method m = darts with { prune: perturb(tune: 5000) }", ["N0301"]),
        ("method m = darts with { prune: rerank, perturb }", ["N0601"]),
        ("method m = darts with { prune: top(1, candidates, above: 85%), rerank }", ["N0601"]),
        ("method m = darts with { prune: top(2, pairs), perturb }", ["N0601"]),
        ("method m = darts with { prune: top(2, edges, by: candidates), perturb }", ["N0601"]),
        ("method m = darts with { prune: top(2, skips), perturb }", ["N0601"]),
        ("method m = darts with {\n    arch: none\n    prune: rerank }", ["N0601"]),
        ("method m = darts with {\n    arch: none\n    prune: rerank(train: 0) }", ["N0601"]),
        ("method m = darts with {\n    arch: none\n    prune: rerank(sample: 4, train: 20) }", []),
        ("method m = darts with { prune: rerank(train: -1) }", ["N0301"]),
        ("method m = darts with { prune: rerank(train: 100000) }", ["N0301"]),
        ("method m = darts with { prune: top(2, pairs) }", []),
        ("method m = darts with { prune: top(2, pairs), top(2, skips) }", []),
        ("method m = darts with { prune: top(0, pairs) }", ["N0301"]),
        ("method m = darts with { prune: top(2, pairs, above: 50%) }", ["N0204"]),
        ("method m = darts with { prune: top(2, pairs), top(2, edges) }", ["N0601"]),
        ("method m = darts with { prune: top(1, candidates), top(2, pairs) }", ["N0601"]),
        ("method m = fairdarts with { prune: top(1, candidates, above: 85%), top(2, edges) }", []),
        ("method m = fairdarts with { prune: top(1, candidates, above: 0) }", []),
        ("method m = fairdarts with { prune: top(1, candidates, above: 101%) }", ["N0301"]),
        ("method m = fairdarts with { prune: top(1, candidates, above: -5%) }", ["N0301"]),
        ("method m = fairdarts with { prune: top(1, candidates, above: sigmoid) }", ["N0301"]),
        ("method m = fairdarts with { prune: top(2, edges, above: 85%) }", ["N0204"]),
        ("method m = darts with { start: normal(-1) }", ["N0301"]),
        ("method m = darts with { order: 1.5 }", ["N0301"]),
        ("method m = darts with {\n    order: 2\n    unroll: 0.1\n}", []),
        ("method m = darts with {\n    order: 2\n    unroll: -1\n}", ["N0301"]),
        ("method m = darts with { unroll: 0.1 }", ["N0601"]),
        ("method m = darts with {\n    weights.schedule: cosine(1e-3)\n    arch.clip: 5\n}", []),
        ("method m = darts with { weights.schedule: cosine(-1e-3) }", ["N0301"]),
        ("method m = darts with { weights.schedule: 1e-3 }", ["N0301"]),
        ("method m = darts with { arch.clip: 0 }", ["N0301"]),
        ("method m = random with { arch.clip: 5 }", ["N0601"]),
        ("method m = nasc with { weights.schedule: cosine(1e-3) }", ["N0601"]),
    ],
)
def test_methods_are_checked(text: str, expected: list[str], tmp_path: Path) -> None:
    method, found = written(tmp_path, text)
    assert found == expected
    assert (method is None) == any(code != "N0602" for code in expected)
