"""The settings of a run as a table for readers: values in words, each with what set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...resolve.settings import where_said
from ..fields import Tree, length, mapping, sequence

# Told elsewhere on the page, or of one machine alone.
LEFT_OUT = ("command", "origins", "beaten", "set", "data_root", "data_root_place")


@dataclass(frozen=True)
class SettingRow:
    """A setting: its dotted name, its value in words, and where that was said, over which other values."""

    name: str
    value: str
    origin: str


def setting_rows(settings: Tree) -> list[SettingRow]:
    """The rows, in the order of the file; raises DslnasError N0701 where its origins have another form."""
    origins, beaten = (mapping(settings.get(key) or {}, settings.file, key) for key in ("origins", "beaten"))
    rows = []
    for name, value in _leaves("", settings.data):
        if name.partition(".")[0] in LEFT_OUT or name == "data.place":
            continue
        key = "data" if name == "data.name" else name
        weaker = [
            [str(part) for part in sequence(one, settings.file, f"beaten {key}")]
            for one in sequence(beaten.get(key, []), settings.file, f"beaten {key}")
        ]
        for one in weaker:
            length(one, 2, settings.file, f"beaten {key}")
        rows.append(SettingRow(name, in_words(value), where_said(str(origins.get(key, "")), weaker)))
    return rows


def _leaves(prefix: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(prefix, value)]
    return [leaf for key, one in value.items() for leaf in _leaves(f"{prefix}.{key}" if prefix else key, one)]


def in_words(value: Any) -> str:
    """A JSON value as a person writes it: `0.5, 0.999`, `no`, and a dash for what is not set."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {in_words(one)}" for key, one in value.items())
    return str(value)
