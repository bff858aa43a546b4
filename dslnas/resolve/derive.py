"""Builds spaces from their syntax trees, and derives spaces and cells by the settings of a `with`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from .definitions import CELL_SETTINGS, CellDefinition, Space
from .found import Fix, Listed

BY_PROFILE = "by_profile"  # what a parameter says whose value is that of the profile
_CELL_PATHS = tuple((key,) for key in CELL_SETTINGS)

Report = Callable[[Diagnostic], None]


@dataclass
class _Parts:
    """A space under construction."""

    parameters: dict[str, syntax.Expr] = field(default_factory=dict)
    by_profile: set[str] = field(default_factory=set)
    sets: dict[str, dict[str, syntax.Expr]] = field(default_factory=dict)
    cells: dict[str, CellDefinition] = field(default_factory=dict)
    lets: dict[str, syntax.Let] = field(default_factory=dict)
    network: syntax.Block | None = None
    option_spans: dict[tuple[str, str], Span] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def space_from(template: syntax.SpaceTemplate, report: Report) -> Space | None:
    """The space of a syntax tree; None if it has no network. Errors go to `report`."""
    parts = _Parts()
    check_distinct(template.parameters, "parameter", report)
    for parameter in template.parameters:
        if parameter.default is None:
            message = f"parameter `{parameter.name}` of a space needs a default"
            report(Diagnostic("N0207", message, parameter.span, help=f"`{parameter.name} = ...`"))
            continue
        try:
            value, by_profile = _default(parameter.default)
        except DslnasError as error:
            for diagnostic in error.diagnostics:
                report(diagnostic)
            continue
        parts.parameters[parameter.name] = value
        if by_profile:
            parts.by_profile.add(parameter.name)
    check_distinct(template.items, "name", report)
    for item in template.items:
        _take_in(item, parts, report)
    if parts.network is None:
        message = f"space `{template.name}` has no network"
        report(Diagnostic("N0206", message, template.span, help="`network = input -> ...`"))
        return None
    return Space(
        template.name,
        parts.parameters,
        parts.sets,
        parts.cells,
        parts.network,
        template.span,
        parts.option_spans,
        by_profile=frozenset(parts.by_profile),
        unread=frozenset(parts.unread),
        lets=parts.lets,
    )


def _default(expr: syntax.Expr) -> tuple[syntax.Expr, bool]:
    """The value of a parameter, and whether a profile may give another: `by_profile(4)`; raises N0207."""
    if not isinstance(expr, syntax.Call) or expr.function.name != BY_PROFILE:
        return expr, False
    if len(expr.arguments) != 1 or expr.arguments[0].name is not None:
        message = f"`{BY_PROFILE}` takes the value that holds where a profile names none"
        raise fail("N0207", message, expr.span, help=f"`{BY_PROFILE}(4)`")
    return expr.arguments[0].value, True


def check_distinct(
    named: Iterable[syntax.Parameter | syntax.Let | syntax.Candidates | syntax.CellTemplate | syntax.Derived
                    | syntax.NodeArray | syntax.Network], what: str, report: Report
) -> None:  # fmt: skip
    """Report N0202 for each name that is defined twice."""
    seen: dict[str, Span] = {}
    for one in named:
        if one.name in seen:
            where = f"the other is at line {seen[one.name].line}"
            report(Diagnostic("N0202", f"{what} `{one.name}` is defined twice", one.span, help=where))
        seen.setdefault(one.name, one.span)


def _take_in(
    item: syntax.Candidates | syntax.CellTemplate | syntax.Derived | syntax.Let | syntax.Network,
    parts: _Parts,
    report: Report,
) -> None:
    if isinstance(item, syntax.Candidates):
        check_distinct(item.options, "candidate", report)
        if len(item.options) > limits.OPTIONS:
            report(_too_many_candidates(item.name, item.span))
            return
        parts.sets[item.name] = {option.name: option.value for option in item.options}
        parts.option_spans |= {(item.name, option.name): option.span for option in item.options}
    elif isinstance(item, syntax.CellTemplate):
        check_distinct((*item.parameters, *item.items), "name", report)
        inputs = tuple(parameter.name for parameter in item.parameters)
        if not inputs:
            report(
                Diagnostic(
                    "N0207",
                    f"cell `{item.name}` reads no input",
                    item.span,
                    help="`cell normal(prev2, prev)`",
                )
            )
        for parameter in item.parameters:
            if parameter.default is not None:
                message = f"input `{parameter.name}` of a cell is a tensor: it has no default"
                report(Diagnostic("N0207", message, parameter.default.span))
        parts.cells[item.name] = CellDefinition(item.name, inputs, item.items, item.value, {}, item.span)
    elif isinstance(item, syntax.Derived):
        _derive_cell(item, parts, report)
    elif isinstance(item, syntax.Let):
        parts.lets[item.name] = item
    elif item.name == "network":
        check_distinct(item.body.lets, "name", report)
        parts.network = item.body
    else:
        help = (
            did_you_mean(item.name, ["network"])
            or "a space makes candidate sets, cells, `let name = ...` and `network = ...`"
        )
        report(Diagnostic("N0204", f"a space has no key `{item.name}`", item.span, help=help))


def _too_many_candidates(name: str, span: Span) -> Diagnostic:
    return Diagnostic("N0301", f"`{name}` has more than {limits.OPTIONS} candidates", span)


def _derive_cell(derived: syntax.Derived, parts: _Parts, report: Report) -> None:
    base = parts.cells.get(derived.base)
    if base is None:
        help = did_you_mean(derived.base, parts.cells) or "a cell derives from one written before it"
        report(Diagnostic("N0201", f"there is no cell `{derived.base}` here", derived.base_span, help=help))
        parts.unread.add(derived.name)
    settings = dict(base.settings) if base else {}
    for setting in derived.settings:
        if setting.key not in CELL_SETTINGS:
            help = did_you_mean(setting.key, CELL_SETTINGS) or f"known: {', '.join(CELL_SETTINGS)}"
            report(Diagnostic("N0204", f"a cell has no key `{setting.key}`", setting.span, help=help))
        elif setting.makes_name:
            report(_sets_a_key(setting))
        else:
            settings[setting.key] = setting.values[0]
    if base is not None:
        made = replace(base, name=derived.name, settings=settings, span=derived.span)
        parts.cells[derived.name] = made


def _sets_a_key(setting: syntax.Setting) -> Diagnostic:
    return Diagnostic(
        "N0204", f"`{setting.key}` is a key, not a new name", setting.span, help=f"`{setting.key}: ...`"
    )


def derived_space(base: Space, derived: syntax.Derived, fix: Fix | None, report: Report) -> Space:
    """A copy of a space with the settings of a `with`, and the choices that a genotype (`fix`) decides."""
    fixes = base.fixes if fix is None else (*base.fixes, fix)
    space = replace(base, name=derived.name, span=derived.span, fixes=fixes)
    for setting in derived.settings:
        try:
            if setting.makes_name and (setting.key in space.parameters or _is_choice(setting, space)):
                report(_sets_a_key(setting))
            space = override(space, setting)
        except DslnasError as error:
            for diagnostic in error.diagnostics:
                report(diagnostic)
    return space


def _is_choice(setting: syntax.Setting, space: Space) -> bool:
    """Whether the path of a setting names a choice in a cell or in the network."""
    head, *rest = setting.path
    return bool(rest) and head in (*space.cells, "network") and setting.path[1:] not in _CELL_PATHS


def override(space: Space, setting: syntax.Setting) -> Space:
    """The space with one change: to a parameter, a `let`, a candidate, a cell, the network, or a choice.

    Raises DslnasError N0204 if the space has nothing of that name, N0207 for several values.
    """
    head, *rest = setting.path
    if len(setting.values) > 1:
        raise fail("N0207", f"`{setting.key}` takes one value", setting.values[1].span)
    value = setting.values[0]
    if not rest and head in space.parameters:
        default, by_profile = _default(value)
        left = space.by_profile - {head} | ({head} if by_profile else set())
        return replace(space, parameters={**space.parameters, head: default}, by_profile=left)
    if not rest and head == "network":
        return replace(space, network=syntax.Block((), value))
    if not rest and head in space.lets:
        return replace(space, lets={**space.lets, head: syntax.Let(head, value, setting.span)})
    if head in space.sets and len(rest) == 1:
        options = {**space.sets[head], rest[0]: value}
        if len(options) > limits.OPTIONS:
            raise DslnasError(_too_many_candidates(head, setting.span))
        spans = {**space.option_spans, (head, rest[0]): setting.span}
        return replace(space, sets={**space.sets, head: options}, option_spans=spans)
    if head in space.cells and len(rest) == 1 and rest[0] in CELL_SETTINGS:
        cell = space.cells[head]
        cell = replace(cell, settings={**cell.settings, rest[0]: value})
        return replace(space, cells={**space.cells, head: cell})
    if _is_choice(setting, space):
        return replace(space, fixes=(*space.fixes, Listed(setting.path, value, setting.span)))
    known = [*space.parameters, *space.lets, *space.sets, *space.cells, "network"]
    hint = did_you_mean(head, known) or f"it has {', '.join(known)}"
    raise fail(
        "N0204", f"space `{space.name}` has nothing to set as `{setting.key}`", setting.span, help=hint
    )
