"""Elaborates a front end to chains of steps, one for each way to decide its choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, NoReturn

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, errors, fail, first_of_each
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.frontend import FrontEnd, FrontEnds, FrontEndStep, Way
from ..ir.graph import ChoicePoint, Graph, GraphNode
from ..ir.primitives.frontend import SOURCES
from ..ir.tensortype import Domain
from ..parse import syntax
from ..parse.vocabulary import PHASES
from ..resolve.arguments import bind
from ..resolve.definitions import Definitions, Keys
from ..resolve.resolve import with_library
from ..resolve.values import evaluate
from .choices import searched
from .expressions import Elaboration
from .fixes import Fixes
from .scope import Poison, Ref, Scope, Shared, sound
from .variants import Undecided


def frontends_of(
    profile: Keys, definitions: Definitions, domain: Domain, fixes: Fixes | None = None
) -> FrontEnds:
    """The front ends that a profile names; raises DslnasError.

    A front end of the file overrides one of the library with the same name. fixes: the choices in it that are
    already decided.
    """
    if "frontend" not in profile.values:
        raise fail(
            "N0606",
            f"profile `{profile.name}` names no front end",
            profile.span,
            help="`frontend: logmel(32)`",
        )
    expr = profile.values["frontend"][0]
    template = template_of(expr, definitions)
    arguments = expr.arguments if isinstance(expr, syntax.Call) else ()
    found, diagnostics = build_frontends(template, definitions, arguments, domain, expr.span, fixes)
    if found is None:
        raise DslnasError(*diagnostics)
    return found


def template_of(expr: syntax.Expr, definitions: Definitions) -> syntax.FrontEndTemplate:
    """The definition that `logmel(32)` refers to; raises DslnasError N0201 if there is none."""
    known = with_library(definitions).frontends
    name = expr.function if isinstance(expr, syntax.Call) else expr
    shown = name.name if isinstance(name, syntax.Name) else expr.span.text
    if shown in known:
        return known[shown]
    if definitions.excused("frontend", shown):
        raise DslnasError()
    raise fail("N0201", f"there is no front end `{shown}`", name.span, help=did_you_mean(shown, known))


def build_frontends(
    template: syntax.FrontEndTemplate,
    definitions: Definitions,
    arguments: Sequence[syntax.Argument] | None,
    domain: Domain,
    span: Span | None = None,
    fixes: Fixes | None = None,
) -> tuple[FrontEnds | None, list[Diagnostic]]:
    """The front ends of a template with arguments (else its defaults), or None; and the errors in them."""
    place = span or template.span
    excused = partial(definitions.excused, "op")
    shared = Shared(definitions.ops, {}, excused=excused, fixes=fixes or Fixes())
    found: tuple[Way, ...] = ()
    try:
        with shared.frame(f"front end `{template.name}`"):
            given = _values(template, arguments or (), place)
            ways = _ways({}, lambda taken: _Chain(shared, domain, taken).frontend(template, given, place))
            found = tuple(islice(ways, limits.FRONT_ENDS + 1))
        if len(found) > limits.FRONT_ENDS:
            message = f"the front end can be chosen in more than {limits.FRONT_ENDS} ways"
            shared.report(fail("N0401", message, place, help="offer fewer options"))
    except DslnasError as error:
        shared.report(error)
    except RecursionError:
        shared.report(fail("N0103", f"front end `{template.name}` is nested too deeply", template.span))
    diagnostics = first_of_each(shared.diagnostics)
    points = tuple(replace(point, varies="front end") for point in shared.choices.values())
    return (None if errors(diagnostics) else FrontEnds(points, found)), diagnostics


def _ways(taken: Mapping[str, str], make: Callable[[Mapping[str, str]], FrontEnd]) -> Iterator[Way]:
    """The front ends for the options taken so far: one, or, if a choice is left, those of each option."""
    try:
        frontend = make(taken)
    except Undecided as choice:
        for option in choice.point.options:
            yield from _ways({**taken, choice.point.id: option}, make)
    else:
        yield Way(taken, frontend)


def _values(
    template: syntax.FrontEndTemplate, arguments: Sequence[syntax.Argument], span: Span
) -> dict[str, Any]:
    """The values of a template's parameters; some may be searched (`Choice`)."""
    names = [parameter.name for parameter in template.parameters]
    bound = bind(template.name, names, arguments, span)
    values: dict[str, Any] = {}

    def lookup(name: syntax.Name) -> Any:
        if name.name in values:
            return values[name.name]
        if name.name in PHASES:
            return name.name
        help = did_you_mean(name.name, [*names, *PHASES])
        raise fail("N0201", f"nothing is named `{name.name}` here", name.span, help=help)

    for parameter in template.parameters:
        given = bound[parameter.name].value if parameter.name in bound else parameter.default
        if given is None:
            raise fail("N0207", f"front end `{template.name}` needs `{parameter.name}`", span)
        values[parameter.name] = evaluate(given, lookup)
    return values


class _Chain(Elaboration):
    """Elaborates a front end for given options: a chain of steps that begins with a wave or an image.

    Front ends are never mixed, even if their output types are equal: each has features of its own.
    """

    def __init__(self, shared: Shared, domain: Domain, taken: Mapping[str, str]) -> None:
        super().__init__(shared, Graph("input", domain), {})
        self.taken = taken

    def undecided(self, point: ChoicePoint, error: DslnasError) -> NoReturn:
        """Record the choice point; raises Undecided."""
        self.shared.choices[point.id] = point
        raise Undecided(point)

    def add(self, node: GraphNode, inputs: Sequence[str] = ()) -> Ref:
        """Add a node; raises Undecided instead of adding a mix."""
        if node.kind == "mix":
            raise Undecided(self.shared.choices[node.choice])
        return super().add(node, inputs)

    def frontend(self, template: syntax.FrontEndTemplate, values: Mapping[str, Any], span: Span) -> FrontEnd:
        """The front end of a template; raises DslnasError, or Undecided if a choice is still open."""

        def body(fixed: Mapping[str, Any]) -> Ref | Poison:
            return self.tensor(template.value, Scope({**fixed, "stride": 1, "C": 1}))

        sound(searched(self, template.name, values, body, span))
        nodes = [node for node, _ in self.made]
        for (node, inputs), before in zip(self.made[1:], nodes, strict=False):
            if node.kind != "primitive" or inputs != (before.id,):
                raise fail("N0401", "a front end is a chain of stages without branches", node.span)
        if nodes[0].primitive not in SOURCES:
            help = "`wave(16kHz, 1s) -> ...`, `image(3, 32, 32) -> ...`"
            raise fail("N0401", "a front end begins with a wave or an image", nodes[0].span, help=help)
        _check_noise(nodes)
        source, *steps = (FrontEndStep(n.primitive, n.attributes, n.type, n.span) for n in nodes)
        if not steps:
            raise fail("N0401", "a front end has at least one stage", template.value.span)
        return FrontEnd(template.name, self.graph.domain, source, tuple(steps))


def _check_noise(nodes: Sequence[GraphNode]) -> None:
    """Raise DslnasError N0401 where noise is added after a cosine transform, which leaves no powers."""
    names = [node.primitive for node in nodes]
    if "cepstrum" not in names:
        return
    for node in nodes[names.index("cepstrum") :]:
        if node.primitive in ("add_noise", "colour"):
            message = f"`{node.primitive}` works on powers and their logarithms, and comes after `cepstrum`"
            raise fail("N0401", message, node.span, help=f"write `{node.primitive}` before `cepstrum`")
