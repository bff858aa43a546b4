"""The topics of primitives: a type, a cost and an example, each from what the registry declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...base.diagnostics import DslnasError
from ...ir.primitives.frontend import SOURCES, STEPS
from ...ir.primitives.registry import REQUIRED, Kind, Parameter, Primitive, TypeRuleError
from ...ir.tensortype import Dim, Domain, TensorType, tensor
from ...parse.parse import parse_value
from ...resolve.arguments import coerce
from ...resolve.values import evaluate_words
from ..places.signatures import (
    of_primitive,
    parameters_of_primitive,
)
from .topic import Details, Topic

# How a value of each kind is written, for examples.
EXAMPLES: Mapping[Kind, str] = {
    "int": "2", "count": "4", "kernel": "3", "stride": "2", "padding": "0", "channels": "16",
    "number": "0.1", "numbers": "0.5", "fraction": "0.5", "seconds": "64ms", "hertz": "16kHz",
    "decibels": "-6dB .. 6dB", "range": "0.9 .. 1.1",
    "axis": "time", "phase": "centre", "bool": "true",
}  # fmt: skip
SHOWN: Mapping[str, Mapping[str, str]] = {
    "wave": {"clip": "1s"},
    "stft": {"hop": "32ms"},
    "mel": {"bands": "32"},
    "cepstrum": {"coefficients": "13"},
    "fade": {"length": "200ms"},
    "image": {"channels": "3", "height": "32", "width": "32"},
}
SIZE = (16, 32, 32)  # channels, frequency and time of the input whose cost is shown


def of(primitive: Primitive) -> Topic:
    """The topic of a primitive, of the language or of a plugin."""
    group = "stage of front ends" if primitive.name in STEPS else "primitive"
    doc = primitive.doc
    return Topic(primitive.name, group, of_primitive(primitive), doc, lambda: _of_primitive(primitive))


def _of_primitive(primitive: Primitive) -> Details:
    facts = [("type", type_of(primitive)), ("domains", ", ".join(sorted(primitive.domains, reverse=True)))]
    facts += _cost_of(primitive)
    if primitive.file is not None:
        facts.append(("defined in", primitive.file.name))
    return Details(parameters_of_primitive(primitive), tuple(facts), _written(primitive))


def _written(primitive: Primitive) -> str:
    """A definition that uses a primitive."""
    if primitive.name in STEPS:
        after = {"wave": "gain(-6dB .. 6dB)", "image": "flip"}.get(primitive.name, _call(primitive))
        steps = [*_before(primitive.name), after]
        rate = "(rate = 16kHz)" if "wave" in steps[0] else ""
        return f"frontend example{rate} = {' -> '.join(steps)}"
    joins = {"add": "x + y", "subtract": "x - y", "multiply": "x * y", "concat": "concat(x, y)"}
    joins["attend"] = "attend(scores(x, y) -> softmax(frequency), y)"
    if primitive.inputs == 1:
        return f"op example = x -> {_call(primitive)}"
    value = joins.get(primitive.name, f"{primitive.name}(x, y)")
    return f"op example {{\n    let y = x -> relu\n    {value}\n}}"


def _call(primitive: Primitive) -> str:
    """A call with an example of each argument that must be given."""
    source = primitive.name in SOURCES  # its rate is known to all stages
    needed = [one for one in primitive.parameters if one.default is REQUIRED]
    required = [one for one in needed if source or one.name != "rate"]
    given = ", ".join((f"{one.name}: " * one.keyword_only) + _value(primitive, one) for one in required)
    return f"{primitive.name}({given})" if given else primitive.name


def _value(primitive: Primitive, parameter: Parameter) -> str:
    """How the value of a parameter may be written."""
    return SHOWN.get(primitive.name, {}).get(parameter.name, EXAMPLES[parameter.kind])


def _before(name: str) -> list[str]:
    """The stages of a front end that lead to one: those of the shipped front end that has it."""
    images = ("image", "crop", "flip", "normalize", "cutout")
    if name in images:
        return ["image(3, 32, 32)"]
    start = "wave(rate, 1s)"
    return [start] if name in ("wave", "gain", "fade", "stft") else [start, "stft(64ms, 32ms)"]


def type_of(primitive: Primitive) -> str:
    """The type rule, as the types that it hands out for symbolic ones: `C x F x T -> out x F x T`."""
    for inputs, domain in _inputs(primitive):
        output = _output(primitive, inputs, domain)
        if output is None:
            continue
        shown = f"{', '.join(map(str, inputs))} -> {output}".lstrip()
        strided = _output(primitive, inputs, domain, stride=2)
        if strided not in (None, output):
            shown += f"; at stride 2 {strided}"
        turned = tuple(replace(one, domain="complex") for one in inputs)
        other = _output(primitive, turned, "complex") if "complex" in primitive.domains else None
        if primitive.name not in STEPS and other not in (None, output, replace(output, domain="complex")):
            shown += f"; {', '.join(map(str, turned))} -> {other}"
        return shown
    return "what its type rule says"


def _inputs(primitive: Primitive) -> Iterator[tuple[tuple[TensorType, ...], Domain]]:
    """Types that a primitive may read, the likeliest first, each with the domain of its space."""
    if primitive.inputs == 0:
        yield (), "real"
    elif primitive.name in STEPS:
        stages = _before(primitive.name)
        image, wave = tensor("real", 3, 32, 32), tensor("real", 1, 16000)
        heard = wave if len(stages) == 1 else tensor("real", 1, 513, 32)
        yield (image if "image" in stages[0] else heard,), "real"
    else:
        count = primitive.inputs or 2
        for size in (("F", "T"), ("T",), ()):
            yield (tensor("real", "C", *size),) * count, "real"
        if count == 2:
            yield (tensor("real", "C", "F", "T"), tensor("real", "C", "F")), "real"
        yield (tensor("complex", "C", "F", "T"),) * count, "complex"


def _output(
    primitive: Primitive, inputs: tuple[TensorType, ...], domain: Domain, **given: int
) -> TensorType | None:
    """What a primitive hands out with examples of its arguments; None where it refuses its inputs."""
    names = {one.name for one in primitive.parameters}
    if not given.keys() <= names:
        return None
    attributes = {one.name: given.get(one.name, _attribute(primitive, one)) for one in primitive.parameters}
    try:
        return primitive.type_rule(inputs, attributes, domain)
    except (TypeRuleError, DslnasError):
        return None


def _attribute(primitive: Primitive, parameter: Parameter) -> object:
    """The value of a parameter in a type that is shown: its default, else its name for channels."""
    if parameter.kind == "channels":
        return Dim.of(parameter.name)
    if parameter.default is not REQUIRED:
        return parameter.default
    (expr,) = parse_value(_value(primitive, parameter), parameter.name)
    return coerce(evaluate_words(expr), parameter.kind, parameter.name, expr.span)


def _cost_of(primitive: Primitive) -> list[tuple[str, str]]:
    """What a primitive costs on an input of `SIZE`; nothing for stages of front ends."""
    if primitive.name in STEPS:
        return []
    bound = {"C": SIZE[0], "F": SIZE[1], "T": SIZE[2]}
    for inputs, domain in _inputs(primitive):
        if (output := _output(primitive, inputs, domain)) is None:
            continue
        symbols = {**dict.fromkeys(output.symbols, SIZE[0]), **bound}
        read, made = tuple(one.bind(symbols) for one in inputs), output.bind(symbols)
        channels = {key: Dim.of(value.bind(symbols)) for key, value in _channels(primitive).items()}
        attributes = {
            one.name: channels.get(one.name) or _attribute(primitive, one) for one in primitive.parameters
        }
        try:
            return [("cost", cost_line(read[0], *vars(primitive.cost(read, made, attributes)).values()))]
        except DslnasError as error:
            return [("cost", error.diagnostics[0].message)]
    return []


def _channels(primitive: Primitive) -> dict[str, Dim]:
    found = {one.name: _attribute(primitive, one) for one in primitive.parameters}
    return {name: value for name, value in found.items() if isinstance(value, Dim)}


def cost_line(read: TensorType, params: int, macs: int) -> str:
    return f"on {read}: {params:,} parameters, {macs:,} multiply-accumulates"
