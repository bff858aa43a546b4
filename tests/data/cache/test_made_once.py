"""What the cache keeps: made by one of many, and found by the others."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from dslnas.data.cache.made_once import cached

TOGETHER = 4


def ask(path: Path, made: list[str], barrier: Barrier) -> str:
    """What one of those who ask together gets."""

    def find() -> str | None:
        return path.read_text() if path.is_file() else None

    def make() -> str:
        made.append("made")
        time.sleep(0.02)  # so that the others come while it is being made
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("whole")
        return "whole"

    barrier.wait()
    return cached(path, find, make)


def test_of_those_that_ask_together_one_makes_it(tmp_path: Path) -> None:
    made, barrier = list[str](), Barrier(TOGETHER)
    with ThreadPoolExecutor(TOGETHER) as pool:
        asked = [pool.submit(ask, tmp_path / "cache" / "it", made, barrier) for _ in range(TOGETHER)]
        assert [one.result() for one in asked] == ["whole"] * TOGETHER
    assert made == ["made"]


def test_what_breaks_while_it_is_made_is_made_by_the_next(tmp_path: Path) -> None:
    def breaks() -> str:
        raise MemoryError

    with pytest.raises(MemoryError):
        cached(tmp_path / "it", lambda: None, breaks)
    assert cached(tmp_path / "it", lambda: None, lambda: "made") == "made"


def test_where_no_lock_can_be_had_it_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert cached(tmp_path / "file" / "it", lambda: None, lambda: "made") == "made"
