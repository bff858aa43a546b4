"""Choices while a graph is built: every option becomes nodes, and a mix joins what they hand out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.graph import ChoicePoint, GraphNode, Varies
from ..ir.tensortype import Dim, TensorType
from ..parse import syntax
from ..parse.format import one_line
from ..resolve.definitions import Space
from ..resolve.values import Choice, choice_of, option_label
from .fixes import combinations, label_of
from .scope import POISON, Poison, Recipe, Ref, Scope

if TYPE_CHECKING:
    from .expressions import Elaboration


# --- the ways to choose -------------------------------------------------------------------------------------


def searched(
    here: Elaboration,
    name: str,
    given: Mapping[str, Any],
    make: Callable[[Mapping[str, Any]], Any],
    span: Span,
) -> Any:
    """An operation some of whose arguments are searched: every combination is an option.

    given: the arguments, of which those that are a `Choice` are searched; make: applies the operation to
    arguments that are all fixed.
    """
    open = {key: value for key, value in given.items() if isinstance(value, Choice)}
    if not open:
        return make(given)
    if prod(len(choice.options) for choice in open.values()) > limits.OPTIONS:
        raise fail("N0301", f"more than {limits.OPTIONS} options at one place", span)
    point = here.fresh(name)
    id = f"{here.owner}/{point}"
    fixed, taken = here.shared.fixes.arguments(id, open), here.taken.get(id)
    options: dict[str, Any] = {}
    for values in combinations(open | fixed):
        label = label_of(values)
        if taken in (None, label):
            with here.option(point, label, label):
                options[label] = make({**given, **{key: one.options[0] for key, one in values.items()}})
    if taken is not None or len(fixed) == len(open):
        return options[label if taken is None else taken]
    return _mix(here, point, options, span)


def choose(here: Elaboration, expr: syntax.Choose, x: Ref | None, scope: Scope) -> Any:
    """`choose {a, b}`: options applied to `x`, or, where nothing is piped in, tensors or plain values."""
    if x is None:
        from ..resolve.values import evaluate

        plain = [option for option in expr.options if isinstance(option, syntax.Number | syntax.Group)]
        if len(plain) == len(expr.options):
            return evaluate(expr, here.lookup(scope))
    point = _point(here, expr)
    written, id = {option_label(option): option for option in expr.options}, f"{here.owner}/{point}"
    taken = here.shared.fixes.option(id, written) or here.taken.get(id)
    options: dict[str, Any] = {}
    for label, option in written.items():
        if taken in (None, label):
            options[label] = _option(here, expr, point, label, option, x, scope)
    if taken is not None:
        return options[taken]
    good = {label: value for label, value in options.items() if not isinstance(value, Poison)}
    tensors = [isinstance(value, Ref) for value in good.values()]
    if not any(tensors):
        return choice_of(tuple(good.values()), expr) if len(good) == len(options) else POISON
    if not all(tensors):
        raise fail("N0309", "the options are tensors and plain values", expr.span)
    return _mix(here, point, good, expr.span)


def _option(
    here: Elaboration,
    expr: syntax.Choose,
    point: str,
    label: str,
    option: syntax.Expr,
    x: Ref | None,
    scope: Scope,
) -> Any:
    """One written option, or poison once its errors are reported."""
    try:
        with here.option(point, label, f"option `{label}`"):
            value = here.value(option, scope) if x is None else here.apply(option, x, scope)
            if x is not None and here.edge is not None and here.edge.choice is expr:
                _expect(value, x, scope, here.edge.wanted, option)
            return value
    except DslnasError as error:
        here.shared.report(error)
        return POISON


def choose_candidates(here: Elaboration, expr: syntax.Choose, scope: Scope) -> Any:
    """`choose candidates(p)`: the candidates of a set, each applied to `p`."""
    call = expr.candidates
    assert call is not None
    name = call.function.name
    if name not in here.sets:
        hint = did_you_mean(name, here.sets) or "`candidates { name = operation }` makes a set"
        raise fail("N0201", f"there is no set of candidates `{name}`", call.function.span, help=hint)
    if len(call.arguments) != 1:
        raise fail("N0207", f"`choose {name}(p)` takes one tensor", call.span)
    x = here.tensor(call.arguments[0].value, scope)
    if isinstance(x, Poison):
        return POISON
    point = _point(here, expr)
    options: dict[str, Any] = {}
    fixed = here.shared.fixes.option(f"{here.owner}/{point}", here.sets[name])
    for label, option in here.sets[name].items() if fixed is None else [(fixed, here.sets[name][fixed])]:
        options[label] = _candidate(here, name, point, label, option, x, scope)
    good = {label: ref for label, ref in options.items() if isinstance(ref, Ref)}
    if good and fixed is not None:
        return good[fixed]
    if good:
        return _mix(here, point, good, expr.span)
    wanted = strided(x.type, scope)  # all are reported: go on with the type that the edge needs
    return here.add(GraphNode(here.fresh("unknown"), "input", wanted, span=expr.span))


def decided(here: Elaboration, name: str, choice: Choice, varies: Varies) -> Any:
    """The value of a choice on which all that follows depends, in the variant that is being made."""
    point = new_point(here, name, choice, varies)
    taken = fixed_option(here, point, choice) or here.taken.get(point.id)
    if taken is None:
        help = "the network chooses it: `choose {1, 2} times normal`"
        error = fail("N0301", f"the {varies} cannot be chosen here", choice.span, help=help)
        here.undecided(point, error)
    return choice.options[point.options.index(taken)]


def new_point(here: Elaboration, name: str, choice: Choice, varies: Varies) -> ChoicePoint:
    """A choice point between plain values."""
    return ChoicePoint(f"{here.owner}/{here.fresh(name)}", choice.labels, span=choice.span, varies=varies)


def fixed_option(here: Elaboration, point: ChoicePoint, choice: Choice) -> str | None:
    """The option of plain values that the space is fixed to; None where they are open."""
    return here.shared.fixes.option(point.id, dict(zip(choice.labels, choice.written, strict=True)))


def _point(here: Elaboration, expr: syntax.Choose) -> str:
    """The id of a choice point: that of its edge where the edge ends with it."""
    if here.edge is not None and here.edge.choice is expr and here.path == [here.edge.name]:
        return here.edge.name
    return here.fresh("choose")


def _mix(here: Elaboration, point: str, options: Mapping[str, Any], span: Span) -> Any:
    """The node at which options compete."""
    if any(isinstance(value, Poison) for value in options.values()):
        return POISON
    id, labels = f"{here.owner}/{point}", tuple(options)
    known = here.shared.choices.get(id)
    if here.taken and known is not None and known.options != labels:
        help = "give every case the same options"
        raise fail("N0309", "what this choice offers depends on another choice", span, help=help)
    head, first = next(iter(options.items()))
    for label, ref in options.items():
        if not isinstance(ref, Ref):
            raise fail("N0206", f"option `{label}` hands out no tensor", span)
        if ref.type != first.type:
            message = f"option `{label}` hands out `{ref.type}`, the first option `{first.type}`"
            varies: Varies = "channels" if ref.type.channels != first.type.channels else "size"
            with here.shared.frame("", id, head, label):
                if ref.type.domain != first.type.domain:  # real and complex never stand in for each other
                    raise fail("N0309", message, span)
                here.undecided(
                    ChoicePoint(id, labels, span=span, varies=varies), fail("N0309", message, span)
                )
    edge = here.edge if here.edge is not None and point == here.edge.name else None
    cell, node, source = (here.owner, edge.node, edge.source) if edge else ("", "", "")
    zeros = tuple(o for o, ref in options.items() if node and here.graph[ref.id].primitive == "zero")
    skips = tuple(o for o, ref in options.items() if node and not ref.id.startswith(f"{point}/{o}/"))
    made = ChoicePoint(id, labels, cell, node, source, zeros=zeros, skips=skips, span=span)
    here.shared.choices[id] = made
    node_made = GraphNode(point, "mix", first.type, choice=id, labels=labels, span=span)
    return here.add(node_made, [ref.id for ref in options.values()])


# --- candidates ---------------------------------------------------------------------------------------------


def _candidate(
    here: Elaboration, set: str, point: str, label: str, option: syntax.Expr, x: Ref, scope: Scope
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
        with here.option(point, label, f"candidate `{label}` = {_text(option)}"):
            result = here.apply(option, x, inner)
            _expect(result, x, scope, strided(x.type, scope), option)
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


def _repeat(here: Elaboration, recipe: Recipe, prefix: str, x: Ref, span: Span) -> Ref:
    here.shared.spend(span, limits.REPEATED * len(recipe.nodes))
    for name, node, inputs in recipe.nodes:
        copy = GraphNode(prefix + name, node.kind, node.type, node.primitive, node.attributes, span=node.span)
        here.add(copy, [x.id if source is None else prefix + source for source in inputs])
    return Ref(x.id if recipe.result is None else prefix + recipe.result, recipe.type, span)


def _expect(result: Any, x: Ref, scope: Scope, wanted: TensorType, option: syntax.Expr) -> None:
    """What competes on an edge must hand out `C` channels, at the size that the edge's stride leaves."""
    if not isinstance(result, Ref) or result.type == wanted:
        return
    check_stride("candidate", result, x, scope.find("stride"), wanted, option.span)
    message = f"this candidate hands out `{result.type}` where its edge needs `{wanted}`"
    raise fail("N0309", message, option.span)


