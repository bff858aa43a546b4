"""Checks what experiments, profiles and sweeps refer to: spaces, methods, front ends, data sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..data.catalog import parse_spec
from ..elaborate.fixes import Fixes
from ..elaborate.frontends import frontends_of
from ..ir.frontend import FrontEnds
from ..methods.method import Method
from ..methods.read import read_call, read_method
from ..parse.syntax import Expr
from ..resolve.arguments import show
from ..resolve.definitions import Definitions, Keys
from ..resolve.resolve import with_library
from ..resolve.shipped import use_of
from ..resolve.values import evaluate_words


def frontends_named(
    keys: Keys, definitions: Definitions, fixes: Fixes | None = None
) -> tuple[FrontEnds | None, list[Diagnostic]]:
    """The front ends that a settings block names (None: none, or wrong), and their errors."""
    if "frontend" not in keys.values:
        return None, []
    try:
        return frontends_of(keys, definitions, "real", fixes), []
    except DslnasError as error:
        return None, list(error.diagnostics)


def unknown_space(definitions: Definitions, name: str, place: Span) -> list[Diagnostic]:
    """The error N0201 for an unknown space; none if its definition may be among those with syntax errors."""
    if definitions.excused("space", name):
        return []
    known = [*definitions.spaces, *(unread for kind, unread in definitions.unread if kind == "space")]
    near = did_you_mean(name, known) or (f"known: {', '.join(known)}" if known else "")
    help = use_of("space", name) or near
    if not name:
        return [Diagnostic("N0201", "`space` takes the name of a space", place, help=help)]
    return [Diagnostic("N0201", f"there is no space {show(name)}", place, help=help)]


def wrong_data(expr: Expr) -> list[Diagnostic]:
    """Errors in the name of a data set."""
    try:
        stated_data(expr)
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def stated_data(expr: Expr) -> str:
    """The data set that a value names, `sc09` or `"folder:recordings"`; raises DslnasError for any other."""
    name = evaluate_words(expr)
    if not isinstance(name, str):
        help = 'its name, such as `sc09`, or `"folder:PATH"`'
        raise fail("N0301", "`data` takes a data set", expr.span, help=help)
    try:
        return str(parse_spec(name))
    except DslnasError as error:
        raise DslnasError(*(replace(one, span=expr.span) for one in error.diagnostics)) from None


def method_called(definitions: Definitions, expr: Any) -> tuple[Method | None, list[Diagnostic]]:
    """The method that `darts` or `darts(order: 1)` calls (None: unknown or wrong), and its diagnostics."""
    known = with_library(definitions).methods
    try:
        keys, arguments = read_call(expr, known)
    except DslnasError as error:
        name = getattr(getattr(expr, "function", expr), "name", "")
        return None, [] if definitions.excused("method", name) else list(error.diagnostics)
    return read_method(keys, arguments)
