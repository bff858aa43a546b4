"""Keywords, signs, units and values of the language: how each is written, what it means, an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...parse.vocabulary import MAGNITUDES, UNITS
from .signatures import DOC_BY_PROFILE, OPTION_WORDS, SPACE_WORDS

KEYWORD, SIGN, UNIT, VALUE, PART = "keyword", "sign", "unit", "value", "part of a space"
GROUPS = (KEYWORD, SIGN, UNIT, VALUE, PART)


@dataclass(frozen=True)
class Construct:
    """A word or a sign of the language; the example is a file without mistakes."""

    name: str
    group: str
    signature: str
    doc: str
    example: str = ""


_RESIDUAL = """\
op example(k = 3) {
    let h = x -> conv(k, C_in) -> bn
    if stride == 1 and k < 5 then x + h else h -> relu
}"""
_LAYERS = """\
space Example(channels = 16) {
    let act = choose {relu, silu}
    network = input -> conv(3, channels) -> bn -> act -> global_pool -> linear(classes)
}"""
_REPEATED = """\
op block = x + (x -> conv(3, C_in) -> bn -> relu)

space Example(channels = 16) {
    network = input -> conv(3, channels) -> 3 times block -> global_pool -> linear(classes)
}"""
_CELLS = """\
use "lib/darts.nas"

space Example(nodes = 2, channels = 8) {
    candidates {
        skip_connect = skip
        sep_conv_3x3 = sep_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, channels) -> bn
        -> normal -> reduction(channels: 2C) -> global_pool -> linear(classes)
}"""
_DERIVED = """\
use "lib/methods.nas"

method example = darts with {
    weights: sgd(lr: 0.01, momentum: 0.9, weight_decay: 3e-4)
}"""
_LOSS = """\
use "lib/methods.nas"

method example = darts with {
    loss: cross_entropy + 10 * entropy(alpha) {HOW}
}"""
_EXPERIMENT = """\
use "ss1.nas"

experiment {
    space:         SS1
    method:        forcedarts
    search.epochs: 20
}"""
_SWEEP = """\
use "ss1.nas"

sweep example {
    spaces:  SS1
    methods: darts, forcedarts
    data:    digits
}"""
_GENOTYPE = """\
use "nasbench201.nas"