def check_stride(
    what: str, result: Ref | Poison, x: Ref, stride: int, wanted: TensorType, span: Span
) -> None:
    """What is computed from `x` where a stride is needed must not have its size; raises DslnasError N0306."""
    if isinstance(result, Ref) and wanted.size != x.type.size == result.type.size:
        message = f"this {what} ignores the stride of {stride} of its edge"
        help = "give `stride` to one of its convolutions or pools"
        raise fail("N0306", message, span, help=help, label=f"`{result.type}`, expected `{wanted}`")


def strided(type: TensorType, scope: Scope) -> TensorType:
    """What an edge from a tensor of this type hands out: `C` channels, at the size its stride leaves."""
    stride, channels = scope.find("stride"), Dim.of(scope.find("C"))
    return TensorType(type.domain, channels, tuple(size.divided(stride) for size in type.size))


def _text(expr: syntax.Expr) -> str:
    """The text of an expression on one line, whatever its layout."""
    return one_line(expr.span.text)


# --- choices that decide nothing ----------------------------------------------------------------------------


def single_candidates(space: Space) -> list[Diagnostic]:
    """Warnings on candidate sets that leave nothing to choose."""
    return [
        Diagnostic(
            "N0403",
            f"`{name}` has a single candidate",
            space.option_spans.get((name, only)),
            severity="warning",
        )
        for name, (only, *others) in space.sets.items()
        if not others
    ]
