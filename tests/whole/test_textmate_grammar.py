"""The colours of an editor follow the language: every token of the lexer has the scope of its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from lark import Token
from repository import ROOT
from strategies import SpaceText, spaces
from textmate import Grammar

from dslnas.parse.grammar import keywords, lark
from dslnas.parse.vocabulary import LITERALS, WORDS
from dslnas.resolve.library import shipped

FOLDER = ROOT / "editors" / "vscode"
GRAMMAR = Grammar(FOLDER / "syntaxes" / "nas.tmLanguage.json")
DEFINING = {"OP", "SPACE", "METHOD", "FRONTEND", "PROFILE", "SWEEP", "GENOTYPE", "CELL", "LET", "NODE"}
OPERATORS = {"PIPE", "DOTS", "COMPARE", "PLUS", "MINUS", "STAR", "SLASH", "EQUAL"}
PUNCTUATION = {"COMMA", "COLON", "DOT", "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE"}
DIGITS = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
# The beginnings of the scopes that a kind of token may have.
CLASSES = {
    "keyword": ("keyword.declaration", "keyword.control", "keyword.operator.logical"),
    "string": ("string.quoted",),
    "number": ("constant.numeric",),
    "unit": ("keyword.other.unit",),
    "operator": ("keyword.operator",),
    "punctuation": ("punctuation",),
    "definition": ("entity.name",),
    "base": ("entity.other.inherited-class",),
    "key": ("entity.other.attribute-name",),
    "name": ("variable.other", "support.function", "constant.language"),
}


def lexed(text: str) -> list[Token]:
    return [token for token in lark().lex(text) if token.type != "_NL"]


def parts(tokens: Sequence[Token], index: int) -> Iterator[tuple[str, int]]:
    """The classes of the parts of a token, and how long each is."""
    token = tokens[index]
    if token.type == "NUMBER":
        found = DIGITS.match(token)
        assert found is not None
        yield "number", len(found[0])
        if len(token) > len(found[0]):
            yield "unit", len(token) - len(found[0])
    else:
        yield class_of(tokens, index), len(token)


def class_of(tokens: Sequence[Token], index: int) -> str:
    """What a token is, by its type and by what stands beside it."""
    token, before = tokens[index], tokens[index - 1].type if index else ""
    if token.type == "STRING":
        return "string"
    if token.type in OPERATORS:
        return "operator"
    if token.type in PUNCTUATION:
        return "punctuation"
    after = index + 1  # beyond the path that begins here
    while [other.type for other in tokens[after : after + 1]] == ["DOT"]:
        after += 2
    ends = tokens[after].type if after < len(tokens) else ""
    if ends == "COLON":
        return "key"
    if token.type != "NAME" and (ends != "EQUAL" or after == index + 1):
        return "keyword"
    if before in DEFINING or ends == "EQUAL":
        return "definition"
    if before == "EQUAL" and ends == "WITH":
        return "base"
    return "name"


def check(text: str) -> int:
    """Compare the scopes of every character with the tokens; the number of tokens."""
    scopes = GRAMMAR.scopes(text)
    lines = text.split("\n")
    covered = [[False] * len(line) for line in lines]
    tokens = lexed(text)
    for index, token in enumerate(tokens):
        row, start = (token.line or 0) - 1, (token.column or 0) - 1
        for kind, length in parts(tokens, index):
            found = set(scopes[row][start : start + length])
            assert len(found) == 1 and found.pop().startswith(CLASSES[kind]), (
                f"{token.line}:{token.column}: `{token}` is a {kind}, its scope {scopes[row][start]}"
            )
            covered[row][start : start + length] = [True] * length
            start += length
    for line, scope, known in zip(lines, scopes, covered, strict=True):
        for character, found, token in zip(line, scope, known, strict=True):
            if not token and not character.isspace():
                assert found.startswith("comment."), (line, character, found)
    return len(tokens)


@pytest.mark.parametrize(
    "name", sorted(file.relative_to(shipped()).as_posix() for file in shipped().rglob("*.nas"))
)
def test_every_token_of_a_shipped_file_has_its_scope(name: str) -> None:
    assert check((shipped() / name).read_text(encoding="utf-8")) > 20


@settings(max_examples=50, deadline=None)
@given(space=spaces())
def test_every_token_of_a_drawn_space_has_its_scope(space: SpaceText) -> None:
    check(space.text)


def test_every_keyword_and_every_operator_has_its_scope() -> None:
    for word in sorted(keywords()):
        check(f"({word} 1)")
        check(f"    {word}: 1")
        check(f"    path.{word}: 1")
    for operator in ("->", "..", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "="):
        check(f"1 {operator} 2")


def test_the_words_that_are_values_are_constants() -> None:
    for word in (*WORDS, *LITERALS):
        assert set(GRAMMAR.scopes(word)[0]) == {"constant.language.nas"}


@pytest.mark.parametrize(
    "text",
    [
        'use "a # no comment.nas"  # a comment with "quotes"',
        "op f(k = 3, along = time) = x -> conv(k, along: along) + 2C - 3e-4 * 50% # end",
        "    real.search: (nodes: 3, betas: (0.5, 0.999), rate: 22050Hz)",
        "    candidates.skip_connect = if stride == 1 and C_in <= 16 then x else x -> skip",
        "    cell reduction = normal with { stride: 2 }",
        "    node n[1..nodes] = sum(p -> choose {sep(3), skip} for p in earlier) keep 2",
        'genotype found of SS1 {\n    hash: "1"\n    cell normal(a) {\n        node n1 = sep(a)\n    }\n}',
        "    network.mb_1: (k: 3, expand: 6)",
        "space Fixed = SS1 with found.normal",
        "    loss: cross_entropy + 20 * entropy(alpha) after 50%",
        "    loss: cross_entropy + 20 * entropy(alpha) from 50% to 80%",
        "        -> 3 times normal -> choose {a, b} -> if a then b else c -> opus -> format -> end_with",
    ],
)
def test_lines_that_might_mislead(text: str) -> None:
    assert check(text) > 1


def test_what_the_extension_names_is_there() -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    (language,), (grammar,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    assert (FOLDER / package["main"]).is_file()
    assert (FOLDER / language["configuration"]).is_file() and (FOLDER / grammar["path"]).is_file()
    assert grammar["scopeName"] == GRAMMAR.data["scopeName"] and language["extensions"] == [".nas"]
    default = package["contributes"]["configuration"]["properties"]["dslnas.command"]["default"]
    assert default == ["dslnas", "lsp"]
    words = json.loads((FOLDER / language["configuration"]).read_text(encoding="utf-8"))["wordPattern"]
    for word in ("sep_conv_3x3", "16kHz", "50%", "1e-3", "2C"):
        assert re.fullmatch(words, word)
