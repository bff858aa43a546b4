"""The loss of a method, as written, evaluated on tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .. import syntax
from ..losses import REGULARIZERS
from ..values import Quantity, evaluate


@dataclass(frozen=True)
class Terms:
    """What a formula may speak of.

    cross_entropy: scalar. alpha, gamma: the mixed weights, a vector for each edge and for each node.
    nodes, edges: how many there are. progress: the share of the search's steps that is done, 0 .. 1.
    """

    cross_entropy: Tensor
    alpha: Sequence[Tensor]
    gamma: Sequence[Tensor]
    nodes: int
    edges: int
    progress: float


def loss_value(formula: syntax.Expr, terms: Terms) -> Tensor:
    """The loss, a scalar. A term `after` a share of the steps is left out until then."""
    value = _value(formula, terms)
    assert isinstance(value, Tensor), "the checker admits formulas that end in a tensor"
    return value


def _value(expr: syntax.Expr, terms: Terms) -> Any:
    match expr:
        case syntax.Number():
            return expr.value
        case syntax.Name():
            return getattr(terms, expr.name)
        case syntax.Negative():
            return -_value(expr.value, terms)
        case syntax.Binary():
            return _joined(expr.operator, _value(expr.left, terms), _value(expr.right, terms))
        case syntax.After():
            return _value(expr.term, terms) if terms.progress >= share(expr) else 0.0
        case syntax.Call():
            weights = getattr(terms, _argument(expr, 0).name)
            numbers = [int(argument.value.value) for argument in expr.arguments[1:]]  # type: ignore[union-attr]
            return REGULARIZERS[expr.function.name](weights, *numbers)
    raise AssertionError(f"the checker admits no {expr}")


def share(expr: syntax.After) -> float:
    """When a term begins, as a share of the steps."""
    when = evaluate(expr.when, lambda name: name.name)
    return float(when.value if isinstance(when, Quantity) else when)


def _argument(call: syntax.Call, position: int) -> syntax.Name:
    value = call.arguments[position].value
    assert isinstance(value, syntax.Name)
    return value


def _joined(operator: str, left: Any, right: Any) -> Any:
    operations: Mapping[str, Any] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
    }
    return operations[operator]()
