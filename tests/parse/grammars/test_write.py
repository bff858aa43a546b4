"""Grammars for constrained decoding: they take what ships, and make nothing that the parser does not read."""

from __future__ import annotations

import re

import pytest
from gbnf import Gbnf
from lark import Lark
from repository import ROOT

from dslnas.base.source import Source
from dslnas.parse.grammar import keywords
from dslnas.parse.grammars.layout import START
from dslnas.parse.grammars.write import TARGETS, Target, grammar_for
from dslnas.parse.parse import parse

SHIPPED = sorted((ROOT / "spaces").rglob("*.nas"))

READ = [
    "op tail = conv(3) -> bn\n",
    "op tail =\n  conv(3)\n  -> bn\n",
    "op tail {\n  let a = x ->\n    conv(3)\n  sum(\n a,\n  x\n)\n}\n",
    "\n# first a line\nop a = relu # and\n\n  # more\n\nop b = a",
    "space s(nodes = 4) {\n  cell normal(a, b) {\n    node n[1..nodes] = a\n    a\n  }\n}\n",
    "method m { keep: 2\n  from: 1.5\n  to.in: 2C, 1e-3\n}\n",
    "op a = 1..2\n",
    "op ifs = order + android\n",
    'genotype g of s { "a/b": 3\n  cell normal(a) { node n1 = relu(a) + x }\n}\n',
]
REFUSED = [
    "op if = relu\n",
    "oprelu = relu\n",
    "op a = 3(x)\n",
    "op a = 3.x\n",
    "op a = choose 3\n",
    "op a { let b = x\n  - b\n}\n",
    "genotype g of s { a = 3 }\n",
    "op a = x op b = x\n",
    "op a = (x\n",
    "space a { b = x c = x }\n",
    "op a = if xthen y else z\n",
    "op a = if x then y else z else w\n",
]


@pytest.mark.parametrize("target", ["lark", "llguidance"])
def test_llguidance_takes_every_shipped_file(target: Target) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    from benchmarks.grammar import accepts, matcher

    start = matcher(target)
    assert [path.name for path in SHIPPED if not accepts(start, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("target", ["lark", "llguidance"])
def test_llguidance_makes_only_what_the_parser_reads(target: Target) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    from benchmarks.grammar import samples

    texts = [text for text in samples(target, 40, seed=1) if text is not None]
    assert len(texts) > 35
    assert {text: found for text in texts if (found := parse(Source("drawn.nas", text))[1])} == {}


@pytest.mark.parametrize("text", READ)
def test_what_the_parser_reads_is_taken(text: str) -> None:
    assert parse(Source("read.nas", text))[1] == []
    assert Gbnf(grammar_for("gbnf")).accepts(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_parser_refuses_is_not_taken(text: str) -> None:
    assert parse(Source("refused.nas", text))[1] != []
    assert not Gbnf(grammar_for("gbnf")).accepts(text)


@pytest.mark.parametrize("text", [*READ, *REFUSED])
def test_the_forms_of_the_grammar_take_the_same(text: str) -> None:
    pytest.importorskip("llguidance", reason="llguidance is not installed")
    from benchmarks.grammar import accepts, matcher

    assert {accepts(matcher(target), text) for target in ("lark", "llguidance")} == {text in READ}


@pytest.mark.parametrize("name", ["lenet", "handmade/ds_cnn", "lib/frontends"])
def test_gbnf_takes_shipped_files(name: str) -> None:
    assert Gbnf(grammar_for("gbnf")).accepts((ROOT / "spaces" / f"{name}.nas").read_text(encoding="utf-8"))


def test_lark_reads_the_form_for_lark() -> None:
    reader = Lark(grammar_for("lark"), parser="earley", lexer="dynamic", ambiguity="resolve")
    assert reader.parse(READ[1]).data == START


def test_every_rule_of_gbnf_is_defined_and_used() -> None:
    grammar = Gbnf(grammar_for("gbnf"))
    used = set().union(*(grammar.used(name) for name in grammar.rules))
    assert used == set(grammar.rules) - {"root"}


@pytest.mark.parametrize("target", TARGETS)
def test_every_keyword_stands_in_every_form_and_one_line_starts(target: Target) -> None:
    text = grammar_for(target)
    assert [word for word in keywords() if f'"{word}"' not in text] == []
    assert len(re.findall(r"^(?:start: |root ::= )", text, re.MULTILINE)) == 1
    assert re.search(r"\(\?[!<=]", text) is None  # no lookahead: engines read one sign after the other
