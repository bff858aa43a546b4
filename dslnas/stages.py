"""The text of a front end to its stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import syntax
from .arguments import bind
from .definitions import Definitions, Keys, did_you_mean
from .diagnostics import Diagnostic, DslnasError, errors, fail
from .elaborate import Elaboration
from .frontend import FrontEnd, Stage
from .graph import Graph
from .resolve import library
from .scope import Ref, Scope, Shared
from .source import Span
from .tensortype import Domain
from .values import evaluate


def frontend_of(profile: Keys, definitions: Definitions, domain: Domain) -> FrontEnd:
    """The front end that a profile names; raises DslnasError.

    A front end of the file stands in for one of the library that has its name.
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
    frontend, diagnostics = build_frontend(template, definitions, arguments, domain, expr.span)
    if frontend is None:
        raise DslnasError(*diagnostics)
    return frontend


def template_of(expr: syntax.Expr, definitions: Definitions) -> syntax.FrontEndTemplate:
    """The template of `logmel(32)`; raises DslnasError N0201 where there is none."""
    known = {**library().frontends, **definitions.frontends}
    name = expr.function if isinstance(expr, syntax.Call) else expr
    shown = name.name if isinstance(name, syntax.Name) else expr.span.text
    if shown in known:
        return known[shown]
    if definitions.excused("frontend", shown):
        raise DslnasError()
    raise fail("N0201", f"there is no front end `{shown}`", name.span, help=did_you_mean(shown, known))


def build_frontend(
    template: syntax.FrontEndTemplate,
    definitions: Definitions,
    arguments: Sequence[syntax.Argument] | None,
    domain: Domain,
    span: Span | None = None,
) -> tuple[FrontEnd | None, list[Diagnostic]]:
    """A front end with its arguments, or with its defaults alone, and the errors in it."""
    shared = Shared(definitions.ops, {}, excused=lambda name: definitions.excused("op", name))
    elaboration = Elaboration(shared, Graph(template.name, domain), {})
    frontend = None
    try:
        with shared.frame(f"front end `{template.name}`"):
            scope = _scope(template, arguments or (), span or template.span)
            value = elaboration.tensor(template.value, scope)
            if isinstance(value, Ref):
                frontend = _chain(template, elaboration, domain)
    except DslnasError as error:
        shared.report(error)
    except RecursionError:
        shared.report(fail("N0103", f"front end `{template.name}` is nested too deeply", template.span))
    return (None if errors(shared.diagnostics) else frontend), shared.diagnostics


def _scope(template: syntax.FrontEndTemplate, arguments: Sequence[syntax.Argument], span: Span) -> Scope:
    names = [parameter.name for parameter in template.parameters]
    bound = bind(template.name, names, arguments, span)
    values: dict[str, Any] = {}

    def lookup(name: syntax.Name) -> Any:
        if name.name in values:
            return values[name.name]
        raise fail(
            "N0201", f"nothing is named `{name.name}` here", name.span, help=did_you_mean(name.name, names)
        )

    for parameter in template.parameters:
        given = bound[parameter.name].value if parameter.name in bound else parameter.default
        if given is None:
            raise fail("N0207", f"front end `{template.name}` needs `{parameter.name}`", span)
        values[parameter.name] = evaluate(given, lookup)
    return Scope({**values, "stride": 1, "C": 1})


def _chain(template: syntax.FrontEndTemplate, elaboration: Elaboration, domain: Domain) -> FrontEnd:
    """A front end is a chain that begins with a wave."""
    nodes = [node for node, _ in elaboration.made]
    for (node, inputs), before in zip(elaboration.made[1:], nodes, strict=False):
        if node.kind != "primitive" or inputs != (before.id,):
            raise fail("N0401", "a front end is a chain of stages without branches or choices", node.span)
    if nodes[0].primitive != "wave":
        raise fail("N0401", "a front end begins with a wave", nodes[0].span, help="`wave(16kHz, 1s) -> ...`")
    wave = dict(nodes[0].attributes)
    stages = tuple(Stage(n.primitive, n.attributes, n.type, n.span) for n in nodes[1:])
    if not stages:
        raise fail("N0401", "a front end has at least one stage", template.value.span)
    return FrontEnd(template.name, round(wave["rate"]), wave["clip"], domain, stages)
