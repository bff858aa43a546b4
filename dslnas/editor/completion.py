"""Completion: what may be written next at a place, with signatures and documentation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.source import Span
from ..check.typecheck import typecheck
from ..data.catalog import KNOWN
from ..elaborate.fixes import paths_to
from ..ir.primitives import REGISTRY
from ..ir.primitives.frontend import SOURCES, STEPS
from ..ir.primitives.registry import KIND_OPTIONS
from ..methods.keys import OPTIMIZERS
from ..methods.loss import COUNTS, REGULARIZERS, WEIGHTS
from ..methods.prune_key import REMAINING
from ..methods.pruning import TERMS, prunes
from ..parse import syntax
from ..parse.vocabulary import LITERALS, PHASES, WORDS
from ..resolve.derive import BY_PROFILE
from ..resolve.library import LIBRARY, usable
from ..resolve.resolve import library
from .places.context import Context
from .places.keys import NAMING, Key, keys_of, stage_of
from .places.lookup import Place
from .places.signatures import (
    DOC_BY_PROFILE,
    FUNCTION_WORDS,
    KIND_WORDS,
    OPTION_WORDS,
    PLACE_WORDS,
    SPACE_WORDS,
    comment_of,
    of_primitive,
    of_symbol,
)
from .places.symbols import KINDS, Members, Symbol
from .topics import definitions
from .workspace import Analysis, Workspace, file_of

_ALTERNATIVE = re.compile(r"[a-z_]\w*(\(.*\)| < \w+)?")


@dataclass(frozen=True)
class Completion:
    """One proposal. span: the text that it replaces; kind: as of `Symbol`, or key, keyword, word, file.

    use: the shipped file that defines what is proposed, where the text does not use it yet.
    """

    text: str
    kind: str
    span: Span
    signature: str = ""
    doc: str = ""
    use: str = ""


def completions(workspace: Workspace, path: Path, place: Place) -> list[Completion]:
    """The proposals at a place, each text once, the likeliest first."""
    analysis = workspace.analysis(path)
    here = Context(analysis.source, place)
    if here.quoted is not None:
        return [Completion(name, "file", here.quoted) for name in _files(path)]
    if here.silent:
        return []
    found: dict[str, Completion] = {}
    for one in _offered(here, analysis):
        found.setdefault(one.text, one)
    return list(found.values())


def _files(path: Path) -> Iterable[str]:
    beside = (file.relative_to(path.parent).as_posix() for file in path.parent.glob("*.nas") if file != path)
    return dict.fromkeys([*sorted(beside), *usable()])


def _offered(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """What fits the place: the name of a base, a genotype, a key, the value of a key, or an expression."""
    if _is_own_name(here):
        return iter(())
    if here.base_kind is not None:
        return _bases(here, analysis, here.base_kind)
    if here.before() == "WITH" or (here.before(3) == "WITH" and not here.brackets):
        return _fixing(here, analysis)
    if here.block == "settings" and here.key is None:
        return _keys(here, analysis)
    if here.key is not None and here.kind != "space":
        return _values(here, analysis)
    return _written(here, analysis)


def _is_own_name(here: Context) -> bool:
    """Whether a new name is being defined here, for which nothing can be proposed."""
    if here.block == "parameters" and here.before() in ("LPAR", "COMMA"):
        return True
    return here.before() in ("LET", "NODE", "CELL") or (len(here.tokens) == 1 and here.kind != "experiment")


def _written(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """What may come in the text of a definition: expressions first, then keywords."""
    yield from _expressions(here, analysis)
    if here.block == "space" and here.before() in ("LBRACE", "_NL"):
        yield from (Completion(word, "key", here.typed, doc=doc) for word, doc in SPACE_WORDS.items())
    for word in sorted(_keywords(here)):
        yield Completion(word, "keyword", here.typed)


def _expressions(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """What may begin or continue an expression."""
    before = here.before()
    if here.block == "call" and before == "COLON" and (words := _words(here, analysis)):
        yield from (Completion(word, "word", here.typed, doc=OPTION_WORDS[word]) for word in words)
        yield from (Completion(name, kind, here.typed) for kind, name in here.made() if kind == "parameter")
        return
    if here.block == "call" and before in ("LPAR", "COMMA"):
        yield from _arguments(here, analysis)
    if before in ("PIPE", "TIMES"):
        yield from _stages(here, analysis)
    elif before == "CHOOSE":
        yield from _sets(here, analysis)
    elif before not in ("WITH", "DOT") and _takes_value(here):
        yield from _names(here, analysis)


def _words(here: Context, analysis: Analysis) -> tuple[str, ...]:
    """The words that a parameter takes, where it takes words: by its kind, or by the word of its default."""
    called, name = here.brackets[-1].word, str(here.tokens[-2])
    known = REGISTRY[called].parameters if called in REGISTRY else ()
    kind = next((parameter.kind for parameter in known if parameter.name == name), None)
    if kind is not None:
        return tuple(LITERALS) if kind == "bool" else KIND_OPTIONS.get(kind, ())
    symbol = analysis.visible.find("op", called) or analysis.visible.find("frontend", called)
    parameter = analysis.visible.parameters(symbol).get(name) if symbol is not None else None
    default = getattr(parameter.node, "default", None) if parameter is not None else None
    said = default.name if isinstance(default, syntax.Name) else ""
    return next((words for words in (*KIND_OPTIONS.values(), tuple(LITERALS)) if said in words), ())


def _keywords(here: Context) -> set[str]:
    """The keywords that fit here; in parentheses the grammar allows many more as the names of arguments."""
    if here.before() in ("LPAR", "COMMA"):
        return here.words & {"choose", "if"}
    return here.words


def _takes_value(here: Context) -> bool:
    """Whether an expression may begin here: not after one that is complete."""
    after_value = ("NAME", "NUMBER", "STRING", "RPAR", "RSQB", "RBRACE")
    opened = here.before() in ("LBRACE", "_NL") and here.block in ("space", "set")  # not in a `network {`
    return bool(here.tokens) and here.before() not in after_value and not opened


def _bases(here: Context, analysis: Analysis, kind: str) -> Iterator[Completion]:
    """The names that a `with` may derive from."""
    if kind == "cell":
        yield from (Completion(name, made, here.typed) for made, name in here.made() if made == "cell")
    else:
        for one in _symbols(analysis.visible.of_kind(kind).values(), here.typed):
            yield replace(one, use=_needed_use(kind, one.text, analysis))
        yield from _unused(kind, analysis, here.typed)


def _needed_use(kind: str, name: str, analysis: Analysis) -> str:
    """The shipped file to use for deriving from a name that an experiment knows without; empty for others."""
    symbol, (file, _) = analysis.visible.find(kind, name), definitions().get((kind, name), ("", None))
    own = symbol is None or file_of(symbol.span.source) in analysis.closure
    return "" if own else file


def _fixing(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """The genotypes that a space may be fixed by, and after a dot the cells of one."""
    genotypes = analysis.visible.of_kind("genotype")
    if here.before() == "WITH" and here.kind == "space":
        yield from _symbols(genotypes.values(), here.typed)
    elif here.before() == "DOT" and (found := genotypes.get(str(here.tokens[-2]))) is not None:
        cells = found.node.cells if isinstance(found.node, syntax.GenotypeText) else ()
        yield from (Completion(cell.name, "cell", here.typed) for cell in cells)


# --- keys and their values ----------------------------------------------------------------------------------


def _keys(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """The keys of the innermost settings; after `with` of a space, what can be set in that space."""
    kind = here.brackets[-1].word
    if kind == "space":
        members = analysis.visible.members(_base(here))
        known = {name: Key("", comment_of(symbol)) for name, symbol in _settable(members)}
        known |= _choices(analysis, _base(here)) | {name: Key("", doc) for name, doc in SPACE_WORDS.items()}
    else:
        known = dict(keys_of(kind))
    for space in _stated_spaces(here) if kind in ("experiment", "sweep") else ():
        for name in analysis.visible.members(space).parameters:
            known[f"search.{name}"] = known[f"train.{name}"] = Key("", f"parameter `{name}` of the space")
    for name, key in known.items():
        yield Completion(name, "key", here.dotted, f"{name}: {key.takes}" if key.takes else name, key.doc)
    if kind == "genotype":
        yield Completion("cell", "keyword", here.typed, "cell normal(a, b) { ... }")


def _base(here: Context) -> str:
    """The name of the space that the one being written derives from; empty where it derives from none."""
    derived = here.kind == "space" and len(here.tokens) > 3 and here.tokens[2].type == "EQUAL"
    return str(here.tokens[3]) if derived else ""


def _made(here: Context, analysis: Analysis) -> Iterator[tuple[str, str]]:
    """The kinds and names of what is made before a place, by the definition or by what it derives from."""
    yield from here.made()
    members = analysis.visible.members(_base(here))
    yield from (("parameter", name) for name in members.parameters)
    yield from (("cell", name) for name in members.cells)
    yield from (("intermediate", name) for name in members.lets)


def _settable(members: Members) -> Iterator[tuple[str, Symbol]]:
    """The paths that a `with` may set in a space: parameters, candidates, strides of cells."""
    yield from members.seen.items()
    for (set, option), symbol in members.candidates.items():
        yield f"{set}.{option}", symbol
    for name, symbol in members.cells.items():
        yield f"{name}.stride", symbol


def _choices(analysis: Analysis, space: str) -> dict[str, Key]:
    """The choice points of a space that a `with` may fix, by their paths."""
    definitions = analysis.definitions
    if definitions is None or space not in definitions.spaces:
        return {}
    program, _ = typecheck(definitions.spaces[space], definitions)
    points = program.choices.values() if program is not None else ()
    return {path: Key("", f"one of {' | '.join(p.options)}") for p in points for path in paths_to(p)}


def _stated_spaces(here: Context) -> Iterator[str]:
    """The first spaces that the keys of the experiment or the sweep around a place name before it."""
    for key, colon, value in zip(here.tokens, here.tokens[1:], here.tokens[2:], strict=False):
        if NAMING.get(str(key)) == "space" and colon.type == "COLON":
            yield str(value)


def _values(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """The values of a key of a method, a profile, an experiment or a sweep."""
    key, kind = here.key or "", here.brackets[0].word
    inner = here.brackets[-1]
    if inner.block == "group" and here.before() in ("LPAR", "COMMA"):
        for name, stage in stage_of(key).items():
            yield Completion(f"{name}: ", "key", here.typed, f"{name}: {stage.takes}", stage.doc)
        return
    if inner.block == "group" and (described := stage_of(key).get(str(here.tokens[-2]))) is not None:
        yield from _alternatives(described, here)
    if inner.block == "call":
        yield from _inner(here, analysis, key)
        return
    if key in NAMING:
        named = analysis.visible.of_kind(NAMING[key])
        smaller = _pruning(analysis) if NAMING[key] == "method" else frozenset()
        yield from _symbols((one for name, one in named.items() if name not in smaller), here.typed)
        if NAMING[key] == "space":
            yield from _unused("space", analysis, here.typed)
    elif key == "data":
        for name, known in KNOWN.items():
            yield Completion(name, "word", here.typed, known.title)
    elif kind == "method" and key == "loss":
        for word in ("cross_entropy", *REGULARIZERS, *WEIGHTS, *COUNTS):
            yield Completion(word, "word", here.typed)
    elif kind == "method" and key == "generator":
        for word in TERMS:
            yield Completion(word, "word", here.typed)
    elif (described := keys_of(kind).get(key)) is not None:
        yield from _alternatives(described, here)
    for made, name in here.made():
        yield Completion(name, made, here.typed)
    for word in ("after", "from", "to"):
        if word in here.words:
            yield Completion(word, "keyword", here.typed)


def _pruning(analysis: Analysis) -> frozenset[str]:
    """The methods that make a trained network smaller, with which nothing is searched."""
    own = analysis.definitions.methods if analysis.definitions is not None else {}
    return frozenset(name for name, keys in {**library().methods, **own}.items() if prunes(keys))


def _alternatives(key: Key, here: Context) -> Iterator[Completion]:
    """The words that a key takes, where it takes words."""
    for text in key.takes.split(" | "):
        if _ALTERNATIVE.fullmatch(text):
            yield Completion(text, "word", here.typed, doc=key.doc)


def _inner(here: Context, analysis: Analysis, key: str) -> Iterator[Completion]:
    """What may come in the parentheses of a value: `adam(lr: ...)`, `logmel(...)`, `entropy(alpha)`."""
    word = here.brackets[-1].word
    known = keys_of(here.kind).get(key)
    examples = re.findall(rf"\b{word}\((.*?)\)", known.takes) if known is not None else []
    if here.before() in ("LPAR", "COMMA"):
        shown = re.findall(r"(\w+):", " ".join(examples))
        for argument in dict.fromkeys([*OPTIMIZERS.get(word, ()), *shown]):
            yield Completion(f"{argument}: ", "key", here.typed, f"{argument} of {word}")
        yield from _arguments(here, analysis)
    if here.before() == "COLON":
        words = _words(here, analysis)
        yield from (Completion(word, "word", here.typed, doc=OPTION_WORDS[word]) for word in words)
        yield from (Completion(name, made, here.typed) for made, name in here.made())
    if word == "sparse" and key == "generator":
        yield Completion("masks", "word", here.typed)
    if word in REGULARIZERS or word == "top":
        named = tuple(WEIGHTS) if word in REGULARIZERS else REMAINING
        yield from (Completion(one, "word", here.typed) for one in named)


# --- expressions --------------------------------------------------------------------------------------------


def _arguments(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """The parameters of what is called, by name."""
    called = here.brackets[-1].word
    kinds = {p.name: p.kind for p in REGISTRY[called].parameters} if called in REGISTRY else {}
    for name, kind in kinds.items():
        yield Completion(f"{name}: ", "key", here.typed, of_primitive(REGISTRY[called]), KIND_WORDS[kind])
    visible = analysis.visible
    for group in ("op", "method", "frontend"):
        if (symbol := visible.find(group, called)) is not None:
            for name in visible.parameters(symbol):
                yield Completion(f"{name}: ", "key", here.typed, of_symbol(symbol))
    if ("cell", called) in _made(here, analysis):
        yield Completion("channels: ", "key", here.typed, f"{called}(channels: 2C)")


def _stages(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """What may follow a `->`: cells, operations, parameters."""
    made = list(_made(here, analysis))
    if here.kind == "space" and not here.in_cell:
        yield from (Completion(name, kind, here.typed) for kind, name in made if kind == "cell")
    named = [*here.lets(), *analysis.visible.members(_base(here)).lets]
    yield from (Completion(name, "intermediate", here.typed) for name in named)
    yield from _operations(here, analysis)
    yield from (Completion(name, kind, here.typed) for kind, name in made if kind == "parameter")


def _operations(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """Operations of the files and primitives; in a front end, its steps alone."""
    if here.kind != "frontend":
        yield from _symbols(analysis.visible.of_kind("op").values(), here.typed)
    for name, primitive in REGISTRY.items():
        stage = primitive.inputs == 1 or primitive.reads
        if stage and (name in STEPS) == (here.kind == "frontend"):
            yield Completion(name, "primitive", here.typed, of_primitive(primitive), primitive.doc)
    if here.kind != "frontend":
        yield from _unused("op", analysis, here.typed)


def _sets(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """The candidate sets of the space; one is applied to a tensor."""
    for kind, name in here.made():
        if kind == "set":
            yield Completion(name, "set", here.typed, f"choose {name}(p)")


def _names(here: Context, analysis: Analysis) -> Iterator[Completion]:
    """Names that have a value here, then operations, which may be candidates or called."""
    for kind, name in _made(here, analysis):
        if kind not in ("cell", "set"):
            yield Completion(name, kind, here.typed)
    network = here.kind == "space" and not here.in_cell
    given = ("input", "classes", "C") if network else ("x", "stride", "C", "C_in")
    given = (*given, "earlier") if here.in_cell else given
    if here.kind == "genotype":
        members = analysis.visible.members(str(here.tokens[3]))
        yield from _symbols(members.candidates.values(), here.typed)
    if here.kind in ("op", "space"):
        yield from (Completion(name, "word", here.typed, doc=PLACE_WORDS[name]) for name in given)
        if here.kind == "space" and here.block == "parameters":
            yield Completion(BY_PROFILE, "word", here.typed, f"{BY_PROFILE}(4)", DOC_BY_PROFILE)
        for name, (signature, doc) in FUNCTION_WORDS.items():
            yield Completion(name, "primitive", here.typed, signature, doc)
        yield from _operations(here, analysis)
        yield from (Completion(word, "word", here.typed) for word in sorted({*WORDS, *LITERALS}))
    if here.kind == "frontend" and here.block == "parameters":
        yield from (Completion(word, "word", here.typed, doc=OPTION_WORDS[word]) for word in PHASES)
    elif here.kind == "frontend":
        for name in SOURCES:
            yield Completion(name, "primitive", here.typed, of_primitive(REGISTRY[name]), REGISTRY[name].doc)


def _unused(kind: str, analysis: Analysis, span: Span) -> Iterator[Completion]:
    """What shipped files define that the text does not use yet; of operations, those of the library."""
    for (found, name), (file, symbol) in definitions().items():
        unknown = found == kind and analysis.visible.find(kind, name) is None
        if unknown and (kind != "op" or file in LIBRARY):
            shown = KINDS.get(kind, kind)
            yield Completion(name, shown, span, of_symbol(symbol), comment_of(symbol), use=file)


def _symbols(symbols: Iterable[Symbol], span: Span) -> Iterator[Completion]:
    for symbol in symbols:
        yield Completion(symbol.name, symbol.kind, span, of_symbol(symbol), comment_of(symbol))
