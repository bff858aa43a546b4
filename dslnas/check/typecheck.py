"""The type checker: proves a space well formed for all numbers of channels and input sizes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError
from ..base.spelling import did_you_mean
from ..elaborate.scope import Work
from ..elaborate.space import Elaborate, Setup, build
from ..ir.graph import Program
from ..ir.tensortype import Dim, Domain, tensor
from ..resolve.arguments import show
from ..resolve.definitions import Definitions, Space
from ..resolve.settings import DOMAINS, symbolic
from ..resolve.values import evaluate_words

EXAMPLE_SIZE = {"F": 32, "T": 32}  # the values of the symbols that messages show


def typecheck(
    space: Space,
    definitions: Definitions,
    elaboration: Elaborate | None = None,
    work: Work | None = None,
    classes: int | None = None,
) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a space with symbolic channels and sizes, or None; and all type errors in it.

    elaboration, work: as for `build`. classes: their number, of a run, whose data stays; else a symbol.
    """
    try:
        parameters = symbolic(space)
    except DslnasError as error:
        return None, list(error.diagnostics)
    domain, wrong = _domain(space, parameters)
    wrong += _wrong_sizes(space)
    if domain is None or wrong:
        return None, wrong
    default = evaluate_words(space.parameters["channels"]) if "channels" in parameters else 1
    symbols = {"C": default, **EXAMPLE_SIZE}
    setup = Setup(parameters, tensor(domain, 1, "F", "T"), Dim.of(classes or "classes"), symbols)
    return build(space, definitions.ops, setup, partial(definitions.excused, "op"), elaboration, work)


def _domain(space: Space, parameters: Mapping[str, Any]) -> tuple[Domain | None, list[Diagnostic]]:
    value = parameters.get("domain", "real")
    for domain in DOMAINS:
        if value == domain:
            return domain, []
    message = f"the domain is `real` or `complex`, not {show(value)}"
    help = did_you_mean(str(value), DOMAINS)
    return None, [Diagnostic("N0301", message, space.parameters["domain"].span, help=help)]


def _wrong_sizes(space: Space) -> list[Diagnostic]:
    """Errors for parameters whose default is a number outside of 0 .. `limits.SIZE`."""
    return [
        Diagnostic("N0301", f"parameter `{name}` must be from 0 to {limits.SIZE:,}", expr.span)
        for name, expr in space.parameters.items()
        if type(value := evaluate_words(expr)) in (int, float) and not 0 <= value <= limits.SIZE
    ]
