"""What experiments, profiles and sweeps name: spaces, methods, front ends and data sets."""

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
from ..resolve.values import evaluate_words


def frontends_named(
    keys: Keys, definitions: Definitions, fixes: Fixes | None = None
) -> tuple[FrontEnds | None, list[Diagnostic]]:
    """The front ends that a profile, an experiment or a sweep names, and what is wrong with them."""
    if "frontend" not in keys.values:
        return None, []
    try:
        return frontends_of(keys, definitions, "real", fixes), []
    except DslnasError as error:
        return None, list(error.diagnostics)


def unknown_space(definitions: Definitions, name: str, place: Span) -> list[Diagnostic]:
    """That an experiment or a sweep names no space, where its definition is not one that cannot be read."""
    if definitions.excused("space", name):
        return []
    known = [*definitions.spaces, *(unread for kind, unread in definitions.unread if kind == "space")]
    help = did_you_mean(name, known) or (f"known: {', '.join(known)}" if known else "")
    if not name:
        return [Diagnostic("N0201", "`space` takes the name of a space", place, help=help)]
    return [Diagnostic("N0201", f"there is no space {show(name)}", place, help=help)]


def wrong_data(expr: Expr) -> list[Diagnostic]:
    """What is wrong with the name of a data set."""
    try:
        stated_data(expr)
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def stated_data(expr: Expr) -> str:
    """The data set that a file names, `sc09` or `"folder:recordings"`; raises DslnasError if none."""
    name = evaluate_words(expr)
    if not isinstance(name, str):
        help = 'its name, such as `sc09`, or `"folder:PATH"`'
        raise fail("N0301", "`data` takes a data set", expr.span, help=help)
    try:
        return str(parse_spec(name))
    except DslnasError as error:
        raise DslnasError(*(replace(one, span=expr.span) for one in error.diagnostics)) from None


def method_called(definitions: Definitions, expr: Any) -> tuple[Method | None, list[Diagnostic]]:
    """The method that `darts` or `darts(order: 1)` calls, None where there is none, and what is wrong."""
    known = with_library(definitions).methods
    try:
        keys, arguments = read_call(expr, known)
    except DslnasError as error:
        name = getattr(getattr(expr, "function", expr), "name", "")
        return None, [] if definitions.excused("method", name) else list(error.diagnostics)
    return read_method(keys, arguments)
