"""Signatures and documentation of primitives and symbols, for hover and completion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...base.source import Source
from ...ir.primitives.registry import CHANNELS_OF_PLACE, REQUIRED, Kind, Parameter, Primitive
from ...parse import syntax
from .symbols import Symbol

KIND_WORDS: Mapping[Kind, str] = {
    "int": "a whole number of at least 1",
    "count": "a whole number of at least 0",
    "kernel": "a whole number, or a pair (frequency, time)",
    "stride": "a whole number, or a pair (frequency, time)",
    "padding": "zeros on either side: a whole number, or a pair (frequency, time)",
    "channels": "a number of channels: `16`, `2C`",
    "number": "a number",
    "numbers": "a number for each channel, `(0.5, 0.4, 0.4)`, or one for all",
    "fraction": "a share: `0.5`, `50%`",
    "seconds": "a time: `64ms`, `1s`",
    "hertz": "a rate: `16kHz`",
    "decibels": "a range: `-6dB .. 6dB`",
    "range": "a range: `0.9 .. 1.1`",
    "axis": "`time` or `frequency`",
    "phase": "`centre`, `relative` or `start`",
    "judge": "`groups` or `clips`",
    "balance": "`none`, `loss`, `sampling` or `mixing`",
    "windows": "`loudest` or `all`",
    "bool": "`true` or `false`",
}

# The words that parameters of some kinds take, each with what it means.
OPTION_WORDS: Mapping[str, str] = {
    "time": "along time, the second axis",
    "frequency": "along frequency, the first axis",
    "centre": "phases count from the middle of each frame; moduli are the features of a real space",
    "relative": "phases count from those of the frame before; moduli are the features of a real space",
    "start": "phases count from the start of each frame, and the mel filters sum complex values",
    "groups": "whole speakers or sources judge, which train no weight",
    "clips": "any clips judge",
    "none": "nothing",
    "loss": "the clips of rare classes count more in the loss",
    "sampling": "every class is drawn as often",
    "mixing": "every class is drawn as often, and clips that come again are shuffled and mixed",
    "true": "",
    "false": "",
}

# Names that the place of use gives a value, words of a space, and the built-in operations on tensors.
PLACE_WORDS: Mapping[str, str] = {
    "x": "the input of the operation",
    "stride": "the stride that the place of use asks for",
    "C": "the channels that the place of use asks for",
    "C_in": "the channels of the input",
    "input": "what the front end hands to the network",
    "classes": "the number of classes of the data",
    "earlier": "the inputs, intermediates and nodes before this one",
}
SPACE_WORDS: Mapping[str, str] = {
    "candidates": "operations that compete on an edge: `candidates { name = operation }`",
    "network": "the whole network, from `input` to the classes: `network = input -> ...`",
}
DOC_BY_PROFILE = "what the profile of the data says, else the value in parentheses"
FUNCTION_WORDS: Mapping[str, tuple[str, str]] = {
    "concat": ("concat(a, b, ...)", "tensors side by side, channel after channel"),
    "sum": ("sum(a, b, ...)", "the sum of tensors; in a node, over `... for p in earlier`"),
    "size": ("size(a)", "the size of a tensor, to compare it with another's"),
}


def of_primitive(primitive: Primitive) -> str:
    """`conv(kernel, out = C, stride = 1, dilation: 1)`: `=` marks arguments by position, `:` by name."""
    shown = ", ".join((*primitive.reads, *map(_parameter, primitive.parameters)))
    return f"{primitive.name}({shown})" if shown else primitive.name


def _parameter(parameter: Parameter) -> str:
    if parameter.default is REQUIRED:
        return f"{parameter.name}:" if parameter.keyword_only else parameter.name
    default = "C" if parameter.default is CHANNELS_OF_PLACE else _value(parameter.default)
    return f"{parameter.name}: {default}" if parameter.keyword_only else f"{parameter.name} = {default}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return " .. ".join(map(_value, value))
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:g}"


def parameters_of_primitive(primitive: Primitive) -> tuple[tuple[str, str], ...]:
    """Each parameter with what it takes."""
    return tuple((one.name, KIND_WORDS[one.kind]) for one in primitive.parameters)


def of_symbol(symbol: Symbol) -> str:
    """The line that defines a symbol, without its body."""
    node, name = symbol.node, symbol.name
    match node:
        case syntax.Op():
            return f"op {name}{_parameters(node.parameters)}"
        case syntax.SpaceTemplate():
            return f"space {name}{_parameters(node.parameters)}"
        case syntax.FrontEndTemplate():
            return f"frontend {name}{_parameters(node.parameters)}"
        case syntax.SettingsBlock():
            return f"{node.kind} {name}{_parameters(node.parameters)}"
        case syntax.GenotypeText():
            return f"genotype {name} of {node.space}"
        case syntax.Derived(part=syntax.Part(span=span)):
            return f"{node.kind} {name} = {node.base} with {span.text}"
        case syntax.Derived():
            return f"{node.kind} {name} = {node.base} with {{ ... }}"
        case syntax.CellTemplate():
            return f"cell {name}{_parameters(node.parameters)}"
        case syntax.Candidates():
            return f"{name} {{ {', '.join(option.name for option in node.options)} }}"
        case syntax.NodeArray():
            return f"node {name}[{_text(node.indices)}]"
        case syntax.Let():
            return f"{name} = {_text(node.value)}"
        case syntax.Setting():
            return f"{name} = {', '.join(map(_text, node.values))}"
        case syntax.Parameter():
            return _written(node)
        case _:
            return name


def _parameters(parameters: Iterable[syntax.Parameter]) -> str:
    shown = ", ".join(map(_written, parameters))
    return f"({shown})" if shown else ""


def _written(parameter: syntax.Parameter) -> str:
    return parameter.name + (f" = {_text(parameter.default)}" if parameter.default else "")


def _text(expr: syntax.Expr) -> str:
    """The text of an expression on one line."""
    return " ".join(expr.span.text.split())


def comment_of(symbol: Symbol) -> str:
    """The comments about a symbol: the comment lines above it, the comment at the end of its line."""
    source, line = symbol.span.source, symbol.span.line
    above: list[str] = []
    for number in range(line - 1, 0, -1):
        text = source.line(number).strip()
        if not text.startswith("#"):
            break
        above.insert(0, text.lstrip("# "))
    return "\n".join([*above, *filter(None, [_trailing(source, line)])])


def _trailing(source: Source, line: int) -> str:
    """The comment at the end of a line; a `#` in quotes begins none."""
    text, quoted = source.line(line), False
    for place, character in enumerate(text):
        quoted ^= character == '"'
        if character == "#" and not quoted:
            return text[place:].strip("# \r")
    return ""
