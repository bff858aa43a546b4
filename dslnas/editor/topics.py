"""What can be written: a topic for each primitive, definition, keyword, part of a loss, key and setting.

`dslnas explain`, hovers and the pages of the documentation show the same topics. Everything in them is taken
from the registry of primitives, the shipped files, and the keys and words that editors propose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial

from ..base.diagnostics import DslnasError
from ..base.source import Source
from ..check.typecheck import typecheck
from ..elaborate.space import Setup, build
from ..ir.primitives import REGISTRY
from ..ir.primitives.frontend import SOURCES, STEPS
from ..ir.primitives.registry import REQUIRED, Kind, Parameter, Primitive, TypeRuleError
from ..ir.tensortype import Dim, Domain, TensorType, tensor
from ..methods.keys import OPTIMIZERS
from ..methods.pruning import prunes
from ..parse import syntax
from ..parse.format import formatted
from ..parse.parse import parse, parse_value
from ..parse.walking import names_in, nodes_in
from ..resolve.arguments import coerce
from ..resolve.library import LIBRARY, read_source, shipped, usable
from ..resolve.resolve import library
from ..resolve.settings import DATA_KEYS, SEARCH_KEYS, TRAIN_KEYS
from ..resolve.values import evaluate_words
from .places.constructs import constructs
from .places.keys import REGULARIZER_WORDS, Key, keys_of, staged
from .places.signatures import (
    FUNCTION_WORDS,
    KIND_WORDS,
    PLACE_WORDS,
    comment_of,
    of_primitive,
    of_symbol,
    parameters_of_primitive,
)
from .places.symbols import Symbol, kind_of
from .types import Fact, Facts, Watch
from .workspace import Workspace

Texts = tuple[tuple[str, str], ...]

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


@dataclass(frozen=True)
class Details:
    """The rest of a topic: its parameters with what they take, facts by name, an example, its definition."""

    parameters: Texts = ()
    facts: Texts = ()
    example: str = ""
    text: str = ""


@dataclass(frozen=True)
class Topic:
    """One thing that can be written: its name, its group, how it is written, what it means, the rest."""

    name: str
    group: str
    signature: str
    doc: str
    details: Callable[[], Details] = field(compare=False, repr=False, default=Details)


def topics() -> list[Topic]:
    """All topics, group by group."""
    return [
        *_shipped_topics("op", "operation"),
        *(of(primitive) for primitive in REGISTRY.values() if primitive.name not in STEPS),
        *_functions(),
        *_constructs(),
        *(of(REGISTRY[name]) for name in STEPS),
        *_shipped_topics("frontend", "front end"),
        *_shipped_topics("method", "method"),
        *_loss(),
        *_settings(),
        *_keys(),
        *_shipped_topics("space", "space"),
    ]


def named(name: str, among: Iterable[Topic]) -> list[Topic]:
    """The topics of a name, or of the last part of one: `travel` is that of `search.travel`."""
    known = list(among)
    whole = [topic for topic in known if topic.name == name]
    return whole or [topic for topic in known if topic.name.rpartition(".")[2] == name]


# --- primitives ---------------------------------------------------------------------------------------------


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
            return [("cost", _cost(read[0], *vars(primitive.cost(read, made, attributes)).values()))]
        except DslnasError as error:
            return [("cost", error.diagnostics[0].message)]
    return []


def _channels(primitive: Primitive) -> dict[str, Dim]:
    found = {one.name: _attribute(primitive, one) for one in primitive.parameters}
    return {name: value for name, value in found.items() if isinstance(value, Dim)}


def _cost(read: TensorType, params: int, macs: int) -> str:
    return f"on {read}: {params:,} parameters, {macs:,} multiply-accumulates"


def _functions() -> Iterator[Topic]:
    for name, (signature, doc) in FUNCTION_WORDS.items():
        if name not in REGISTRY:
            yield Topic(name, "function", signature, doc)
    for name, doc in PLACE_WORDS.items():
        yield Topic(name, "word of the place", name, doc)


def _constructs() -> Iterator[Topic]:
    for one in constructs():
        details = Details(example=one.example)
        yield Topic(one.name, one.group, one.signature, one.doc, partial(_same, details))


# --- what the shipped files define --------------------------------------------------------------------------


@cache
def definitions() -> Mapping[tuple[str, str], tuple[str, Symbol]]:
    """What the shipped files define: (keyword, name) -> the file, and the symbol; `lib/` comes first."""
    found: dict[tuple[str, str], tuple[str, Symbol]] = {}
    for file in sorted(usable(), key=lambda file: not file.startswith("lib/")):
        for node in parse(read_source(shipped() / file))[0].definitions:
            if not isinstance(node, syntax.Use):
                name = getattr(node, "name", "")
                found.setdefault((kind_of(node), name), (file, Symbol(kind_of(node), name, node.span, node)))
    return found


def _shipped_topics(kind: str, group: str) -> Iterator[Topic]:
    for (found, name), (file, symbol) in definitions().items():
        if found == kind and (kind != "op" or file in LIBRARY):
            doc = " ".join(comment_of(symbol).split()) or _head(symbol)
            yield Topic(name, group, of_symbol(symbol), doc, _DetailsOf(kind, name, file, symbol))


def _head(symbol: Symbol) -> str:
    """Of a definition without a comment of its own: the first sentence of its file's comment."""
    lines = []
    for line in symbol.span.source.lines:
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines).partition(". ")[0].rstrip(".")


