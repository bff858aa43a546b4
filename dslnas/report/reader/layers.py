"""Networks without cells as pictures: the stages of the pipe that a space writes, in rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ...parse import syntax
from ...parse.format import one_line
from ...resolve.definitions import Space
from ...resolve.found import names_of
from ..render.drawing import CellDrawing

PER_ROW = 4
INPUT = "input"


def drawings_of_layers(space: Space, choices: Mapping[str, str] | None = None) -> list[CellDrawing]:
    """The network of a space as a chain whose arrows carry its stages, a drawing for each row.

    choices: of a genotype, such as `network/mb_3` -> `k = 5, expand = 3`; the stage of one shows it.
    """
    labels = _stages(space.network, choices or {})
    return _chain(labels, lambda start, end: f"{space.name}, stages {start} to {end}")


def _chain(labels: Sequence[str], title: Callable[[int, int], str]) -> list[CellDrawing]:
    """Labels on the arrows of a chain. title: of a row, from its first and last label, counted from 1."""
    rows = []
    for start in range(0, len(labels), PER_ROW):
        row = labels[start : start + PER_ROW]
        names = [INPUT if not number else str(number) for number in range(start, start + len(row) + 1)]
        edges = tuple(zip(names, names[1:], row, strict=False))
        name = title(start + 1, start + len(row))
        rows.append(CellDrawing(name, (names[0],), tuple(names[1:]), edges, (names[-1],)))
    return rows


def drawings_of_choices(title: str, choices: Sequence[tuple[str, str]]) -> list[CellDrawing]:
    """Choices and what was taken of each as a chain, in the order of the network, a drawing for each row.

    title: that of the first row. choices: `network/mb_3`, `k = 5, expand = 3`.
    """
    labels = [f"{names_of(id)[-1]}: {option}" for id, option in choices]
    return _chain(labels, lambda start, end: title if start == 1 else f"{start} to {end}")


def _stages(network: syntax.Expr, choices: Mapping[str, str]) -> list[str]:
    """The texts of the stages after the input; a network that is no pipe is a single one."""
    stages = network.stages if isinstance(network, syntax.Pipe) else (network,)
    used: Counter[str] = Counter()
    found = []
    for stage in stages:
        function = stage.function if isinstance(stage, syntax.Call) else stage
        name = function.name if isinstance(function, syntax.Name) else ""
        used[name] += 1
        own = choices.get(f"network/{name}_{used[name]}", choices.get(f"network/{name}", ""))
        text = one_line(stage.span.text)
        found.append(f"{name}_{used[name]}: {own}" if name and own else text)
    return found
