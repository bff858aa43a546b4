"""Name resolution for editors: every occurrence of a symbol in a file, and the one at a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...base.source import Span
from ...parse import syntax
from ...parse.tokens import span_of, tokens_of
from ...resolve.settings import GROUPS
from .genotypes import names_in, owner
from .keys import NAMING
from .lookup import Place, contains
from .symbols import (
    Members,
    Symbol,
    Visible,
    inputs_of,
    kind_of,
    lets_in,
    parameters_of,
    part,
    suffix,
)

Scope = Mapping[str, Symbol]


@dataclass(frozen=True)
class Occurrence:
    """A name in the text and its symbol; where the symbol is defined, the spans are equal."""

    span: Span
    symbol: Symbol


def occurrences(file: syntax.File, visible: Visible) -> list[Occurrence]:
    """Every occurrence in a file of a name that is defined, in the order of the text."""
    walk = _Walk(file, visible)
    for definition in file.definitions:
        walk.definition(definition)
    unique = {one.span: one for one in walk.found}
    return sorted(unique.values(), key=lambda one: (one.span.line, one.span.column))


def occurrence_at(found: Iterable[Occurrence], place: Place) -> Occurrence | None:
    """The occurrence at a place; None where there is none."""
    return next((one for one in found if contains(one.span, place)), None)


@dataclass
class _Walk:
    """Collects the occurrences of one file, definition by definition."""

    file: syntax.File
    visible: Visible
    found: list[Occurrence] = field(default_factory=list)

    def note(self, span: Span, symbol: Symbol | None) -> None:
        if symbol is not None:
            self.found.append(Occurrence(span, symbol))

    def made(self, symbols: Iterable[Symbol]) -> None:
        """Note names at their definitions."""
        for symbol in symbols:
            if symbol.span.source == self.file.source:
                self.note(symbol.span, symbol)

    # --- definitions -------------------------------------------------------------------------------------

    def definition(self, node: syntax.Definition) -> None:
        if not isinstance(node, syntax.Use) and kind_of(node) not in ("experiment", "sweep"):
            self.note(node.span, self.visible.find(kind_of(node), node.name))
        match node:
            case syntax.Op():
                self.op(node)
            case syntax.SpaceTemplate():
                self.space(node)
            case syntax.FrontEndTemplate():
                self.template(node, node.value)
            case syntax.SettingsBlock(kind="method"):
                self.template(node, [setting.values for setting in node.settings])
            case syntax.SettingsBlock(kind="experiment" | "sweep"):
                self.experiments(node)
            case syntax.Derived():
                self.derived(node)
            case syntax.GenotypeText():
                self.note(node.space_span, self.visible.find("space", node.space))
                for span, symbol in names_in(node, self.visible):
                    self.note(span, symbol)
            case syntax.SettingsBlock():
                self.named(node.settings)

    def template(self, node: syntax.FrontEndTemplate | syntax.SettingsBlock, body: object) -> None:
        """A front end or a method: only its parameters are visible in its text."""
        scope = parameters_of(node)
        self.made(scope.values())
        self.expression([[p.default for p in node.parameters], body], scope, operations=False)

    def op(self, node: syntax.Op) -> None:
        scope = {**parameters_of(node), **{symbol.name: symbol for symbol in lets_in(node.body.lets)}}
        self.made(scope.values())
        defaults = [parameter.default for parameter in node.parameters]
        self.expression([defaults, [let.value for let in node.body.lets], node.body.value], scope)

    def space(self, node: syntax.SpaceTemplate) -> None:
        members = self.visible.members(node.name)
        self.made([*members.parameters.values(), *members.sets.values(), *members.candidates.values()])
        self.made([*members.cells.values(), *members.lets.values()])
        self.expression([parameter.default for parameter in node.parameters], members.parameters)
        for item in node.items:
            match item:
                case syntax.Candidates():
                    self.expression([option.value for option in item.options], members.seen)
                case syntax.Network():
                    self.network(item, members)
                case syntax.CellTemplate():
                    self.cell(item, members)
                case syntax.Derived():
                    self.note(item.base_span, members.cells.get(item.base))
                    self.expression([setting.values for setting in item.settings], members.seen)
                case syntax.Let():
                    self.expression(item.value, members.seen, members.sets)

    def network(self, node: syntax.Network, members: Members) -> None:
        lets = {symbol.name: symbol for symbol in lets_in(node.body.lets)}
        self.made(lets.values())
        scope = {**members.seen, **members.cells, **lets}
        self.expression([[let.value for let in node.body.lets], node.body.value], scope)

    def cell(self, node: syntax.CellTemplate, members: Members) -> None:
        inputs = inputs_of(node)
        scope = {**members.seen, **inputs, **{one.name: one for one in lets_in(node.items)}}
        self.made([*inputs.values(), *lets_in(node.items)])
        self.expression([node.items, node.value], scope, members.sets)

    def derived(self, node: syntax.Derived) -> None:
        self.note(node.base_span, self.visible.find(node.kind, node.base))
        if node.part is not None:
            self.note(node.part.genotype_span, self.visible.find("genotype", node.part.genotype))
            if node.part.owner is not None:
                self.note(*owner(node.part, self.visible.members(node.base)))
        if node.kind == "space":
            members = self.visible.members(node.name)
            for setting in node.settings:
                self.member(setting, members)
                self.expression(setting.values, {**members.seen, **members.cells})
        elif node.kind == "method":
            symbol = self.visible.find("method", node.name)
            scope = self.visible.parameters(symbol) if symbol else {}
            self.expression([setting.values for setting in node.settings], scope, operations=False)
        else:
            self.named(node.settings)

    def member(self, setting: syntax.Setting, members: Members) -> None:
        """A path that a `with` sets in a space: `nodes`, `candidates.skip`, `reduction.stride`."""
        head, *rest = setting.path
        known = {**members.seen, **members.sets, **members.cells}
        self.note(part(setting, 0), known.get(head))
        if rest:
            self.note(part(setting, 1), members.candidates.get((head, rest[0])))

    def experiments(self, node: syntax.SettingsBlock) -> None:
        """An experiment or a sweep; a parameter is that of the first of its spaces that has it."""
        self.named(node.settings)
        stated = [
            value
            for setting in node.settings
            if setting.key in ("space", "spaces", "baselines")
            for value in setting.values
        ]
        names = [value.name for value in stated if isinstance(value, syntax.Name)]
        parameters: dict[str, Symbol] = {}
        for name in names:
            parameters = {**self.visible.members(name).parameters, **parameters}
        for setting in node.settings:
            index = 1 if setting.path[0] in GROUPS and len(setting.path) == 2 else 0
            self.note(part(setting, index), parameters.get(setting.path[index]))

    def named(self, settings: Iterable[syntax.Setting]) -> None:
        """Settings whose values name definitions: `space: SS1`, `frontend: logmel(32)`."""
        for setting in settings:
            if (kind := NAMING.get(setting.key)) is not None and setting.values:
                self.expression(setting.values, self.visible.of_kind(kind), operations=False)

    # --- expressions -------------------------------------------------------------------------------------

    def expression(
        self, node: object, scope: Scope, sets: Scope | None = None, operations: bool = True
    ) -> None:
        """The names in an expression, or in a collection of them.

        sets: those that `choose` may take candidates from. operations: whether names may be operations.
        """
        match node:
            case syntax.Name():
                self.note(node.span, self._meaning(node.name, scope, operations))
            case syntax.Number() if node.suffix:
                self.note(suffix(node), scope.get(node.suffix))
            case syntax.Choose(candidates=syntax.Call() as call):
                self.note(call.function.span, (sets or {}).get(call.function.name))
                self.expression(call.arguments, scope, sets, operations)
            case syntax.Comprehension():
                variable = Symbol("variable", node.variable, _variable(node), node)
                self.note(variable.span, variable)
                self.expression(node.iterable, scope, sets, operations)
                self.expression(node.value, {**scope, node.variable: variable}, sets, operations)
            case syntax.Call():
                self.keywords(node, scope, operations)
                self.expression([node.function, node.arguments], scope, sets, operations)
            case tuple() | list():
                for item in node:
                    self.expression(item, scope, sets, operations)
            case object(span=_):
                self.expression(list(vars(node).values()), scope, sets, operations)

    def keywords(self, call: syntax.Call, scope: Scope, operations: bool) -> None:
        """The names of arguments are parameters of what is called."""
        symbol = self._meaning(call.function.name, scope, operations)
        known = self.visible.parameters(symbol) if symbol is not None and symbol.kind != "cell" else {}
        for argument in call.arguments:
            if argument.name is not None:
                self.note(argument.span, known.get(argument.name))

    def _meaning(self, name: str, scope: Scope, operations: bool) -> Symbol | None:
        return scope.get(name) or (self.visible.find("op", name) if operations else None)


def _variable(node: syntax.Comprehension) -> Span:
    """The span of `p` in `... for p in earlier`, which the tree does not keep."""
    start, end = node.value.span, node.iterable.span
    between = [
        token
        for token in tokens_of(node.span.source)[0]
        if (start.end_line, start.end_column) <= (token.line or 0, token.column or 0) < (end.line, end.column)
    ]
    place = next(number for number, token in enumerate(between) if token.type == "FOR")
    return span_of(node.span.source, between[place + 1])