@dataclass(frozen=True)
class _DetailsOf:
    """Makes the details of a shipped definition when they are asked for."""

    kind: str
    name: str
    file: str
    symbol: Symbol

    def __call__(self) -> Details:
        if self.kind == "space":
            return Details(facts=(("file", f"spaces/{self.file}"),), example=f"dslnas run {self.file[:-4]}")
        text = _text(self.symbol)
        if self._prunes():
            derived = f"method mine = {self.name} with {{\n    of: nodes\n}}"
            example = f'use "{self.file}"\n\n{derived}'
            where = ("use", f"`dslnas prune RUN --method {self.name}`")
            return Details(facts=(where,), example=example, text=text)
        if self.kind != "op":
            written = f'use "ss1.nas"\n\nexperiment {{\n    space: SS1\n    {self.kind}: {self._used()}\n}}'
            example = formatted(Source("", written)).rstrip()
            return Details(facts=(self._where(),), example=example, text=text)
        node = self.symbol.node
        assert isinstance(node, syntax.Op)
        facts = [*_elaborated(self._used(), self.file)]
        if "stride" in names_in([node.body.value, *(let.value for let in node.body.lets)]):
            facts.append(("stride", "that of its edge: 2 in a reduction cell halves the size"))
        facts.append(self._where())
        return Details((), tuple(facts), f'use "{self.file}"\n\nop example = x -> {self._used()}', text)

    def _prunes(self) -> bool:
        """Whether it is a method that makes a trained network smaller, which no experiment names."""
        known = library().methods
        return self.kind == "method" and self.name in known and prunes(known[self.name])

    def _where(self) -> tuple[str, str]:
        known = self.file in LIBRARY and self.kind != "op"
        line = f'`use "{self.file}"` at the top of the file'
        return ("use", f"an experiment needs none; to derive from it {line}" if known else line)

    def _used(self) -> str:
        """A use of the definition: the shortest in the shipped spaces, else with `x` for what is due."""
        parameters = getattr(self.symbol.node, "parameters", ())
        required = [one.name for one in parameters if one.default is None]
        if not required:
            return self.name
        written = [call for call in _calls().get(self.name, ()) if len(call.arguments) == len(required)]
        texts = [call.span.text for call in written if not names_in(call.arguments)]
        return min(texts, key=len, default=f"{self.name}({', '.join('x' for _ in required)})")


@cache
def _calls() -> Mapping[str, list[syntax.Call]]:
    """The calls in the shipped files by what they call."""
    found: dict[str, list[syntax.Call]] = {}
    for file in usable():
        parsed = parse(read_source(shipped() / file))[0]
        for node in nodes_in(list(parsed.definitions)):
            if isinstance(node, syntax.Call):
                found.setdefault(node.function.name, []).append(node)
    return found


def _text(symbol: Symbol) -> str:
    """The whole text of a definition."""
    source, first = symbol.span.source, symbol.span.line
    last, depth = first, 0
    for number in range(first, len(source.lines) + 1):
        line = source.line(number).partition("#")[0]
        depth += sum(line.count(bracket) for bracket in "{([") - sum(line.count(bracket) for bracket in "})]")
        last = number
        following = source.line(number + 1).strip()
        if depth == 0 and not following.startswith(("->", "+", "*", "then", "else")):
            break
    return "\n".join(source.lines[first - 1 : last]).rstrip()


