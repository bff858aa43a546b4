"""The tables of a network that was made smaller: before and after, and what each cell keeps."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.figures import millions, percent
from ..fields import Tree


@dataclass(frozen=True)
class Smaller:
    """What a pruning has done.

    of, method: the run that was pruned, and how. rows: a figure, before and after; empty where it is not
    known. parts: what was removed, `nodes` or `edges`. kept: of each cell its place, its kind (empty where
    it is not known), and the parts that it keeps.
    """

    of: str
    method: str
    parts: str
    rows: tuple[tuple[str, str, str], ...]
    kept: tuple[tuple[str, str, str], ...]


def smaller(metrics: Tree) -> Smaller | None:
    """The tables of a run that prunes another; None of any other run."""
    of, method, kept = (metrics.get(f"pruning.{key}") for key in ("of", "method", "kept"))
    if not isinstance(of, str) or not isinstance(method, str) or not isinstance(kept, dict):
        return None
    parts = str(metrics.get("pruning.parts") or "nodes")
    rows = [
        *((what, *_sides(metrics, what)) for what in dict.fromkeys(("nodes", parts))),
        ("parameters", *_sides(metrics, "params")),
        ("multiply-accumulates", *_sides(metrics, "macs")),
        (
            "validation, before it was trained again",
            _percent(metrics.number("pruning.validation.before")),
            _percent(metrics.number("pruning.validation.cut")),
        ),
        (
            "validation, trained again",
            _percent(metrics.number("pruning.validation.before")),
            _percent(metrics.number("validation.retrained")),
        ),
        (
            "test, trained again",
            _percent(metrics.number("pruning.test.before")),
            _percent(metrics.number("test.accuracy")),
        ),
    ]
    kinds = metrics.get("pruning.kinds")
    kind_of = kinds if isinstance(kinds, dict) else {}
    left = [
        (str(place), str(kind_of.get(place, "")), ", ".join(map(str, names)) or "none")
        for place, names in kept.items()
        if isinstance(names, list)
    ]
    return Smaller(of, method, parts, tuple(rows), tuple(left))


def _sides(metrics: Tree, key: str) -> tuple[str, str]:
    before, after = (_count(metrics.number(f"pruning.{key}.{side}")) for side in ("before", "after"))
    return before, after


def _count(number: float | None) -> str:
    return "" if number is None else millions(number)


def _percent(number: float | None) -> str:
    return "" if number is None else percent(number)
