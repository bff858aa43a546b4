"""Names that mean nothing, found in every operation and cell, also in those that no space uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from . import syntax
from .diagnostics import Diagnostic
from .elaborate import FUNCTIONS
from .primitives import REGISTRY
from .resolve import Definitions, did_you_mean
from .source import Span
from .values import LITERALS, UNITS, WORDS

PLACE = ("x", "stride", "C", "C_in")


def unknown_names(definitions: Definitions) -> list[Diagnostic]:
    """A diagnostic for each name in an operation that nothing defines."""
    found: list[Diagnostic] = []
    for op in definitions.ops.values():
        known = {*PLACE, *(p.name for p in op.parameters), *(let.name for let in op.body.lets)}
        exprs = [*(p.default for p in op.parameters if p.default), *(let.value for let in op.body.lets), op.body.value]
        for expr in exprs:
            found += _unknown(expr, known, definitions.ops)
    return found


def _unknown(expr: syntax.Expr, known: set[str], ops: Iterable[str]) -> Iterator[Diagnostic]:
    everything = known | set(ops) | set(REGISTRY) | set(FUNCTIONS) | set(LITERALS) | WORDS
    for node in _walk(expr):
        if isinstance(node, syntax.Name) and node.name not in everything:
            yield Diagnostic(
                "N0201", f"nothing is named `{node.name}` here", node.span, help=did_you_mean(node.name, everything)
            )
        elif isinstance(node, syntax.Number) and node.suffix and node.suffix not in {*UNITS, *known}:
            hint = did_you_mean(node.suffix, {*UNITS, *known}) or f"units: {', '.join(UNITS)}"
            yield Diagnostic("N0201", f"`{node.suffix}` is no unit and no name here", node.span, help=hint)


def reachable(roots: object, ops: Mapping[str, syntax.Op]) -> set[str]:
    """The operations that something uses, directly or through others."""
    found: set[str] = set()
    frontier = [roots]
    while frontier:
        for node in _walk(frontier.pop()):
            if isinstance(node, syntax.Name) and node.name in ops and node.name not in found:
                found.add(node.name)
                frontier.append(ops[node.name])
    return found


def _walk(node: object) -> Iterator[object]:
    """Every node of an expression, or of a collection of them."""
    yield node
    if isinstance(node, tuple | list):
        for item in node:
            yield from _walk(item)
    elif isinstance(node, Mapping):
        yield from _walk(list(node.values()))
    if is_dataclass(node) and not isinstance(node, Span):
        for field in fields(node):
            yield from _walk(getattr(node, field.name))
