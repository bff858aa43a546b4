"""The candidates of a set, each applied to one tensor: `choose candidates(p)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..base import limits
from ..base.diagnostics import DslnasError
from ..base.source import Span
from ..ir.graph import GraphNode
from ..parse import syntax
from ..parse.format import one_line
from .builder import Builder
from .choices import mix, point_of
from .edges import expect, strided
from .scope import POISON, Poison, Recipe, Ref, Scope

Apply = Callable[[syntax.Expr, Ref, Scope], Any]  # a stage applied to a tensor


def choose_candidates(
    here: Builder,
    expr: syntax.Choose,
    candidates: Mapping[str, syntax.Expr],
    x: Ref,
    scope: Scope,
    apply: Apply,
) -> Any:
    """The candidates of the set that a `choose` names, competing on `x`."""
    assert expr.candidates is not None
    set = expr.candidates.function.name
    point = point_of(here, expr)
    options: dict[str, Any] = {}
    fixed = here.shared.fixes.option(f"{here.owner}/{point}", candidates)
    for label in candidates if fixed is None else [fixed]:
        options[label] = _candidate(here, set, point, label, candidates[label], x, scope, apply)
    good = {label: ref for label, ref in options.items() if isinstance(ref, Ref)}
    if good and fixed is not None:
        return good[fixed]
    if good:
        return mix(here, point, good, expr.span)
    wanted = strided(x.type, scope)  # all are reported: go on with the type that the edge needs
    return here.add(GraphNode(here.fresh("unknown"), "input", wanted, span=expr.span))


def _candidate(
    here: Builder,
    set: str,
    point: str,
    label: str,
    option: syntax.Expr,
    x: Ref,
    scope: Scope,
    apply: Apply,
) -> Ref | Poison:
    """One candidate on one tensor, or poison once its errors are reported.

    What a candidate makes depends on the type it is given, the stride and the channels alone: elaborated
    once, it is written down as a recipe and repeated, unless a choice is in it: that is another each time.
    """
    stride, channels = scope.find("stride"), scope.find("C")
    recipes = here.shared.recipes.setdefault(set, {}).setdefault((x.type, stride, channels), {})
    if label in recipes and not here.taken:  # in a variant, names say so
        return _repeat(here, recipes[label], f"{point}/{label}/", x, option.span)
    start, asked = len(here.made), here.shared.fixes.asked
    inner = Scope({**here.shared.parameters, "stride": stride, "C": channels})
    try:
        with here.option(point, label, f"candidate `{label}` = {one_line(option.span.text)}"):
            result = apply(option, x, inner)
            expect(result, x, scope, strided(x.type, scope), option)
    except DslnasError as error:
        here.shared.report(error)
        return POISON
    made = here.made[start:]
    if isinstance(result, Ref) and here.shared.fixes.asked == asked and not here.taken:
        recipes[label] = _recipe(made, f"{point}/{label}/", result)
    return result if isinstance(result, Ref) else POISON


def _recipe(made: Iterable[tuple[GraphNode, tuple[str, ...]]], prefix: str, result: Ref) -> Recipe:
    def relative(id: str) -> str | None:
        return id[len(prefix) :] if id.startswith(prefix) else None

    nodes = tuple((node.id[len(prefix) :], node, tuple(map(relative, inputs))) for node, inputs in made)
    return Recipe(nodes, relative(result.id), result.type)


def _repeat(here: Builder, recipe: Recipe, prefix: str, x: Ref, span: Span) -> Ref:
    here.shared.spend(span, limits.REPEATED * len(recipe.nodes))
    for name, node, inputs in recipe.nodes:
        copy = GraphNode(prefix + name, node.kind, node.type, node.primitive, node.attributes, span=node.span)
        here.add(copy, [x.id if source is None else prefix + source for source in inputs])
    return Ref(x.id if recipe.result is None else prefix + recipe.result, recipe.type, span)


def _text(expr: syntax.Expr) -> str:
    """The text of an expression on one line, whatever its layout."""
    return one_line(expr.span.text)
