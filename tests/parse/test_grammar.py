"""The parser that is made of the grammar."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.source import Source
from dslnas.parse.grammar import lark
from dslnas.parse.parse import parse
from dslnas.resolve.library import shipped


def test_the_grammar_is_kept_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser from the cache folder reads as the one that is built, and a damaged file is built anew."""
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path))
    text = (shipped() / "ss1.nas").read_text()
    trees = []
    for damage in (False, False, True):
        if damage:
            for kept in tmp_path.glob("grammar-*"):
                kept.write_bytes(b"damaged")
        lark.cache_clear()
        trees.append(parse(Source("ss1", text))[0])
    lark.cache_clear()
    assert len(list(tmp_path.glob("grammar-*"))) == 1
    assert trees[0] == trees[1] == trees[2]