def _elaborated(call: str, file: str) -> Iterator[tuple[str, str]]:
    """The type and the cost of an operation in a small network; nothing where it needs more of its place."""
    path = shipped() / "explained.nas"
    network = f"network = input -> conv(3, channels) -> {call}"
    text = f'use "{file}"\nspace Explained(channels = {SIZE[0]}) {{\n    {network}\n}}\n'
    workspace = Workspace()
    workspace.put(path, text)
    found = workspace.analysis(path).definitions
    space = found.spaces.get("Explained") if found is not None else None
    if found is None or space is None:
        return
    symbolic, sized = Watch(), Watch()
    typecheck(space, found, symbolic.elaboration)
    setup = Setup({"channels": SIZE[0]}, tensor("real", 1, *SIZE[1:]), 10)
    build(space, found.ops, setup, elaboration=sized.elaboration)
    for facts in _of_last(symbolic.facts(costs=False), call):
        yield "type", f"C x F x T -> {facts[0].type}"
    for facts in _of_last(sized.facts(costs=True), call):
        if (cost := facts[0].cost) is not None:
            yield "cost", _cost(tensor("real", *SIZE), cost.params, cost.macs)


def _of_last(found: Facts, call: str) -> list[tuple[Fact, ...]]:
    """The facts of the operation that a network of one line ends with; none where it has no type there."""
    return [facts for span, facts in found.items() if span.text == call and span.line == 3][:1]


# --- losses, settings and keys ------------------------------------------------------------------------------


def _loss() -> Iterator[Topic]:
    for name, (signature, doc, source) in REGULARIZER_WORDS.items():
        base = "fairdarts" if "gamma" in signature else "darts"  # which has weights that may all be 1
        loss = f"method example = {base} with {{\n    loss: cross_entropy + 10 * {signature} after 50%\n}}"
        details = Details(facts=(("of", source),), example=f'use "lib/methods.nas"\n\n{loss}')
        yield Topic(name, "regularizer", signature, doc, partial(_same, details))
    for name, arguments in OPTIMIZERS.items():
        signature = f"{name}({', '.join(f'{one}: ...' for one in arguments)})"
        yield Topic(name, "optimizer", signature, "an optimizer: a value of `weights`, `arch` and `retrain`")


def _same(details: Details) -> Details:
    return details


def _settings() -> Iterator[Topic]:
    kinds: dict[str, Kind] = {
        **{f"search.{key}": kind for key, kind in SEARCH_KEYS.items()},
        **{f"train.{key}": kind for key, kind in TRAIN_KEYS.items()},
        **{f"data.{key}": kind for key, kind in DATA_KEYS.items()},
    }
    for name, key in staged().items():
        facts = (
            ("takes", KIND_WORDS[kinds[name]] if name in kinds else key.takes),
            ("set in", _setters(name)),
        )
        value = key.takes.partition(" | ")[0]
        example = f"dslnas run ss1 --set {name}={value}"
        yield _key_topic(name, "setting", key, facts, example)


def _setters(name: str) -> str:
    """Where a setting may stand, each place over those before it."""
    profile = () if name.startswith("data.") else ("a profile",)
    return ", ".join((*profile, "an experiment", f"`--set {name}=VALUE`"))


def _keys() -> Iterator[Topic]:
    plain = ((kind, name, key) for kind in ("method", "experiment", "sweep", "profile", "cell", "genotype")
             for name, key in keys_of(kind).items() if name not in staged())  # fmt: skip
    for kind, name, key in plain:
        value = key.takes.partition(" | ")[0]
        yield _key_topic(name, f"key of a {kind}".replace("a e", "an e"), key, (), f"{name}: {value}")


def _key_topic(name: str, group: str, key: Key, facts: Texts, example: str) -> Topic:
    return Topic(name, group, f"{name}: {key.takes}", key.doc, lambda: Details((), facts, example))


# --- as text ------------------------------------------------------------------------------------------------


def markdown(topic: Topic) -> list[str]:
    """The paragraphs of a topic, for hovers."""
    details = topic.details()
    lines = [f"- `{name}`: {takes}" for name, takes in details.parameters]
    type = [f"`{what}`" for name, what in details.facts if name == "type"]
    return [f"```nas\n{topic.signature}\n```", topic.doc, *filter(None, ["\n".join(lines), *type])]


def to_json(topic: Topic) -> dict[str, object]:
    """The topic for scripts."""
    details = topic.details()
    return {
        "name": topic.name,
        "group": topic.group,
        "signature": topic.signature,
        "doc": topic.doc,
        "parameters": dict(details.parameters),
        "facts": dict(details.facts),
        "example": details.example,
        "text": details.text,
    }
