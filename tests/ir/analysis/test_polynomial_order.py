"""Polynomial orders: of the shipped spaces against closed forms, and of written dataflows."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from small import small, unshared
from typer.testing import CliRunner

from cli.app import app
from dslnas.elaborate.space import Setup, build
from dslnas.ir.analysis.polynomial_order import Order, order_of, unbounded_products
from dslnas.ir.tensortype import tensor
from dslnas.resolve.resolve import resolve
from dslnas.runs.load import load
from dslnas.runs.request import Request

DEGREES = {"ss1": 1, "sspolasym4": 2, "sspolasym5": 2, "sspolattention": 3}
POLYNOMIALS = ("sep_conv_5x5", "dil_conv_5x5")
BOUNDED = ("sspolasym4", "sspolasym4_bounded", "sspolasym4_scaled", "sspolasym5")


def order(space: str, nodes: int, repeat: int) -> Order:
    """The orders of a shipped space of so many nodes and repeats."""
    experiment = small(space, "darts", f"repeat={repeat}", nodes=nodes)
    return order_of(experiment.built(experiment.settings.search))


@pytest.mark.parametrize(("space", "nodes", "repeat"), list(product(DEGREES, (1, 3), (0, 2))))
def test_orders_of_the_polynomial_spaces_have_closed_forms(space: str, nodes: int, repeat: int) -> None:
    """Nodes follow each other, cells as well: an operation of degree d makes d^nodes of a cell."""
    degree, found = DEGREES[space], order(space, nodes, repeat)
    assert {found.operations[name] for name in POLYNOMIALS} == {degree}
    assert {one for name, one in found.operations.items() if name not in POLYNOMIALS} == {1}
    assert found.cells == ({"normal": degree**nodes} if repeat else {}) | {"reduction": degree**nodes}
    assert found.network == degree ** (nodes * 3 * (repeat + 1))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x", 1),
        ("x * x", 2),
        ("x * x * x + x * x", 3),
        ("x -> (x * x) -> tanh -> (x * x)", 4),
        ("choose {x * x -> relu, x}", 2),
        ("3 times square", 8),
        ("if stride == 1 then x else x * x", 1),
        ("x -> conv(choose {1, 3}) -> (x * x)", 2),
        ("concat(x, x * x)", 2),
        ("x -> choose {bn, x * x -> tanh} -> choose {relu, (x * x)}", 4),
    ],
)
def test_orders_of_written_dataflows(body: str, expected: int, tmp_path: Path) -> None:
    path = tmp_path / "own.nas"
    stage = "3 times square" if body.startswith("3 times") else "own"
    written = "x" if stage != "own" else body
    path.write_text(
        f"op square = x * x\nop own = {written}\n"
        f"space S(channels = 4) {{ network = input -> conv(3, channels) -> {stage} "
        "-> global_pool -> linear(classes) }\n"
    )
    experiment = load(path, Request(preset="paper"))
    setup = Setup({"channels": 4}, tensor("real", 1, 8, 8), 3)
    program, found = build(experiment.space, experiment.definitions.ops, setup)
    assert program is not None, found
    assert order_of(program).network == expected


def test_the_deepest_of_several_depths_counts(tmp_path: Path) -> None:
    path = tmp_path / "deep.nas"
    path.write_text(
        "op square = x * x -> tanh\n"
        "space S { network = input -> choose {1, 3} times square -> conv(3, choose {4, 8}) -> square "
        "-> global_pool -> linear(classes) }\n"
    )
    definitions, _ = resolve(path)
    program, found = build(definitions.spaces["S"], definitions.ops, Setup({}, tensor("real", 1, 8, 8), 3))
    assert program is not None, found
    assert order_of(program).network == 2**4


def test_the_plan_shows_the_order() -> None:
    result = CliRunner().invoke(app, ["plan", "sspolattention", "--data", "sc09", "--json"])
    shown = json.loads(result.stdout)["order"]
    assert shown["cells"] == {"normal": 27, "reduction": 27}
    assert shown["network"] == 3 ** (3 * 9)
    assert (shown["operations"]["sep_conv_5x5"], shown["operations"]["sep_conv_3x3"]) == (3, 1)
    text = CliRunner().invoke(app, ["plan", "sspolasym5", "--data", "sc09"], env={"COLUMNS": "200"}).stdout
    assert "polynomial order" in text and f"{2 ** (3 * 9):,}" in text
    assert "operations: sep_conv_5x5 2, dil_conv_5x5 2" in text


@pytest.mark.parametrize("space", [*BOUNDED, "sspolattention"])
def test_complex_products_of_the_shipped_spaces_are_bounded_but_for_one(space: str) -> None:
    """That one is the outer product of `attention`: its other factor is bounded, and it is not."""
    found = unbounded_products(unshared(small(space, "darts", "domain=complex", nodes=1)))
    assert {one.code for one in found} == (set() if space in BOUNDED else {"N0310"})
