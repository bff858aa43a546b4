"""Elaborates `choose candidates(p)`: the candidate operations of a set, each applied to one tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..base import limits
from ..base.diagnostics import DslnasError
from ..base.source import Span
from ..ir.graph import GraphNode
from ..ir.names import PointName, Site
from ..parse import syntax
from ..parse.format import one_line
from .builder import Builder
from .choices import mix, point_of, summed
from .edges import expect, strided
from .scope import POISON, Poison, Recipe, Ref, Scope

Apply = Callable[[syntax.Expr, Ref, Scope], Any]  # applies a stage of a pipe to a tensor


def choose_candidates(
    here: Builder,
    expr: syntax.Choose,
    candidates: Mapping[str, syntax.Expr],
    x: Ref,
    scope: Scope,
    apply: Apply,
) -> Any:
    """The mix of all candidates of the set that a `choose` names, each applied to `x`.

    Of a choice that is decided, the candidate alone, or the sum of those that an edge keeps.
    """
    assert expr.candidates is not None
    point = point_of(here, expr)
    # The nodes of a candidate depend only on the input type, the stride and the channels.
    given = (x.type, scope.find("stride"), scope.find("C"))
    recipes = here.shared.recipes.setdefault(expr.candidates.function.name, {}).setdefault(given, {})
    options: dict[str, Any] = {}
    fixed = here.shared.fixes.options(point, candidates)
    for label in fixed or candidates:
        options[label] = _candidate(here, recipes, point, label, candidates[label], x, scope, apply)
    good = {label: ref for label, ref in options.items() if isinstance(ref, Ref)}
    if good and fixed:
        return summed(here, point, [good[label] for label in fixed if label in good], expr.span)
    if good:
        return mix(here, point, good, expr.span)
    wanted = strided(x.type, scope)  # all failed and are reported: continue with the type that the edge needs
    return here.add(GraphNode(here.fresh("unknown"), "input", wanted, span=expr.span, site=here.site))


def _candidate(
    here: Builder,
    recipes: dict[str, Recipe],
    point: PointName,
    label: str,
    option: syntax.Expr,
    x: Ref,
    scope: Scope,
    apply: Apply,
) -> Ref | Poison:
    """One candidate applied to one tensor, or poison once its errors are reported.

    recipes: of the candidates of the set for such an input. Nodes that are elaborated once are stored there
    and copied, unless the candidate contains a choice, which differs for each use.
    """
    if label in recipes and not here.taken:  # names differ between variants
        return _repeat(here, recipes[label], point.taking(label), x, option.span)
    start, asked = len(here.made), here.shared.fixes.asked
    inner = Scope({**here.shared.parameters, "stride": scope.find("stride"), "C": scope.find("C")})
    try:
        with here.option(point, label, f"candidate `{label}` = {one_line(option.span.text)}"):
            result = apply(option, x, inner)
            expect(result, x, scope, strided(x.type, scope), option)
    except DslnasError as error:
        here.shared.report(error)
        return POISON
    made = here.made[start:]
    if isinstance(result, Ref) and here.shared.fixes.asked == asked and not here.taken:
        recipes[label] = _recipe(made, result)
    return result if isinstance(result, Ref) else POISON


def _recipe(made: Sequence[tuple[GraphNode, tuple[str, ...]]], result: Ref) -> Recipe:
    number = {node.id: place for place, (node, _) in enumerate(made)}
    nodes = tuple((node, tuple(map(number.get, inputs))) for node, inputs in made)
    return Recipe(nodes, number.get(result.id), result.type)


def _repeat(here: Builder, recipe: Recipe, site: Site, x: Ref, span: Span) -> Ref:
    """Copy the nodes of a recipe, which contains no choice, to another site and input."""
    here.shared.spend(span, limits.REPEATED * len(recipe.nodes))
    made: list[Ref] = []
    for node, inputs in recipe.nodes:
        read = [x if source is None else made[source] for source in inputs]
        made.append(here.add(node.at(site), [one.id for one in read]))
    result = x if recipe.result is None else made[recipe.result]
    return Ref(result.id, recipe.type, span)
