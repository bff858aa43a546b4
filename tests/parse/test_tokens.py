"""Texts as tokens."""

from __future__ import annotations

from dslnas.base import limits
from dslnas.base.source import Source
from dslnas.parse.tokens import tokens_of


def test_a_file_beyond_the_limit_is_told() -> None:
    _, diagnostics = tokens_of(Source("text", "#" * (limits.FILE_BYTES + 1)))
    assert [d.code for d in diagnostics] == ["N0102"]
