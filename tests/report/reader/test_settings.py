"""Settings in words."""

from __future__ import annotations

from dslnas.report.fields import Tree
from dslnas.report.reader.settings import in_words, setting_rows


def test_each_setting_stands_once_with_what_set_it() -> None:
    data = {
        "space": "SS1",
        "search": {"steps": 4, "recompute": False, "warmup": None},
        "set": ["search.steps=4"],
        "origins": {"search.steps": "--set search.steps"},
        "data_root": "/data",
        "command": "dslnas run ss1",
    }
    rows = setting_rows(Tree("settings.json", data))
    assert [(row.name, row.value, row.origin) for row in rows] == [
        ("space", "SS1", ""),
        ("search.steps", "4", "--set search.steps"),
        ("search.recompute", "no", ""),
        ("search.warmup", "–", ""),
    ]
    assert setting_rows(Tree("settings.json", {})) == []


def test_values_are_words() -> None:
    found = [in_words(value) for value in ([0.5, 0.999], True, [], {"a": None}, ["x", ["y"]], 0, "text")]
    assert found == ["0.5, 0.999", "yes", "–", "a: –", "x, y", "0", "text"]
