"""Reads genotypes in the form of the published DARTS code: Python text, which is parsed but never run.

    DARTS_V2 = Genotype(
        normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ...], normal_concat=range(2, 6),
        reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ...], reduce_concat=range(2, 6))

The states of a cell are numbered: 0 and 1 are its inputs, then come its nodes. An edge is `(operation,
source)`, two for each node in turn (Liu et al., 2019), or `(operation, node, source)` (Chu et al., 2020), or
edges stand in a list for each node (Katib). The call may stand within the line of a log. What is data and
no call is read by `dialects.py`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..base import limits
from ..base.diagnostics import DslnasError, fail
from ..base.source import Source, Span, start_of
from ..base.spelling import did_you_mean
from .dialects import stated_edges

INPUTS = 2  # of a cell
FIELDS = ("normal", "normal_concat", "reduce", "reduce_concat")
CALLEE = "Genotype"
_KATIB = {
    "separable_convolution_": "sep_conv_",
    "dilated_convolution_": "dil_conv_",
    "max_pooling_": "max_pool_",
    "avg_pooling_": "avg_pool_",
    "skip_connection": "skip_connect",
}
_IN_A_LINE = re.compile(r"^(?P<before>[^\n]*?)(?P<call>\bGenotype\()", re.M)
FORM = (
    "`Genotype(normal=[('skip_connect', 0), ...], normal_concat=range(2, 6), reduce=..., reduce_concat=...)`"
)


@dataclass(frozen=True)
class PublishedEdge:
    """An edge of a published cell: an operation from state `source` to state `node`."""

    operation: str
    source: int
    node: int
    span: Span


@dataclass(frozen=True)
class PublishedCell:
    """A published cell: its edges, and the states that are concatenated to its output."""

    edges: tuple[PublishedEdge, ...]
    output: tuple[int, ...]
    span: Span
    output_span: Span


@dataclass(frozen=True)
class Published:
    """A published genotype; name: of its variable in the text, or `published`."""

    name: str
    normal: PublishedCell
    reduce: PublishedCell


def read_published(source: Source, name: str | None = None) -> Published:
    """The genotype called `name` in a Python text, or its only one.

    Raises DslnasError N0501 if the text is not Python, has no such genotype, or has it in another form; if it
    has several and no name is given, the message lists them.
    """
    if (stated := _of_data(source)) is not None:
        return stated
    found = _genotypes(source)
    if not found:
        raise fail("N0501", f"{source.name} holds no genotype", start_of(source), help=FORM)
    if name is None and len(found) > 1:
        message = f"{source.name} holds {len(found)} genotypes: {', '.join(found)}"
        raise fail("N0501", message, help="name one with --name")
    if name is not None and name not in found:
        help = did_you_mean(name, found) or f"it holds {', '.join(found)}"
        raise fail("N0501", f"{source.name} holds no genotype `{name}`", help=help)
    wanted = next(iter(found)) if name is None else name
    return _Reader(source).genotype(wanted, found[wanted])


def _of_data(source: Source) -> Published | None:
    """The genotype that data states; None where the text is none. Raises DslnasError N0501."""
    edges = stated_edges(source)
    if not edges:
        return None
    whole = start_of(source)

    def cell(name: str) -> PublishedCell:
        own = [one for one in edges if one.cell == name]
        made = tuple(PublishedEdge(one.operation, one.source, one.node, one.span) for one in own)
        last = max((one.node for one in own), default=INPUTS - 1)
        return PublishedCell(made, tuple(range(INPUTS, last + 1)), own[0].span if own else whole, whole)

    return Published("published", cell("normal"), cell("reduce"))


def _genotypes(source: Source) -> dict[str, ast.Call]:
    """The calls of `Genotype` at the top level of a text by the names of their variables and aliases."""
    found: dict[str, ast.Call] = {}
    for statement in _statements(source):
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=None, annotation=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                pass
            case ast.Expr(value=value):
                name = "published"
            case _:
                continue
        if isinstance(value, ast.Name) and value.id in found:
            value = found[value.id]
        if isinstance(value, ast.Call) and _called(value) == CALLEE:
            found[name] = value
    return found


def _statements(source: Source) -> Sequence[ast.stmt]:
    """The statements of a text, or the calls of `Genotype` within one that is no Python, such as a log."""
    calls = list(_IN_A_LINE.finditer(source.text))
    try:
        return _parsed(source.text, source).body
    except DslnasError as error:
        no_python = error
    found: list[ast.stmt] = []
    for call in calls:
        text = _alone(source.text, call)
        for statement in _parsed(text, source).body if text else ():
            if isinstance(statement, ast.Expr):
                name = ast.Name(f"line_{statement.lineno}", ast.Store())
                found.append(ast.Assign([name], statement.value, lineno=statement.lineno))
    if not found:
        raise no_python
    return found


def _alone(text: str, call: re.Match[str]) -> str:
    """A call within a text with nothing around it, at its place; empty where its brackets do not close."""
    start, depth = call.start("call"), 0
    for place in range(call.end() - 1, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            break
    else:
        return ""
    width = len(call["before"].encode())
    before = "\n" * text.count("\n", 0, start) + ("(" + " " * (width - 1) if width else "")
    return before + text[start : place + 1] + (")" if width else "")


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _parsed(text: str, source: Source) -> ast.Module:
    """The syntax tree of a text; raises DslnasError N0501 if it is not Python or is nested too deeply."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on invalid escapes in published texts
            return ast.parse(text)
    except SyntaxError as error:
        line, column = max(1, error.lineno or 1), max(1, error.offset or 1)
        span = Span(source, line, column, line, column + 1)
        raise fail("N0501", f"this is no Python: {error.msg}", span, help=FORM) from None
    except (RecursionError, MemoryError, ValueError) as error:
        deep = not isinstance(error, ValueError)
        reason = "it is nested too deeply" if deep else "it holds what no Python text does"
        raise fail("N0501", f"{source.name} cannot be read: {reason}") from None


