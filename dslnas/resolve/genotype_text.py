"""Genotypes as definitions of the language: parsing and printing, with the same content as in JSON.

genotype found of SS1 {
    method: darts
    hash:   "sha256:4d1c..."

    cell normal(a, b) {
        node n1 = sep_conv_3x3(a) + skip_connect(b)
        output: n1
    }

    network.mb_1: (k: 3, expand: 6)
}

Where parts are removed from single instances of a cell, a line for each says how many channels are left,
which nodes are gone, and which edges of others: `network.normal_3: normal(channels: 10) - n1 - (a -> n2)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..base.diagnostics import Diagnostic, DslnasError, errors, fail
from ..base.source import Source, Span
from ..ir.genotype import Cell, Edge, Genotype, Node, Position
from ..ir.names import edge_id, node_id
from ..parse import syntax
from ..parse.format import formatted, one_line
from ..parse.grammar import is_name
from ..parse.parse import parse
from . import library
from .found import names_of

KEYS = ("method", "hash")

_NUMBER = re.compile(r"\d+(\.\d+)?")


# --- from text --------------------------------------------------------------------------------------------


def genotype_of(definition: syntax.GenotypeText) -> Genotype:
    """The genotype of a definition; raises DslnasError with all its errors."""
    problems = [*_misplaced(definition), *_repeated(definition)]
    if problems:
        raise DslnasError(*problems)
    values = {setting.key: label_of(setting.values) for setting in definition.settings}
    found = {choice: _position(choice) for choice in definition.choices}
    choices = tuple((one.id, label_of(one.values)) for one, position in found.items() if position is None)
    positions = tuple(position for position in found.values() if position is not None)
    cells = tuple(map(_cell, definition.cells))
    space, hash, method = definition.space, values.get("hash", ""), values.get("method", "")
    return Genotype(space, hash, method, cells, choices, positions)


def places_of(definition: syntax.GenotypeText) -> dict[str, Span]:
    """The place of each choice, each node (`normal/n1`) and each edge (`normal/n1<-a`) in a definition."""
    places = {choice.id: choice.span for choice in definition.choices}
    for cell in definition.cells:
        for node in cell.nodes:
            places[node_id(cell.name, node.name)] = node.span
            for edge in node.edges:  # several between two nodes have the place of the first
                places.setdefault(edge_id(cell.name, node.name, edge.source), edge.span)
    return places


def _position(choice: syntax.FoundChoice) -> Position | None:
    """The position of a line `network.normal_3: normal - n1 - (a -> n2)`; None of a choice and its option."""
    nodes: list[str] = []
    edges: list[tuple[str, str]] = []
    value = choice.values[0]
    while isinstance(value, syntax.Binary) and value.operator == "-":
        match value.right:
            case syntax.Name(name=node):
                nodes.insert(0, node)
            case syntax.Pipe(value=syntax.Name(name=source), stages=[syntax.Name(name=node)]):
                edges.insert(0, (source, node))
            case _:
                return None
        value = value.left
    cell, channels = _narrow(value)
    if not (nodes or edges or channels) or not cell or len(choice.values) > 1:
        return None
    return Position(choice.id, cell, tuple(nodes), tuple(edges), channels)


def _narrow(value: syntax.Expr) -> tuple[str, int | None]:
    """The cell of `normal` or `normal(channels: 10)`, and how many channels it keeps; no cell of others."""
    match value:
        case syntax.Name(name=cell):
            return cell, None
        case syntax.Call(
            function=syntax.Name(name=cell),
            arguments=[syntax.Argument(name="channels", value=syntax.Number(value=number, suffix=""))],
        ) if number >= 1 and number == int(number):
            return cell, int(number)
    return "", None


def _cell(found: syntax.FoundCell) -> Cell:
    nodes = tuple(
        Node(node.name, tuple(Edge(edge.source, edge.operation) for edge in node.edges))
        for node in found.nodes
    )
    outputs = [value.name for s in found.settings for value in s.values if isinstance(value, syntax.Name)]
    return Cell(found.name, tuple(p.name for p in found.inputs), nodes, tuple(outputs))


def _misplaced(definition: syntax.GenotypeText) -> Iterator[Diagnostic]:
    """Errors for unknown keys of a genotype or of a cell in it, and for values of the wrong kind."""
    for setting in definition.settings:
        if setting.key not in KEYS:
            help = f"known: {', '.join(KEYS)}; a choice is named by its place, as in `network.mb_1: 3`"
            yield Diagnostic("N0204", f"a genotype has no key `{setting.key}`", setting.span, help=help)
    for cell in definition.cells:
        for input in cell.inputs:
            if input.default is not None:
                yield Diagnostic("N0207", f"input `{input.name}` of a cell has no default", input.span)
        for setting in cell.settings:
            if setting.key != "output" or setting.makes_name:
                message = f"a cell of a genotype has no key `{setting.key}`"
                yield Diagnostic(
                    "N0204", message, setting.span, help="`output: n1, n2` names what it hands out"
                )
            for value in setting.values:
                if not isinstance(value, syntax.Name):
                    yield Diagnostic("N0206", "the output of a cell names nodes", value.span)


def _repeated(definition: syntax.GenotypeText) -> Iterator[Diagnostic]:
    """Errors for keys, choices, cells, inputs and nodes that are repeated."""
    yield from _twice("key", ((s.key, s) for s in definition.settings))
    yield from _twice("choice", ((c.id, c) for c in definition.choices))
    yield from _twice("cell", ((c.name, c) for c in definition.cells))
    for cell in definition.cells:
        yield from _twice("input", ((input.name, input) for input in cell.inputs))
        yield from _twice("node", ((node.name, node) for node in cell.nodes))
        for node in cell.nodes:
            yield from _twice("edge", ((_shown(edge), edge) for edge in node.edges))
        yield from _twice("key", ((setting.key, setting) for setting in cell.settings))


_Item = (
    syntax.Setting
    | syntax.FoundChoice
    | syntax.FoundCell
    | syntax.FoundNode
    | syntax.FoundEdge
    | syntax.Parameter
)


def _shown(edge: syntax.FoundEdge) -> str:
    return f"{edge.operation}({edge.source})" if edge.operation else edge.source


def _twice(what: str, named: Iterable[tuple[str, _Item]]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for name, one in named:
        if name in seen:
            yield Diagnostic("N0202", f"{what} `{name}` is there twice", one.span)
        seen.add(name)


def label_of(values: tuple[syntax.Expr, ...]) -> str:
    """The label of an option from its text: `relu`, `(k: 3, expand: 6)`, `"conv(1) -> bn"`."""
    if len(values) > 1:
        raise fail("N0207", "a choice takes one option", values[1].span)
    match values[0]:
        case syntax.Text(value=text):
            return text
        case syntax.Group(items=items) if all(item.name for item in items):
            return ", ".join(f"{item.name} = {one_line(item.value.span.text)}" for item in items)
        case value:
            return one_line(value.span.text)


# --- to text ----------------------------------------------------------------------------------------------


def text_of(genotype: Genotype, name: str = "found") -> str:
    """The text of a genotype's definition; raises DslnasError N0501 if a name cannot be written."""
    parts = [f"genotype {_named(name)} of {_named(genotype.space)} {{"]
    parts += [f"method: {_label(genotype.method)}", f"hash: {_quoted(genotype.space_hash)}"]
    for cell in genotype.cells:
        parts += ["", *_cell_lines(cell)]
    parts += ["", *(f"{_place(id)}: {_label(label)}" for id, label in genotype.choices)]
    parts += ["", *map(_position_line, genotype.positions)]
    return formatted(Source(name, "\n".join([*parts, "}"])))


