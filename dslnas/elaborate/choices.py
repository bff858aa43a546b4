"""Elaborates choices: every option becomes nodes, and a mix node combines their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from ..base import limits
from ..base.diagnostics import DslnasError, fail
from ..base.source import Span
from ..ir.graph import ChoicePoint, GraphNode, Varies
from ..ir.names import PointName
from ..parse import syntax
from ..resolve.values import Choice, choice_of, option_label
from .builder import Builder
from .fixes import combinations, label_of
from .scope import POISON, Poison, Ref


def searched(
    here: Builder,
    name: str,
    given: Mapping[str, Any],
    make: Callable[[Mapping[str, Any]], Any],
    span: Span,
) -> Any:
    """An operation with searched arguments: every combination of their values is an option.

    given: the arguments; each `Choice` among them is searched. make: applies the operation to arguments
    without choices.
    """
    open = {key: value for key, value in given.items() if isinstance(value, Choice)}
    if not open:
        return make(given)
    if prod(len(choice.options) for choice in open.values()) > limits.OPTIONS:
        raise fail("N0301", f"more than {limits.OPTIONS} options at one place", span)
    point = here.point(name)
    fixed, taken = here.shared.fixes.arguments(point, open), here.taken.get(point.id)
    options: dict[str, Any] = {}
    for values in combinations(open | fixed):
        label = label_of(values)
        if taken in (None, label):
            with here.option(point, label, label):
                options[label] = make({**given, **{key: one.options[0] for key, one in values.items()}})
    if taken is not None or len(fixed) == len(open):
        return options[label if taken is None else taken]
    return mix(here, point, options, span, tuple(open | fixed))


def choose(here: Builder, expr: syntax.Choose, make: Callable[[syntax.Expr], Any]) -> Any:
    """The value of `choose {a, b}`: a mix of tensors, or a `Choice` of plain values.

    make: evaluates an option.
    """
    point = point_of(here, expr)
    written = {option_label(option): option for option in expr.options}
    decided = here.taken.get(point.id)
    taken = here.shared.fixes.options(point, written) or ((decided,) if decided else ())
    options: dict[str, Any] = {}
    for label, option in written.items():
        if not taken or label in taken:
            options[label] = _option(here, point, label, option, make)
    if taken:
        return summed(here, point, [options[label] for label in taken], expr.span)
    good = {label: value for label, value in options.items() if not isinstance(value, Poison)}
    tensors = [isinstance(value, Ref) for value in good.values()]
    if not any(tensors):
        return choice_of(tuple(good.values()), expr) if len(good) == len(options) else POISON
    if not all(tensors):
        raise fail("N0309", "the options are tensors and plain values", expr.span)
    return mix(here, point, good, expr.span)


def _option(
    here: Builder, point: PointName, label: str, option: syntax.Expr, make: Callable[[syntax.Expr], Any]
) -> Any:
    """The value of one option, or poison once its errors are reported."""
    try:
        with here.option(point, label, f"option `{label}`"):
            return make(option)
    except DslnasError as error:
        here.shared.report(error)
        return POISON


def decided(here: Builder, name: str, choice: Choice, varies: Varies) -> Any:
    """The value of a choice of depth or channels in the variant that is built now."""
    point = new_point(here, name, choice, varies)
    taken = fixed_option(here, point, choice) or here.taken.get(point.id)
    if taken is None:
        help = "the network chooses it: `choose {1, 2} times normal`"
        error = fail("N0301", f"the {varies} cannot be chosen here", choice.span, help=help)
        here.undecided(point, error)
    return choice.options[point.options.index(taken)]


def new_point(here: Builder, name: str, choice: Choice, varies: Varies) -> ChoicePoint:
    """A new choice point between plain values."""
    return ChoicePoint(here.point(name), choice.labels, span=choice.span, varies=varies)


def fixed_option(here: Builder, point: ChoicePoint, choice: Choice) -> str | None:
    """The label of the option to which the space fixes a choice of plain values; None if it is open."""
    return here.shared.fixes.option(point.called, dict(zip(choice.labels, choice.written, strict=True)))


def point_of(here: Builder, expr: syntax.Choose) -> PointName:
    """The name of the choice point of a `choose`: that of the edge if the edge ends with it."""
    if here.edge is not None and here.edge.choice is expr and here.site == here.edge.site:
        return PointName(here.owner, "", site=here.site)
    return here.point("choose")


def summed(here: Builder, point: PointName, values: Sequence[Any], span: Span) -> Any:
    """The sum of the options that an edge keeps, or the only one as it is; raises DslnasError N0309."""
    if len(values) == 1 or any(isinstance(value, Poison) for value in values):
        return values[0] if len(values) == 1 else POISON
    first = values[0]
    if not all(isinstance(value, Ref) and value.type == first.type for value in values):
        raise fail("N0309", f"the options that `{point.id}` is fixed to cannot be added", span)
    node = GraphNode(point.name, "primitive", first.type, "add", span=span, site=point.site)
    return here.add(node, [value.id for value in values])


def mix(
    here: Builder, point: PointName, options: Mapping[str, Any], span: Span, arguments: tuple[str, ...] = ()
) -> Any:
    """Add the mix node of options with equal types, or raise DslnasError.

    arguments: the searched arguments whose combinations the options are.
    """
    if any(isinstance(value, Poison) for value in options.values()):
        return POISON
    labels, known = tuple(options), here.shared.choices.get(point.id)
    if here.taken and known is not None and known.options != labels:
        help = "give every case the same options"
        raise fail("N0309", "what this choice offers depends on another choice", span, help=help)
    head, first = next(iter(options.items()))
    for label, ref in options.items():
        if not isinstance(ref, Ref):
            raise fail("N0206", f"option `{label}` hands out no tensor", span)
        if ref.type != first.type:
            message = f"option `{label}` hands out `{ref.type}`, the first option `{first.type}`"
            error = fail("N0309", message, span, symbols=ref.type.symbols | first.type.symbols)
            varies: Varies = "channels" if ref.type.channels != first.type.channels else "size"
            with here.shared.frame("", point.decision(head, label)):
                if ref.type.domain != first.type.domain:  # a choice never mixes real and complex
                    raise error
                here.undecided(ChoicePoint(point, labels, varies, span=span), error)
    made = {o: here.graph[ref.id] for o, ref in options.items() if point.is_edge}
    here.shared.choices[point.id] = ChoicePoint(
        point,
        labels,
        zeros=tuple(o for o, node in made.items() if node.primitive == "zero"),
        skips=tuple(o for o, node in made.items() if (point, o) not in node.site.options),
        arguments=arguments,
        span=span,
    )
    node = GraphNode(
        point.name, "mix", first.type, choice=point.id, labels=labels, span=span, site=point.site
    )
    return here.add(node, [ref.id for ref in options.values()])