class _Reader:
    """Reads one call of `Genotype`; raises DslnasError N0501 at the place of a mistake."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def span(self, node: ast.expr | ast.keyword) -> Span:
        """The span of a syntax node; `ast` counts columns in bytes from 0."""
        last, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        first_column, last_column = self._column(node.lineno, node.col_offset), self._column(last, end)
        return Span(self.source, node.lineno, first_column, last, last_column)

    def _column(self, line: int, offset: int) -> int:
        return len(self.source.line(line).encode()[:offset].decode(errors="replace")) + 1

    def genotype(self, name: str, call: ast.Call) -> Published:
        """The genotype of a call."""
        fields = self._fields(call)
        return Published(name, self._cell(fields, "normal"), self._cell(fields, "reduce"))

    def _fields(self, call: ast.Call) -> Mapping[str, ast.expr]:
        fields: dict[str, ast.expr] = {}
        if len(call.args) > len(FIELDS):
            raise fail("N0501", f"a genotype has {len(FIELDS)} fields", self.span(call.args[4]), help=FORM)
        for name, value in zip(FIELDS, call.args, strict=False):
            fields[name] = value
        for keyword in call.keywords:
            if keyword.arg not in FIELDS:
                help = did_you_mean(str(keyword.arg), FIELDS) or FORM
                message = f"a genotype has no field `{keyword.arg}`"
                raise fail("N0501", message, self.span(keyword), help=help)
            if keyword.arg in fields:
                raise fail("N0501", f"field `{keyword.arg}` is there twice", self.span(keyword))
            fields[keyword.arg] = keyword.value
        for name in FIELDS:
            if name not in fields:
                raise fail("N0501", f"the genotype lacks `{name}`", self.span(call), help=FORM)
        return fields

    def _cell(self, fields: Mapping[str, ast.expr], name: str) -> PublishedCell:
        value, concat = fields[name], fields[f"{name}_concat"]
        items = self._items(value, "a list of edges")
        if items and all(_grouped(item) for item in items):
            return PublishedCell(
                tuple(
                    PublishedEdge(operation, source, INPUTS + place if node is None else node, span)
                    for place, group in enumerate(items)
                    for operation, node, source, span in map(self._edge, self._items(group, "edges"))
                ),
                self._states(concat),
                self.span(value),
                self.span(concat),
            )
        edges = [self._edge(item) for item in items]
        if len({node is None for _, node, _, _ in edges}) > 1:
            message = "some edges name their node and some do not"
            raise fail("N0501", message, self.span(value), help="write all of them alike")
        if edges and edges[0][1] is None and len(edges) % 2:
            help = "without a node in each edge there are two edges for each"
            raise fail("N0501", f"`{name}` has {len(edges)} edges", self.span(value), help=help)
        made = tuple(
            PublishedEdge(operation, source, INPUTS + place // 2 if node is None else node, span)
            for place, (operation, node, source, span) in enumerate(edges)
        )
        return PublishedCell(made, self._states(concat), self.span(value), self.span(concat))

    def _edge(self, item: ast.expr) -> tuple[str, int | None, int, Span]:
        span = self.span(item)
        match item:
            case ast.Tuple(elts=[ast.Constant(value=str(operation)), source]):
                return _named(operation), None, self._whole(source), span
            case ast.Tuple(elts=[ast.Constant(value=str(operation)), node, source]):
                return _named(operation), self._whole(node), self._whole(source), span
        help = "`('skip_connect', 0)`, or with its node `('skip_connect', 2, 0)`"
        raise fail("N0501", "an edge is an operation and the state it comes from", span, help=help)

    def _states(self, value: ast.expr) -> tuple[int, ...]:
        """The states of `range(2, 6)` or `[2, 3, 4, 5]`."""
        if isinstance(value, ast.Call) and _called_range(value):
            ends = [self._whole(end) for end in value.args]
            numbers = range(*ends)
            if len(numbers) > limits.ARRIVALS:
                raise fail("N0501", f"a cell has at most {limits.ARRIVALS} states", self.span(value))
            return tuple(numbers)
        return tuple(map(self._whole, self._items(value, "`range(2, 6)` or a list of states")))

    def _items(self, value: ast.expr, wanted: str) -> Sequence[ast.expr]:
        if not isinstance(value, ast.List | ast.Tuple):
            raise fail("N0501", f"{wanted} is expected here", self.span(value), help=FORM)
        if len(value.elts) > limits.PARTS:
            raise fail("N0501", f"at most {limits.PARTS} items are read", self.span(value))
        return value.elts

    def _whole(self, value: ast.expr) -> int:
        """The number of a state: an integer, 0 .. `limits.ARRIVALS`."""
        if isinstance(value, ast.Constant) and type(value.value) is int and value.value <= limits.ARRIVALS:
            return value.value
        message = f"a state is a whole number from 0 to {limits.ARRIVALS}"
        raise fail("N0501", message, self.span(value))


def _named(operation: str) -> str:
    """An operation of Katib by its name in the DARTS code; any other as it is."""
    for long, short in _KATIB.items():
        if operation.startswith(long):
            return short + operation.removeprefix(long)
    return operation


def _grouped(item: ast.expr) -> bool:
    """Whether an item is the list of the edges of a node, and no edge."""
    return isinstance(item, ast.List | ast.Tuple) and all(
        isinstance(one, ast.List | ast.Tuple) for one in item.elts
    )


def _called_range(call: ast.Call) -> bool:
    name = isinstance(call.func, ast.Name) and call.func.id == "range"
    return name and 1 <= len(call.args) <= 2 and not call.keywords
