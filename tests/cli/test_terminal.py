"""What stands on a terminal: quantities for people."""

from __future__ import annotations

import io

import pytest

from cli.terminal import any_text, duration
from dslnas.base.figures import millions


def test_quantities_for_people() -> None:
    assert [duration(s) for s in (0.04, 9.94, 42.4, 59.7, 61, 3599.6, 7380)] == [
        "0.0 s", "9.9 s", "42 s", "1 min 0 s", "1 min 1 s", "1 h 0 min", "2 h 3 min",
    ]  # fmt: skip
    assert [millions(n) for n in (7, 99_999, 1_609_370)] == ["7", "99,999", "1.609 M"]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "cp437"])
def test_any_text_leaves_the_program_in_any_encoding(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    any_text(stream)
    for text in ("a \u2192 b", "na\udcefve.wav", "\u65e5\u672c"):
        print(text, file=stream)
    stream.flush()
    assert stream.buffer.getvalue().count(b"\n") == 3  # type: ignore[attr-defined]
