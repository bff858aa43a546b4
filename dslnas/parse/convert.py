"""Conversion of lark's parse trees to the frozen dataclasses of `syntax.py`."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from lark import Token, Tree

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Source, Span
from . import syntax
from .foreign import on_a_line

_DIGITS = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")  # of `16kHz` the 16, of `3e-4` all


class Converter:
    """Converts the parse trees of one source; each `_name` method converts the grammar rule of that name."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._depth = 0

    def definition(self, tree: Tree[Token]) -> syntax.Definition:
        """The definition of a parse tree; raises DslnasError N0101, N0103, N0204 or N0301."""
        convert: Callable[[Tree[Token]], syntax.Definition] = getattr(self, f"_{tree.data}")
        return convert(tree)

    def expr(self, node: Any) -> syntax.Expr:
        """The expression of a parse tree; raises DslnasError N0103 where it is nested too deeply."""
        convert: Callable[[Tree[Token]], syntax.Expr] = getattr(self, f"_{node.data}")
        self._depth += 1
        if self._depth > limits.EXPRESSIONS:
            help = "name parts of it with `let` or `op`"
            raise fail("N0103", "this expression is nested too deeply", self._at(node), help=help)
        result = convert(node)
        self._depth -= 1
        return result

    def _at(self, node: Any) -> Span:
        place: Any = node if isinstance(node, Token) else node.meta
        return Span(self.source, place.line, place.column, place.end_line, place.end_column)

    # definitions

    def _use(self, tree: Any) -> syntax.Use:
        return syntax.Use(str(tree.children[0])[1:-1], self._at(tree.children[0]))

    def _op(self, tree: Any) -> syntax.Op:
        name, parameters, body = tree.children
        return syntax.Op(str(name), self._parameters(parameters), self._block(body), self._at(name))

    def _block(self, body: Any) -> syntax.Block:
        if body.data != "block":
            return syntax.Block((), self.expr(body))
        return syntax.Block(tuple(map(self._let, body.children[:-1])), self.expr(body.children[-1]))

    def _let(self, tree: Any) -> syntax.Let:
        name, value = tree.children
        return syntax.Let(str(name), self.expr(value), self._at(name))

    _candidate = _let

    def _network(self, tree: Any) -> syntax.Network:
        name, body = tree.children
        return syntax.Network(str(name), self._block(body), self._at(name))

    def _parameters(self, tree: Any) -> tuple[syntax.Parameter, ...]:
        return tuple(map(self._parameter, filter(None, tree.children))) if tree else ()

    def _parameter(self, tree: Any) -> syntax.Parameter:
        name, default = tree.children
        return syntax.Parameter(str(name), self.expr(default) if default else None, self._at(name))

    def _space(self, tree: Any) -> syntax.SpaceTemplate:
        name, parameters, *items = tree.children
        converted = tuple(getattr(self, f"_{item.data}")(item) for item in items)
        return syntax.SpaceTemplate(str(name), self._parameters(parameters), converted, self._at(name))

    def _candidates(self, tree: Any) -> syntax.Candidates:
        name, *options = tree.children
        return syntax.Candidates(str(name), tuple(map(self._candidate, options)), self._at(name))

    def _cell(self, tree: Any) -> syntax.CellTemplate:
        name, parameters, *items, value = tree.children
        converted = tuple(getattr(self, f"_{item.data}")(item) for item in items)
        inputs = self._parameters(parameters)
        return syntax.CellTemplate(str(name), inputs, converted, self.expr(value), self._at(name))

    def _node(self, tree: Any) -> syntax.NodeArray:
        name, indices, value, keep = tree.children
        kept = self.expr(keep) if keep else None
        return syntax.NodeArray(str(name), self.expr(indices), self.expr(value), kept, self._at(name))

    def _derived(self, tree: Any) -> syntax.Derived:
        name, base, what = tree.children
        kind = tree.data.removesuffix("_with")
        part = self._part(what) if what.data == "part" else None
        pairs = () if part else self._pairs(what)
        return syntax.Derived(kind, str(name), str(base), pairs, self._at(name), self._at(base), part)

    def _part(self, tree: Any) -> syntax.Part:
        genotype, owner = tree.children
        return syntax.Part(str(genotype), str(owner) if owner else None, self._at(tree), self._at(genotype))

    _space_with = _cell_with = _method_with = _profile_with = _derived

    def _pairs(self, settings: Any) -> tuple[syntax.Setting, ...]:
        return tuple(map(self._pair, filter(None, settings.children)))

    def _pair(self, tree: Any) -> syntax.Setting:
        path, value = tree.children
        keys = tuple(str(key.children[0]) for key in path.children)
        values = tuple(map(self.expr, value.children))
        return syntax.Setting(keys, values, tree.data == "make_name", self._at(path))

    def _method(self, tree: Any) -> syntax.SettingsBlock:
        name, parameters, settings = tree.children
        return syntax.SettingsBlock(
            "method", str(name), self._parameters(parameters), self._pairs(settings), self._at(name)
        )

    def _profile(self, tree: Any) -> syntax.SettingsBlock:
        name, settings = tree.children
        return syntax.SettingsBlock("profile", str(name), (), self._pairs(settings), self._at(name))

    def _experiment(self, tree: Any) -> syntax.SettingsBlock:
        return syntax.SettingsBlock("experiment", "", (), self._pairs(tree.children[0]), self._at(tree))

    def _sweep(self, tree: Any) -> syntax.SettingsBlock:
        name, settings = tree.children
        return syntax.SettingsBlock("sweep", str(name or "sweep"), (), self._pairs(settings), self._at(tree))

    def _frontend(self, tree: Any) -> syntax.FrontEndTemplate:
        name, parameters, value = tree.children
        return syntax.FrontEndTemplate(
            str(name), self._parameters(parameters), self.expr(value), self._at(name)
        )

    def _genotype(self, tree: Any) -> syntax.GenotypeText:
        name, space, *found = tree.children
        items = [self._found(item) for item in found if item is not None]
        return syntax.GenotypeText(
            str(name),
            str(space),
            tuple(item for item in items if isinstance(item, syntax.Setting)),
            tuple(item for item in items if isinstance(item, syntax.FoundCell)),
            tuple(item for item in items if isinstance(item, syntax.FoundChoice)),
            self._at(name),
            self._at(space),
        )

    def _found(self, tree: Any) -> syntax.Setting | syntax.FoundCell | syntax.FoundChoice:
        """One line of a genotype: a cell, a key of one word, or a choice point by its path or in quotes."""
        if tree.data == "found_cell":
            return self._found_cell(tree)
        if tree.data == "set_quoted":
            id, value = tree.children
            return syntax.FoundChoice(str(id)[1:-1], tuple(map(self.expr, value.children)), self._at(id))
        pair = self._pair(tree)
        if pair.makes_name:
            raise fail("N0204", "a genotype sets keys", pair.span, help=f"`{pair.key}: ...`")
        if len(pair.path) == 1:
            return pair
        return syntax.FoundChoice("/".join(pair.path), pair.values, pair.span)

    def _found_cell(self, tree: Any) -> syntax.FoundCell:
        name, parameters, *items = tree.children
        nodes = [item for item in items if item is not None and item.data == "found_node"]
        settings = [item for item in items if item is not None and item.data != "found_node"]
        return syntax.FoundCell(
            str(name),
            self._parameters(parameters),
            tuple(map(self._found_node, nodes)),
            tuple(map(self._pair, settings)),
            self._at(name),
        )

    def _found_node(self, tree: Any) -> syntax.FoundNode:
        name, *edges = tree.children
        found = tuple(self._found_edge(edge) for edge in edges if not isinstance(edge, Token))
        return syntax.FoundNode(str(name), found, self._at(name))

    def _found_edge(self, tree: Any) -> syntax.FoundEdge:
        *operation, source = tree.children
        name = str(operation[0]).strip('"') if operation else ""
        return syntax.FoundEdge(str(source), name, self._at(tree))

    # expressions

    def _number(self, tree: Any) -> syntax.Number:
        token = str(tree.children[0])
        match = _DIGITS.match(token)
        digits = match[0] if match else token
        value = float(digits)
        if not isfinite(value) or value > limits.NUMBER:
            raise fail("N0301", "this number is too large", self._at(tree))
        return syntax.Number(value, token[len(digits) :], self._at(tree))

    def _name(self, tree: Any) -> syntax.Name:
        return syntax.Name(str(tree.children[0]), self._at(tree))

    def _string(self, tree: Any) -> syntax.Text:
        return syntax.Text(str(tree.children[0])[1:-1], self._at(tree))

    def _argument(self, tree: Any) -> syntax.Argument:
        if tree.data == "keyword":
            key, value = tree.children
            return syntax.Argument(str(key.children[0]), self.expr(value), self._at(key))
        value = tree if tree.data == "comprehension" else tree.children[0]
        return syntax.Argument(None, self.expr(value), self._at(tree))

    def _comprehension(self, tree: Any) -> syntax.Comprehension:
        value, variable, iterable = tree.children
        return syntax.Comprehension(self.expr(value), str(variable), self.expr(iterable), self._at(tree))

    def _arguments(self, tree: Any) -> tuple[syntax.Argument, ...]:
        return tuple(map(self._argument, tree.children)) if tree else ()

    def _group(self, tree: Any) -> syntax.Expr:
        items = self._arguments(tree.children[0])
        if len(items) == 1 and items[0].name is None:
            return items[0].value
        return syntax.Group(items, self._at(tree))

    def _call(self, tree: Any) -> syntax.Expr:
        function, arguments = tree.children
        called = self.expr(function)
        given = self._arguments(arguments)
        if not isinstance(called, syntax.Name):
            read = on_a_line(given[0].value) if len(given) == 1 else "x"
            help = f"a tensor comes by a pipe: `{read} -> {on_a_line(called)}`"
            raise fail("N0101", "only a name can be called", self._at(function), help=help)
        return syntax.Call(called, given, self._at(tree))

    def _index(self, tree: Any) -> syntax.Index:
        base, index = tree.children
        return syntax.Index(self.expr(base), self.expr(index), self._at(tree))

    def _member(self, tree: Any) -> syntax.Name:
        """`mix.candidates` as a value is a name with dots."""
        base, name = tree.children
        left = self.expr(base)
        if not isinstance(left, syntax.Name):
            raise DslnasError(Diagnostic("N0101", "only a name has parts", self._at(base)))
        return syntax.Name(f"{left.name}.{name}", self._at(tree))

    def _negative(self, tree: Any) -> syntax.Negative:
        return syntax.Negative(self.expr(tree.children[1]), self._at(tree))

    def _binary(self, tree: Any) -> syntax.Binary:
        left, operator, right = tree.children
        return syntax.Binary(
            str(operator), self.expr(left), self.expr(right), self._at(operator), self._at(tree)
        )

    _arithmetic = _compare = _binary_and = _binary_or = _binary

    def _range(self, tree: Any) -> syntax.Range:
        low, _, high = tree.children
        return syntax.Range(self.expr(low), self.expr(high), self._at(tree))

    def _pipe(self, tree: Any) -> syntax.Pipe:
        stages: list[Any] = []
        value = tree
        while value.data == "pipe":
            value, _, stage = value.children
            stages.append(stage)
        return syntax.Pipe(self.expr(value), tuple(map(self.expr, reversed(stages))), self._at(tree))

    def _times(self, tree: Any) -> syntax.Times:
        count, stage = tree.children
        return syntax.Times(self.expr(count), self.expr(stage), self._at(tree))

    def _after(self, tree: Any) -> syntax.After:
        term, when = tree.children
        return syntax.After(self.expr(term), self.expr(when), self._at(tree))

    def _ramp(self, tree: Any) -> syntax.Ramp:
        term, start, end = map(self.expr, tree.children)
        return syntax.Ramp(term, start, end, self._at(tree))

    def _conditional(self, tree: Any) -> syntax.Conditional:
        condition, then, otherwise = map(self.expr, tree.children)
        return syntax.Conditional(condition, then, otherwise, self._at(tree))

    def _choose(self, tree: Any) -> syntax.Choose:
        if len(tree.children) > limits.OPTIONS:
            raise fail("N0301", f"more than {limits.OPTIONS} options at one place", self._at(tree))
        return syntax.Choose(tuple(map(self.expr, tree.children)), None, self._at(tree))

    def _choose_from(self, tree: Any) -> syntax.Choose:
        called = self.expr(tree.children[0])
        if not isinstance(called, syntax.Call):
            message = "`choose` takes a set applied to a value, or options in braces"
            raise DslnasError(Diagnostic("N0101", message, self._at(tree), help="`choose candidates(p)`"))
        return syntax.Choose((), called, self._at(tree))