genotype example of NASBench201 {
    cell normal(prev) {
        node n1 = nor_conv_3x3(prev)
        node n2 = skip_connect(prev) + nor_conv_3x3(n1)
        node n3 = skip_connect(prev) + nor_conv_1x1(n1) + nor_conv_3x3(n2)
    }
}"""
_FRONT = "frontend example(rate = 16kHz) = wave(rate, 1s) -> stft(64ms, 32ms) -> mel(40) -> log"
_PROFILE = """\
profile example {
    frontend:     logmel(40)
    quick.search: (batch: 32, epochs: 10)
    quick.train:  (batch: 32, epochs: 30)
}"""
_JOINED = "op example = x -> (x + 0.5 * (x -> dwconv(3)) - (x -> relu) / 2)"

_KEYWORDS: Mapping[str, tuple[str, str, str]] = {
    "use": (
        'use "FILE"',
        "brings what a file defines: it is looked for beside this one, then among the shipped ones",
        'use "lib/darts.nas"\n\nop example = x -> sep_conv(3)',
    ),
    "op": (
        "op NAME(PARAMETERS) = EXPRESSION",
        "an operation of a tensor `x`, made of others; in braces `let` names parts of it, and the "
        "last expression is its value",
        _RESIDUAL,
    ),
    "space": (
        "space NAME(PARAMETERS) { ... }",
        "what a search chooses from: sets of candidates, cells, names and a network",
        _LAYERS,
    ),
    "cell": (
        "cell NAME(INPUTS) { ... }",
        "a small graph that a network repeats: inputs, nodes that choose, and as the last "
        "expression what it hands out; each use has weights of its own, and all share its choices",
        _CELLS,
    ),
    "node": (
        "node NAME[1..N] = EXPRESSION keep K",
        "so many nodes of a cell, each the sum of its edges",
        _CELLS,
    ),
    "keep": (
        "node n[1..3] = sum(...) keep 2",
        "how many edges into each node remain when the strongest are kept",
        _CELLS,
    ),
    "for": (
        "EXPRESSION for NAME in LIST",
        "the expression once for each member of a list: the edges of a node",
        _CELLS,
    ),
    "in": (
        "EXPRESSION for NAME in LIST",
        "behind `for`: the list, often `earlier`",
        _CELLS,
    ),
    "let": (
        "let NAME = EXPRESSION",
        "gives a value a name, once: a tensor in an operation, a cell or a network in braces, an "
        "operation or a number in a space",
        _RESIDUAL,
    ),
    "choose": (
        "choose {A, B}",
        "a choice point: one of the options, which the search finds; operations, or values as in "
        "`conv(choose {3, 5})`; `choose candidates` is one of a set",
        _LAYERS,
    ),
    "times": (
        "COUNT times OPERATION",
        "one behind another, each with weights and choices of its own; the count may be a `choose`",
        _REPEATED,
    ),
    "with": (
        "NAME = BASE with { ... }",
        "a space, a cell, a method or a profile that differs from another in what the braces set",
        _DERIVED,
    ),
    "if": (
        "if CONDITION then A else B",
        "decided before there are tensors, by sizes and parameters",
        _RESIDUAL,
    ),
    "then": (
        "if CONDITION then A else B",
        "behind `if`: what holds where the condition does",
        _RESIDUAL,
    ),
    "else": (
        "if CONDITION then A else B",
        "behind `then`: what holds where the condition does not; it is never left out",
        _RESIDUAL,
    ),
    "and": (
        "CONDITION and CONDITION",
        "both conditions hold",
        _RESIDUAL,
    ),
    "or": (
        "CONDITION or CONDITION",
        "at least one of two conditions holds",
        "op example = if stride == 1 or C == C_in then x -> conv(3) else x -> conv(1)",
    ),
    "method": (
        "method NAME = BASE with { ... }",
        "how a space is searched; most derive from a shipped one",
        _DERIVED,
    ),
    "frontend": (
        "frontend NAME(PARAMETERS) = wave(rate, 1s) -> ...",
        "from a recording or an image to what the network reads",
        _FRONT,
    ),
    "profile": (
        "profile NAME { ... }",
        "what fits a data set: its front end, how long and in which batches is trained",
        _PROFILE,
    ),
    "experiment": (
        "experiment { ... }",
        "what `dslnas run FILE` does: the space, the method, the data, settings",
        _EXPERIMENT,
    ),
    "sweep": (
        "sweep NAME { ... }",
        "many runs of one file: each key lists values, and all combinations run",
        _SWEEP,
    ),
    "genotype": (
        "genotype NAME of SPACE { ... }",
        "what was chosen: one architecture of a space",
        _GENOTYPE,
    ),
    "of": (
        "genotype NAME of SPACE { ... }",
        "behind the name of a genotype: the space that it is one of",
        _GENOTYPE,
    ),
    "after": (
        "TERM after SHARE",
        "a term of a loss that sets in after this share of the search",
        _LOSS.replace("{HOW}", "after 50%"),
    ),
    "from": (
        "TERM from SHARE to SHARE",
        "a term of a loss that rises from nothing between two shares of the search",
        _LOSS.replace("{HOW}", "from 20% to 50%"),
    ),
    "to": (
        "TERM from SHARE to SHARE",
        "behind `from`: the share of the search at which the term has its full weight",
        _LOSS.replace("{HOW}", "from 20% to 50%"),
    ),
}
_COMPARISON = "op example(k = 3) = if k == 5 then x -> conv(k) else x -> conv(1)"
_ELEMENTS = (
    "element by element, of tensors of one type, or of one and what is spread over it; also of numbers"
)
_COMPARED = "compares numbers, sizes or words in the condition of an `if`"
_SIGNS: Mapping[str, tuple[str, str, str]] = {
    "->": (
        "x -> conv(3) -> relu",
        "a pipe: what stands before goes into what follows",
        "op example = x -> conv(3) -> relu",
    ),
    "..": (
        "1..3",
        "a range, both ends included: the nodes of a cell, the values of an augmentation",
        _CELLS,
    ),
    "=": (
        "NAME = VALUE",
        "makes a new name; a key that is known is set by `:`",
        _LAYERS,
    ),
    ":": (
        "KEY: VALUE",
        "sets a key that is known, or names an argument: `conv(3, stride: 2)`",
        "op example = x -> conv(3, stride: 2)",
    ),
    ",": (
        "A, B",
        "separates arguments, options and values; a line goes on behind it",
        _LAYERS,
    ),
    ".": (
        "search.epochs",
        "a part of something: a key of a group, a candidate of a set",
        _EXPERIMENT,
    ),
    "(": (
        "(3, 1)",
        "arguments; a pair (frequency, time); a branch of its own, as in `x + (x -> conv(3))`",
        _JOINED,
    ),
    ")": (
        "(3, 1)",
        "closes `(`",
        _JOINED,
    ),
    "[": (
        "node n[1..3]",
        "how many nodes there are, or which one of them",
        _CELLS,
    ),
    "]": (
        "node n[1..3]",
        "closes `[`",
        _CELLS,
    ),
    "{": (
        "choose {A, B}",
        "begins options, or the body of a definition",
        _LAYERS,
    ),
    "}": (
        "choose {A, B}",
        "closes `{`",
        _LAYERS,
    ),
    "+": (
        "a + b",
        f"the sum, {_ELEMENTS}",
        _JOINED,
    ),
    "-": (
        "a - b",
        f"the difference, {_ELEMENTS}",
        _JOINED,
    ),
    "*": (
        "a * b",
        f"the product, {_ELEMENTS}; that of matrices is `scores` and `attend`",
        _JOINED,
    ),
    "/": (
        "a / 2",
        "the quotient of numbers, and of a tensor by a number",
        _JOINED,
    ),
    **{
        sign: (f"a {sign} b", _COMPARED, _COMPARISON.replace("==", sign))
        for sign in ("==", "!=", "<=", ">=", "<", ">")
    },
    "#": (
        "# text",
        "begins a comment, up to the end of the line",
        "# A comment.\nop example = x -> relu  # another",
    ),
    '"': (
        '"lib/darts.nas"',
        "a file stands in quotes; other words need none",
        'use "lib/darts.nas"\n\nop example = x -> skip',
    ),
}
_MEASURES = {
    "hertz": "a frequency in hertz",
    "seconds": "a time in seconds",
    "decibels": "a ratio of loudness in decibels",
    "fraction": "a share",
    "bytes": "a size of memory",
}
_VALUES: Mapping[str, str] = {
    **OPTION_WORDS,
    "none": "nothing, or none of several",
    "true": "yes: `bn(affine: true)`",
    "false": "no: `linear(10, bias: false)`",
    "real": "tensors of real numbers, those of a space that says nothing else",
    "complex": "tensors of complex numbers from the transform on: `space Example(domain = complex)`",
}
_PARTS: Mapping[str, tuple[str, str, str]] = {
    "candidates": ("candidates { NAME = OPERATION }", SPACE_WORDS["candidates"], _CELLS),
    "network": ("network = input -> ... -> linear(classes)", SPACE_WORDS["network"], _LAYERS),
    "by_profile": ("channels = by_profile(16)", DOC_BY_PROFILE, _LAYERS.replace("= 16", "= by_profile(16)")),
}


def constructs() -> Iterator[Construct]:
    """All of them, group by group."""
    for group, found in ((KEYWORD, _KEYWORDS), (SIGN, _SIGNS), (PART, _PARTS)):
        yield from (Construct(name, group, *said) for name, said in found.items())
    for name, (base, factor) in UNITS.items():
        each = f", each {factor:,.12g}" * (factor != 1)
        doc = f"behind a number: {_MEASURES[base]}{each}"
        yield Construct(name, UNIT, f"16{name}", doc)
    for name, times in MAGNITUDES.items():
        yield Construct(name, UNIT, f"16{name}", f"behind a number: {times:,} times as many")
    for name, doc in _VALUES.items():
        yield Construct(name, VALUE, name, doc)
