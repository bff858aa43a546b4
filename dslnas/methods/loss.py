"""The loss formula of a method: cross entropy, regularizers of the architecture weights, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import add, mul, sub, truediv
from typing import Literal

from ..base.diagnostics import Diagnostic, DslnasError
from ..base.spelling import did_you_mean
from ..ir.graph import Program
from ..parse import syntax
from ..parse.walking import nodes_in
from ..resolve.arguments import coerce
from ..resolve.values import evaluate_words

Mixing = Literal["softmax", "sigmoid", "gumbel", "joint", "sum"]
# How architecture parameters become weights. `gumbel` draws one candidate, `joint` is one softmax over the
# edges into a node and all their candidates, `sum` weighs every edge 1.
MIXINGS: Mapping[str, tuple[Mixing, ...]] = {
    "candidates": ("softmax", "sigmoid", "gumbel"),
    "edges": ("softmax", "sigmoid", "joint", "sum"),
}
DISTRIBUTIONS: tuple[Mixing, ...] = ("softmax", "joint")  # the weights of a choice point or a node sum to 1
TRAINED: tuple[Mixing, ...] = (*DISTRIBUTIONS, "sigmoid")
OF_ONE = "is that of a distribution; sigmoid weights do not sum to 1"
SEVERAL = "softmax weights sum to 1 and can never be several ones"
# Regularizers of a loss: how many arguments follow the weights, and on which mixing they make sense.
REGULARIZERS: Mapping[str, tuple[int, tuple[Mixing, ...], str]] = {
    "zero_one": (0, TRAINED, ""),
    "entropy": (0, DISTRIBUTIONS, f"entropy {OF_ONE}"),
    "gini": (0, DISTRIBUTIONS, f"the Gini impurity {OF_ONE}"),
    "multihot": (1, ("sigmoid",), SEVERAL),
    "multihot_strict": (1, ("sigmoid",), SEVERAL),
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv}
WEIGHTS = {"alpha": "candidates", "gamma": "edges"}
COUNTS = ("nodes", "edges")


def check_loss(expr: syntax.Expr, mixing: Mapping[str, Mixing]) -> list[Diagnostic]:
    """Errors of a loss formula, and warnings (N0602) for regularizers that do not suit the mixing."""
    match expr:
        case syntax.Number() if not expr.suffix:
            return []
        case syntax.Name(name="cross_entropy"):
            return []
        case syntax.Name() if expr.name in COUNTS:
            return []
        case syntax.Negative():
            return check_loss(expr.value, mixing)
        case syntax.Binary(operator="/", right=syntax.Number(value=0)):
            return [Diagnostic("N0301", "division by zero", expr.right.span)]
        case syntax.Binary() if expr.operator in "+-*/":
            return check_loss(expr.left, mixing) + check_loss(expr.right, mixing)
        case syntax.After():
            return check_loss(expr.term, mixing) + _check_share(expr.when, "after")
        case syntax.Ramp():
            return check_loss(expr.term, mixing) + _check_ramp(expr)
        case syntax.Call():
            return _check_regularizer(expr, mixing)
        case syntax.Name():
            known = ["cross_entropy", *COUNTS, *REGULARIZERS]
            help = did_you_mean(expr.name, known) or f"a loss knows {', '.join(known)}"
            return [Diagnostic("N0201", f"`{expr.name}` is no part of a loss", expr.span, help=help)]
        case _:
            return [Diagnostic("N0206", "this is no part of a loss", expr.span)]


def regularizers(loss: syntax.Expr) -> Iterator[tuple[syntax.Call, str]]:
    """The regularizers of a loss without errors, each with its weights, `alpha` or `gamma`."""
    for node in nodes_in(loss):
        if isinstance(node, syntax.Call) and node.function.name in REGULARIZERS:
            target = node.arguments[0].value
            if isinstance(target, syntax.Name):
                yield node, target.name


def counted(loss: syntax.Expr) -> Iterator[tuple[syntax.Call, str, int]]:
    """The regularizers of a loss without errors that take a number, each with its weights and that number."""
    for node in nodes_in(loss):
        match node:
            case syntax.Call(
                arguments=[
                    syntax.Argument(value=syntax.Name(name=weights)),
                    syntax.Argument(value=syntax.Number(value=number)),
                ]
            ) if node.function.name in REGULARIZERS:
                yield node, weights, int(number)


def counts_of(program: Program) -> dict[str, float]:
    """What `nodes` and `edges` are: those of one cell, means where the kinds of cells differ."""
    selections = program.selections.values()
    kinds = len({selection.cell for selection in selections}) or 1
    edges = sum(len(selection.sources) for selection in selections)
    return {"nodes": len(selections) / kinds, "edges": edges / kinds}


def divides_by_nothing(loss: syntax.Expr, counts: Mapping[str, float]) -> bool:
    """Whether a loss divides by numbers and counts that come to zero."""
    quotients = (node for node in nodes_in(loss) if isinstance(node, syntax.Binary) and node.operator == "/")
    return any(_constant(quotient.right, counts) == 0 for quotient in quotients)


def _constant(expr: syntax.Expr, counts: Mapping[str, float]) -> float | None:
    """What numbers and counts come to; None where there is more in an expression, or a division by zero."""
    match expr:
        case syntax.Number():
            return expr.value
        case syntax.Name():
            return counts.get(expr.name)
        case syntax.Negative():
            value = _constant(expr.value, counts)
            return None if value is None else -value
        case syntax.Binary():
            left, right = _constant(expr.left, counts), _constant(expr.right, counts)
            if left is None or right is None or (expr.operator == "/" and right == 0):
                return None
            return _ARITHMETIC[expr.operator](left, right)
    return None


def share(when: syntax.Expr, what: str = "") -> float:
    """A point in a search as a share of its steps, 0 .. 1; raises DslnasError N0301 for other values."""
    return float(coerce(evaluate_words(when), "fraction", what, when.span))


def _check_share(when: syntax.Expr, word: str) -> list[Diagnostic]:
    try:
        share(when, f"`{word}`")
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def _check_ramp(ramp: syntax.Ramp) -> list[Diagnostic]:
    wrong = _check_share(ramp.start, "from") + _check_share(ramp.end, "to")
    if not wrong and share(ramp.start) >= share(ramp.end):
        help = f"`after {ramp.start.span.text}` brings all of it at once"
        return [Diagnostic("N0301", "this ends before it has begun", ramp.end.span, help=help)]
    return wrong


def _check_regularizer(call: syntax.Call, mixing: Mapping[str, Mixing]) -> list[Diagnostic]:
    name = call.function.name
    if name not in REGULARIZERS:
        help = did_you_mean(name, REGULARIZERS) or f"known: {', '.join(REGULARIZERS)}"
        return [Diagnostic("N0201", f"there is no regularizer `{name}`", call.function.span, help=help)]
    more, sensible, reason = REGULARIZERS[name]
    target = call.arguments[0].value if call.arguments else None
    if len(call.arguments) != 1 + more or not isinstance(target, syntax.Name) or target.name not in WEIGHTS:
        hint = did_you_mean(target.name, WEIGHTS) if isinstance(target, syntax.Name) else ""
        help = hint if target is not None and target.span.text not in WEIGHTS else ""
        message = f"`{name}` takes `alpha` or `gamma`{' and a number' * more}"
        return [Diagnostic("N0207", message, call.span, help=help or f"`{name}(alpha{', 2' * more})`")]
    for argument in call.arguments[1:]:
        if (
            not isinstance(argument.value, syntax.Number)
            or not argument.value.whole
            or argument.value.value < 1
        ):
            return [Diagnostic("N0301", f"`{name}` takes a whole number of ones", argument.span)]
    used = mixing[WEIGHTS[target.name]]
    if used not in sensible:
        message = f"`{name}` regularizes weights that `{used}` mixes"
        constant = "the weights of what is drawn are" if used == "gumbel" else "the weight of every edge is"
        help = reason if used in TRAINED else f"{constant} 1, whatever is learned"
        return [Diagnostic("N0602", message, call.span, help=help, severity="warning")]
    return []
