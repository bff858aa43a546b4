"""Syntax highlighting of `.nas` text with Pygments: documentation, notebooks, terminals.

Installed as the lexer `nas` by the entry point `pygments.lexers`. Its words are those of the grammar.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

from ..ir.primitives import REGISTRY
from ..parse.grammar import keywords
from ..parse.vocabulary import FUNCTIONS, NETWORK, PLACE


class NasLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """The Pygments lexer of `.nas` files."""

    name = "dslnas"
    aliases: ClassVar[list[str]] = ["nas", "dslnas"]
    filenames: ClassVar[list[str]] = ["*.nas"]
    tokens: ClassVar = {
        "root": [
            (r"#[^\n]*", Comment.Single),
            (r'"[^"\n]*"', String),
            (r"\d+(\.\d+)?([eE][+-]?\d+)?(%|[A-Za-z_]\w*)?", Number),
            (r"[A-Za-z_][\w.]*(?=\s*:)", Name.Attribute),
            (words(sorted(keywords()), prefix=r"\b", suffix=r"\b"), Keyword),
            (words([*REGISTRY, *FUNCTIONS], prefix=r"\b", suffix=r"\b"), Name.Builtin),
            (words([*PLACE, *NETWORK], prefix=r"\b", suffix=r"\b"), Name.Builtin.Pseudo),
            (r"[A-Za-z_]\w*", Name),
            (r"->|\.\.|[=!<>]=|[=<>+*/-]", Operator),
            (r"[{}()\[\],.:]", Punctuation),
            (r"\s+", Text.Whitespace),
        ]
    }
