"""Reads methods: finds the one that an experiment calls, binds its arguments, and checks its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..parse.walking import substituted
from ..resolve.arguments import bind
from ..resolve.definitions import Keys
from .adversarial import PruningMethod
from .method import Method
from .pruning import PruningReader, prunes


def read_call(expr: syntax.Expr, known: Mapping[str, Keys]) -> tuple[Keys, tuple[syntax.Argument, ...]]:
    """The keys of the method that `darts` or `darts(order: 1)` calls, and the arguments of the call.

    Raises DslnasError N0201 if no method has this name, N0601 for one that prunes a trained network.
    """
    found, arguments = _called(expr, known, False)
    if prunes(found):
        message = f"method `{found.name}` makes a trained network smaller, and does not search"
        help = f"`dslnas prune RUN --method {found.name}`; to search, {_named(known, False)}"
        raise fail("N0601", message, expr.span, help=help)
    return found, arguments


def read_pruning_call(
    expr: syntax.Expr, known: Mapping[str, Keys]
) -> tuple[Keys, tuple[syntax.Argument, ...]]:
    """The keys of the method that `gal` calls, and the arguments of the call.

    Raises DslnasError N0201 if no method has this name, N0601 for one that searches.
    """
    found, arguments = _called(expr, known, True)
    if not prunes(found):
        message = f"method `{found.name}` searches, and makes no trained network smaller"
        raise fail("N0601", message, expr.span, help=_named(known, True))
    return found, arguments


def _called(
    expr: syntax.Expr, known: Mapping[str, Keys], smaller: bool
) -> tuple[Keys, tuple[syntax.Argument, ...]]:
    name = expr.function if isinstance(expr, syntax.Call) else expr
    if not isinstance(name, syntax.Name) or name.name not in known:
        shown = name.name if isinstance(name, syntax.Name) else expr.span.text
        help = did_you_mean(shown, known) or _named(known, smaller)
        raise fail("N0201", f"there is no method `{shown}`", name.span, help=help)
    return known[name.name], expr.arguments if isinstance(expr, syntax.Call) else ()


def _named(known: Mapping[str, Keys], smaller: bool) -> str:
    """The methods of one kind."""
    return f"known: {', '.join(name for name, keys in known.items() if prunes(keys) == smaller)}"


def check_method(keys: Keys) -> list[Diagnostic]:
    """The errors and warnings of a method of any kind."""
    return read_pruning_method(keys)[1] if prunes(keys) else read_method(keys)[1]


def read_pruning_method(
    keys: Keys, arguments: Sequence[syntax.Argument] = ()
) -> tuple[PruningMethod | None, list[Diagnostic]]:
    """The method of keys and arguments, or None if there are errors; and its errors."""
    try:
        reader = PruningReader(_with_arguments(keys, arguments))
    except DslnasError as error:
        return None, list(error.diagnostics)
    method = reader.read()
    return (None if reader.diagnostics else method), reader.diagnostics


def read_method(
    keys: Keys, arguments: Sequence[syntax.Argument] = ()
) -> tuple[Method | None, list[Diagnostic]]:
    """The method of keys and arguments, or None if there are errors; and its errors and warnings."""
    from .relaxed import RelaxedReader
    from .sampled import SampledReader, samples

    try:
        whole = _with_arguments(keys, arguments)
    except DslnasError as error:
        return None, list(error.diagnostics)
    reader = SampledReader(whole) if samples(whole) else RelaxedReader(whole)
    method = reader.read()
    failed = any(d.severity == "error" for d in reader.diagnostics)
    return (None if failed else method), reader.diagnostics


def _with_arguments(keys: Keys, arguments: Sequence[syntax.Argument]) -> Keys:
    """The keys with each parameter replaced by its argument or default; raises DslnasError N0207."""
    place = arguments[0].span if arguments else keys.span
    given = bind(keys.name, [parameter.name for parameter in keys.parameters], arguments, place)
    values: dict[str, syntax.Expr] = {}
    for parameter in keys.parameters:
        value = given[parameter.name].value if parameter.name in given else parameter.default
        if value is None:
            raise fail("N0207", f"method `{keys.name}` needs `{parameter.name}`", place)
        values[parameter.name] = value
    shown = ", ".join(f"{name}: {argument.value.span.text}" for name, argument in given.items())
    return replace(
        keys,
        name=f"{keys.name}({shown})" if shown else keys.name,
        values={key: substituted(exprs, values) for key, exprs in keys.values.items()},
    )