def _cell_lines(cell: Cell) -> Iterator[str]:
    yield f"cell {_named(cell.name)}({', '.join(map(_named, cell.inputs))}) {{"
    for node in cell.nodes:
        if not node.edges:
            message = f"node `{node.name}` of cell `{cell.name}` keeps no edge, which a text cannot say"
            raise fail("N0501", message, help="write it as JSON: `-o FILE.json`")
        yield f"node {_named(node.name)} = {' + '.join(map(_edge, node.edges))}"
    if cell.output:
        yield f"output: {', '.join(map(_named, cell.output))}"
    yield "}"


def _position_line(position: Position) -> str:
    if not position.takes_parts and position.channels is None:
        raise fail("N0501", f"nothing is removed at `{position.place}`")
    width = "" if position.channels is None else f"(channels: {position.channels})"
    edges = (f"({_named(source)} -> {_named(node)})" for source, node in position.edges)
    parts = (f"{_named(position.cell)}{width}", *map(_named, position.removed), *edges)
    return f"{_place(position.place)}: {' - '.join(parts)}"


def _edge(edge: Edge) -> str:
    source = _named(edge.source)
    if not edge.operation:  # an edge without a choice
        return source
    operation = edge.operation if is_name(edge.operation) else _quoted(edge.operation)
    return f"{operation}({source})"


def _place(id: str) -> str:
    """The path of a choice point, `network.mb_1`; in quotes if it contains more than names."""
    parts = names_of(id)
    return ".".join(parts) if len(parts) > 1 and all(map(is_name, parts)) else _quoted(id)


def _label(label: str) -> str:
    """A label so that `label_of` reads it back."""
    if is_name(label):
        return label
    pairs = [pair.partition(" = ") for pair in label.split(", ")]
    if all(is_name(key) and (is_name(value) or _NUMBER.fullmatch(value)) for key, _, value in pairs):
        return f"({', '.join(f'{key}: {value}' for key, _, value in pairs)})"
    return _quoted(label)


def _named(name: str) -> str:
    if not is_name(name):
        raise fail("N0501", f"`{name}` is no name that a text can hold")
    return name


def _quoted(text: str) -> str:
    if '"' in text or not text.isprintable():
        raise fail("N0501", f"`{text}` cannot stand in quotes")
    return f'"{text}"'


# --- in files ---------------------------------------------------------------------------------------------


def read_source(path: Path) -> Genotype | None:
    """The genotype of a `.nas` file that defines a genotype and no space; None for any other file.

    Raises DslnasError if the file cannot be read, its genotype has errors, or it has several.
    """
    file, diagnostics = parse(library.read_source(path))
    written = [one for one in file.definitions if isinstance(one, syntax.GenotypeText)]
    unread = [kind for kind, _ in file.unread]
    others = [one for one in file.definitions if not isinstance(one, syntax.GenotypeText | syntax.Use)]
    if others or {*unread} - {"genotype", "use"} or not (written or "genotype" in unread):
        return None
    if errors(diagnostics):
        raise DslnasError(*diagnostics)
    if len(written) > 1:
        help = "keep each in a file of its own"
        raise fail("N0501", f"{path} defines {len(written)} genotypes", written[1].span, help=help)
    return genotype_of(written[0])
