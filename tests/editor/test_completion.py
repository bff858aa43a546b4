"""What is offered while a text is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.editor.completion import completions
from dslnas.editor.places.lookup import Place
from dslnas.editor.places.references import occurrence_at
from dslnas.editor.workspace import Workspace
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.frontend import SOURCES, STEPS
from dslnas.parse.grammar import keywords
from dslnas.resolve.library import shipped

KNOWN = """\
use "lib/darts.nas"
use "lib/methods.nas"
op mine(k, out = 3) = x -> conv(k, out)
space Base(nodes = 4, channels = 16) {
    candidates {
        one = sep_conv(3)
    }
    cell normal(prev2, prev) {
        node n[1..2] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    network = input -> normal -> global_pool -> linear(classes)
}
"""
CELL = """space Other(wide = 3, channels = 4) {
    offers { one = mine(3) }
    cell first(here, there) {
        let hidden = here -> relu
        hidden
    }
"""
FOUND = (
    "genotype found of Base {\n    cell normal(a) {\n        node n1 = one(a)\n        output: n1\n    }\n}\n"
)
# What is written so far, in which `|` is the cursor; what is offered; what is not.
CASES = {
    "definitions": ("|", "op space method use experiment", "relu cell let"),
    "a definition": ("sp|", "space", "relu"),
    "a name of one's own": ("op |", "", "relu op"),
    "a parameter of one's own": ("op f(|", "", "relu x"),
    "stages": ("op f(k) = x -> |", "sep_conv mine conv relu k choose", "x stride mel op"),
    "a stage": ("op f = x -> co|nv(3)", "conv mine", "x"),
    "a stage where the rest is broken": ("op f = x -> | -> ) relu", "conv mine", "x"),
    "a stage on a line of its own": ("op f = x\n    -> |", "conv relu", "x"),
    "stages of a front end": ("frontend f(r = 16kHz) = wave(r, 1s) -> |", "stft mel log", "conv mine x"),
    "stages of a network": (CELL + "    network = input -> |", "first conv mine wide", "hidden here"),
    "arguments of a primitive": ("op f(k) = x -> conv(|", "kernel: out: dilation: k stride C", "op wave"),
    "arguments of an operation": ("op f = x -> mine(|", "k: out:", "kernel:"),
    "arguments of a cell": (CELL + "    network = input -> first(|", "channels: wide", "kernel:"),
    "the words of a parameter": ("op f = x -> conv(3, along: |", "time frequency", "true relu"),
    "a phase": (
        "frontend f(p = 1) = wave(16kHz, 1s) -> stft(phase: |",
        "centre relative start p",
        "true time",
    ),
    "a phase of a front end": ("profile p {\n    frontend: logmel(phase: |", "centre relative start", "time"),
    "a phase by itself": ("frontend f(phase = |", "centre relative start", "wave true"),
    "a truth of an operation": ("op g(a = true) = x\nop f = x -> g(a: |", "true false", "centre"),
    "a truth": ("op f = x -> bn(affine: |", "true false", "time x"),
    "a block": ("op f {\n    let a = x -> relu\n    |\n}", "let a x conv", "node then"),
    "after a value": ("op f = if stride == 1 |", "then", "else relu x"),
    "when a term of a loss comes": (
        "method m {\n    loss: cross_entropy + entropy(alpha) |",
        "after from",
        "to",
    ),
    "where a ramp ends": (
        "method m {\n    loss: cross_entropy + entropy(alpha) from 50% |",
        "to",
        "after from",
    ),
    "stages after a name of the space": (
        "space T(wide = 3) {\n    let mine_too = x -> relu\n    network = input -> |",
        "mine_too conv wide",
        "input",
    ),
    "a network in braces": (
        "space T(wide = 3) {\n    let two = 2\n    network {\n        let a = input\n        |\n    }\n}",
        "let a two input wide concat",
        "x node cell",
    ),
    "outside of the braces of a network": (
        "space T(wide = 3) {\n    network {\n        let a = input\n        a\n    }\n    let b = |",
        "wide conv",
        "a",
    ),
    "the body of a space": ("space T {\n    |", "cell candidates network let", "relu"),
    "a candidate": (CELL.replace("mine(3) }", "|"), "mine sep_conv wide", "hidden"),
    "a cell": (CELL + "    cell c(p) {\n        |", "let node p wide", "hidden here cell"),
    "sets": (CELL + "    cell c(p) {\n        node n[1..2] = sum(choose |", "offers", "p first"),
    "the keys of a cell": (CELL + "    cell second = first with { |", "stride", "relu"),
    "what a space sets": (
        "space T = Base with {\n    |",
        "nodes channels candidates.one normal.stride",
        "relu",
    ),
    "the keys of an experiment": ("experiment {\n    |", "space method data search.batch", "relu mix.edges"),
    "the parameters of its space": (
        "experiment {\n    space: Base\n    search.|",
        "search.nodes search.batch",
        "relu",
    ),
    "spaces": ("experiment {\n    space: |", "Base", "relu darts"),
    "methods": ("experiment {\n    method: fa|", "darts fairdarts", "Base"),
    "data sets": ("experiment {\n    data: |", "fsdd sc09", "Base"),
    "the keys of a sweep": ("sweep {\n    |", "spaces methods searches search.batch", "relu space mix.edges"),
    "the parameters of its spaces": ("sweep own {\n    spaces: Base\n    search.|", "search.nodes", "relu"),
    "several spaces": ("sweep {\n    spaces: Base, |", "Base", "relu darts"),
    "baselines": ("sweep {\n    baselines: |", "Base", "relu darts"),
    "several methods": ("sweep {\n    methods: darts, |", "darts fairdarts", "Base"),
    "domains": ("sweep {\n    domains: |", "real complex", "Base"),
    "the keys of a method": ("method m {\n    mix.|", "mix.edges mix.candidates arch", "softmax"),
    "mixings": ("method m {\n    mix.edges: |", "softmax sigmoid", "relu mix.edges"),
    "optimizers": ("method m(rate = 1) {\n    arch: |", "sgd(lr: 0.025) adam(lr: 3e-4) rate", "relu"),
    "arguments of an optimizer": ("method m {\n    arch: adam(|", "lr: betas: eps:", "momentum:"),
    "a generator": ("method m {\n    generator: logits + |", "adversarial sparse", "entropy relu"),
    "masks": ("method m {\n    generator: sparse(|", "masks", "alpha relu"),
    "a method to search with": ("experiment {\n    method: |", "darts nasc", "gal taylor"),
    "a loss": ("method m {\n    loss: cross_entropy + |", "entropy zero_one nodes", "relu"),
    "weights of a loss": ("method m {\n    loss: cross_entropy + entropy(|", "alpha gamma", "relu"),
    "a stage of a search": ("method m {\n    stages: (|", "candidates: depth: dropout:", "batch:"),
    "what remains": ("method m {\n    prune: top(1, |", "candidates edges pairs skips above:", "alpha"),
    "the keys of a profile": ("profile p {\n    |", "frontend quick.search real.train", "batch"),
    "the sizes of a profile": ("profile p {\n    quick.search: (|", "batch: nodes: travel:", "mixup:"),
    "front ends": ("profile p {\n    frontend: |", "logmel", "conv"),
    "the space of a genotype": ("genotype g of |", "Base", "darts relu"),
    "the keys of a genotype": (FOUND + "genotype g of Base {\n    |", "method hash cell", "relu node"),
    "a cell of a genotype": (FOUND + "genotype g of Base {\n    cell a(b) {\n        |", "node", "let relu"),
    "an edge of a genotype": (
        FOUND + "genotype g of Base {\n    cell a(b) {\n        node n1 = |",
        "one b",
        "relu x Base",
    ),
    "what fixes a space": (FOUND + "space T = Base with |", "found", "Base relu"),
    "what fixes it in part": (FOUND + "space T = Base with found.|", "normal", "found relu"),
    "a file": ('use "lib/|', "lib/darts.nas ss1.nas", "relu"),
    "a comment": ("op f = x # -> |", "", "relu"),
}


def offered(text: str, cursor: int, folder: Path) -> set[str]:
    workspace, path = Workspace(), folder.resolve() / "it.nas"
    workspace.put(path, text)
    place = Place(text.count("\n", 0, cursor) + 1, cursor - text.rfind("\n", 0, cursor))
    return {one.text.rstrip() for one in completions(workspace, path, place)}


@pytest.mark.parametrize("case", CASES)
def test_what_is_offered(case: str, tmp_path: Path) -> None:
    written, wanted, unwanted = CASES[case]
    found = offered(KNOWN + written.replace("|", "", 1), len(KNOWN) + written.index("|"), tmp_path)
    if "(lr" in wanted:
        wanted = wanted.replace("(lr: ", "(lr:")
        found = {text.replace("(lr: ", "(lr:") for text in found}
    assert set(wanted.split()) <= found
    assert not set(unwanted.split()) & found
    if not wanted:
        assert found == set()


@pytest.mark.parametrize(
    ("written", "name", "use"),
    [
        ("op f = x -> |", "sep_conv", "lib/darts.nas"),
        ("op f = x -> |", "asym5", "lib/polynomial.nas"),
        ("space S {\n    candidates { one = |", "skip", "lib/darts.nas"),
        ("space S = |", "SS1", "ss1.nas"),
        ("method m = |", "fairdarts", "lib/methods.nas"),
        ("experiment {\n    space: |", "SSPolAsym5", "sspolasym5.nas"),
        ("experiment {\n    method: |", "fairdarts", ""),
        ('use "lib/darts.nas"\nop f = x -> |', "sep_conv", ""),
        ('use "ss1.nas"\nspace S = |', "SS1", ""),
        ("op sep_conv(k) = x\nop f = x -> |", "sep_conv", ""),
        ("op f = x -> |", "conv", ""),
    ],
)
def test_what_a_name_needs_comes_with_it(written: str, name: str, use: str, tmp_path: Path) -> None:
    workspace, path = Workspace(), tmp_path.resolve() / "it.nas"
    workspace.put(path, text := written.replace("|", ""))
    place = Place(text.count("\n") + 1, len(text) - text.rfind("\n"))
    (found,) = [one for one in completions(workspace, path, place) if one.text == name]
    assert found.use == use
    if use:
        whole = f'use "{use}"\n{text}{name}'
        workspace.put(path, whole)
        assert not any(
            name in one.message and one.code == "N0201" for one in workspace.analysis(path).diagnostics
        )


def test_no_operation_of_a_front_end_needs_a_library(tmp_path: Path) -> None:
    workspace, path = Workspace(), tmp_path.resolve() / "it.nas"
    workspace.put(path, text := "frontend f = wave(16kHz, 1s) -> ")
    assert not any(one.use for one in completions(workspace, path, Place(1, len(text) + 1)))


def test_every_primitive_is_offered_somewhere(tmp_path: Path) -> None:
    frontend = offered(text := "frontend f = wave(16kHz, 1s) -> ", len(text), tmp_path)
    stages = offered(text := "op f = x -> ", len(text), tmp_path)
    values = offered(text := "op f = ", len(text), tmp_path)
    piped = {name for name, primitive in REGISTRY.items() if primitive.inputs == 1}
    assert frontend & piped == set(STEPS) - set(SOURCES)
    assert stages & piped == piped - set(STEPS)
    assert {"concat", "sum", "size"} <= values


@pytest.mark.parametrize(
    "name", sorted(file.relative_to(shipped()).as_posix() for file in shipped().rglob("*.nas"))
)
def test_what_stands_in_a_shipped_file_is_offered_in_its_place(name: str) -> None:
    workspace, path = Workspace(), (shipped() / name).resolve()
    analysis = workspace.analysis(path)
    words = [token for token in analysis.text.tokens if token.type == "NAME" or token in keywords()]
    missing = []
    for token in words:
        begin = Place(token.line or 0, token.column or 0)
        known = occurrence_at(analysis.occurrences, begin)
        if known is not None and known.span == known.symbol.span:
            continue  # nobody but its author knows the name that is made here
        found = completions(workspace, path, Place(token.end_line or 0, token.end_column or 0))
        parts = {part.strip(": ") for one in found for part in one.text.replace("(", ".").split(".")}
        if token not in parts and f"{token}()" not in parts:
            missing.append((str(token), token.line, token.column))
    assert missing == [], missing
