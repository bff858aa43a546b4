"""Traversals of syntax trees: all nodes, the names in them, and the substitution of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ..base.source import Span
from . import syntax


def names_in(exprs: Iterable[object]) -> set[str]:
    """Every name that expressions mention, symbols of numbers (`2C`) among them."""
    found: set[str] = set()
    for expr in exprs:
        for node in nodes_in(expr):
            if isinstance(node, syntax.Name):
                found.add(node.name)
            elif isinstance(node, syntax.Number) and node.suffix:
                found.add(node.suffix)
    return found


def names_after(exprs: Sequence[object]) -> list[frozenset[str]]:
    """For each of several expressions, every name that those after it mention."""
    after = [frozenset[str]()]
    for expr in reversed(exprs[1:]):
        more = names_in([expr]) - after[-1]
        after.append(after[-1] | more if more else after[-1])
    return after[::-1]


def reachable(roots: object, ops: Mapping[str, syntax.Op]) -> set[str]:
    """The names of the operations that syntax trees use, directly or through others."""
    found: set[str] = set()
    frontier = [roots]
    while frontier:
        for name in names_in([frontier.pop()]):
            if name in ops and name not in found:
                found.add(name)
                frontier.append(ops[name])
    return found


def substituted(node: Any, values: Mapping[str, syntax.Expr]) -> Any:
    """An expression with other expressions in the place of names, also of those that numbers multiply."""
    if isinstance(node, syntax.Name):
        return values.get(node.name, node)
    if isinstance(node, syntax.Number) and node.suffix in values:
        times = syntax.Number(node.value, "", node.span)
        return syntax.Binary("*", times, values[node.suffix], node.span, node.span)
    if isinstance(node, tuple):
        return tuple(substituted(item, values) for item in node)
    if not is_dataclass(node) or isinstance(node, type | Span):
        return node
    return type(node)(
        **{field.name: substituted(getattr(node, field.name), values) for field in fields(node)}
    )


def nodes_in(node: object) -> Iterator[object]:
    """Every node of an expression, of a definition, or of a collection of them."""
    frontier = [node]
    while frontier:
        node = frontier.pop()
        if isinstance(node, tuple | list):
            frontier += reversed(node)
        elif isinstance(node, Mapping):
            frontier += reversed(list(node.values()))
        elif isinstance(node, Span | str | int | float | None):
            continue
        else:
            yield node
            frontier += reversed(list(vars(node).values()))
