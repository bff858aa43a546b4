"""Evaluates the loss formula of a method on tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Self

import torch
from torch import Tensor

from ...base.diagnostics import DslnasError, fail
from ...ir.graph import Program
from ...methods.loss import counts_of, share
from ...methods.method import RelaxedMethod
from ...parse import syntax
from ...resolve.values import ARITHMETIC
from .losses import REGULARIZER_FUNCTIONS

ROUNDING = 1e-9  # `57%` is 0.5700000000000001: far less than the share of a step


@dataclass(frozen=True)
class Terms:
    """The variables of a loss formula.

    cross_entropy: scalar. alpha, gamma: the mixed weights, a vector for each edge and for each node.
    nodes, edges: how many one cell has. progress: the share of the search's steps that is done, 0 .. 1.
    """

    cross_entropy: Tensor
    alpha: Sequence[Tensor]
    gamma: Sequence[Tensor]
    nodes: float
    edges: float
    progress: float

    @classmethod
    def of(
        cls,
        program: Program,
        cross_entropy: Tensor,
        alpha: Mapping[str, Tensor],
        gamma: Mapping[str, Tensor],
        progress: float,
    ) -> Self:
        """The variables for a program."""
        counts = counts_of(program)
        weights = list(alpha.values()), list(gamma.values())
        return cls(cross_entropy, *weights, counts["nodes"], counts["edges"], progress)


def check_loss(method: RelaxedMethod, program: Program) -> None:
    """Raise DslnasError N0601 where the loss of a method cannot be evaluated on a program."""
    alpha = {id: torch.full((len(p.options),), 1.0 / len(p.options)) for id, p in program.choices.items()}
    gamma = {id: torch.full((len(s.sources),), 0.5) for id, s in program.selections.items()}
    try:
        for progress in (0.0, 1.0):
            terms = Terms.of(program, torch.ones(()), alpha, gamma, progress)
            value = _value(method.loss, terms)
            if not isinstance(value, Tensor):
                raise ValueError("it is a plain number" + " at the start" * (progress == 0.0))
            if not isfinite(value):
                raise ValueError(f"it is {float(value)} where all weights are equal")
    except (ValueError, ArithmeticError) as error:
        reason = "it divides by zero" if isinstance(error, ZeroDivisionError) else str(error)
        raise _unfit(method, program, reason) from None


def _unfit(method: RelaxedMethod, program: Program, reason: str) -> DslnasError:
    message = f"the loss of method `{method.name}` does not fit space `{program.space}`: {reason}"
    help = "change its formula, or take another method: `--set method=darts`"
    return fail("N0601", message, method.loss.span, help=help)


def loss_value(formula: syntax.Expr, terms: Terms) -> Tensor:
    """The loss, a scalar. A term `after` a share of the steps, or `from` it on, is left out until then."""
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
            return ARITHMETIC[expr.operator](_value(expr.left, terms), _value(expr.right, terms))
        case syntax.After():
            return _value(expr.term, terms) if _begun(expr, terms.progress) else 0.0
        case syntax.Ramp():
            part = ramped(terms.progress, share(expr.start), share(expr.end))
            return part * _value(expr.term, terms) if part else 0.0
        case syntax.Call():
            weights = getattr(terms, _argument(expr, 0).name)
            numbers = [_whole(expr, position) for position in range(1, len(expr.arguments))]
            return REGULARIZER_FUNCTIONS[expr.function.name](weights, *numbers)
    raise AssertionError(f"the checker admits no {expr}")


def moment(formula: syntax.Expr, progress: float) -> tuple[float, ...] | None:
    """The factors, 0 or 1, of the scheduled terms of a loss at some progress; None while a ramp rises."""
    parts = tuple(_parts(formula, progress))
    return parts if all(part in (0.0, 1.0) for part in parts) else None


def _parts(expr: syntax.Expr, progress: float) -> Iterator[float]:
    match expr:
        case syntax.Negative():
            yield from _parts(expr.value, progress)
        case syntax.Binary():
            yield from _parts(expr.left, progress)
            yield from _parts(expr.right, progress)
        case syntax.After():
            yield float(_begun(expr, progress))
            yield from _parts(expr.term, progress)
        case syntax.Ramp():
            yield ramped(progress, share(expr.start), share(expr.end))
            yield from _parts(expr.term, progress)


def _begun(term: syntax.After, progress: float) -> bool:
    return progress >= share(term.when) - ROUNDING


def ramped(progress: float, start: float, end: float) -> float:
    """The factor of a ramped term: 0 until `start`, 1 from `end` on, linear between them."""
    if progress <= start + ROUNDING:
        return 0.0
    if progress >= end - ROUNDING:
        return 1.0
    return (progress - start) / (end - start)


def _argument(call: syntax.Call, position: int) -> syntax.Name:
    value = call.arguments[position].value
    assert isinstance(value, syntax.Name)
    return value


def _whole(call: syntax.Call, position: int) -> int:
    value = call.arguments[position].value
    assert isinstance(value, syntax.Number)
    return int(value.value)
