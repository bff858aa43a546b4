"""Networks without cells as pictures: the stages of the pipe that a space writes, in rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

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
    used: Counter[str] = Counter()
    drawings: list[CellDrawing] = []
    for let in space.network.lets:
        begin, labels = _stages(let.value, choices or {}, used)
        drawings += _chain(labels, partial(_titled, let.name), begin, let.name)
    begin, labels = _stages(space.network.value, choices or {}, used)
    return [*drawings, *_chain(labels, partial(_titled, space.name), begin)]


def _titled(name: str, start: int, end: int) -> str:
    return f"{name}, stages {start} to {end}"


def _chain(
    labels: Sequence[str], title: Callable[[int, int], str], begin: str = INPUT, end: str = ""
) -> list[CellDrawing]:
    """Labels on the arrows of a chain. title: of a row, from its first and last label, counted from 1.

    begin, end: the names of what the chain begins and ends with; an end without a name is its number.
    """
    rows = []
    for start in range(0, len(labels), PER_ROW):
        row = labels[start : start + PER_ROW]
        names = [begin if not number else str(number) for number in range(start, start + len(row) + 1)]
        names[-1] = end or names[-1] if start + PER_ROW >= len(labels) else names[-1]
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


def _stages(pipe: syntax.Expr, choices: Mapping[str, str], used: Counter[str]) -> tuple[str, list[str]]:
    """What a pipe begins with, and the texts of its stages; another expression is a single stage.

    used: how often each operation has been a stage so far.
    """
    begin, stages = (
        (one_line(pipe.value.span.text), pipe.stages) if isinstance(pipe, syntax.Pipe) else (INPUT, (pipe,))
    )
    found = []
    for stage in stages:
        function = stage.function if isinstance(stage, syntax.Call) else stage
        name = function.name if isinstance(function, syntax.Name) else ""
        used[name] += 1
        own = choices.get(f"network/{name}_{used[name]}", choices.get(f"network/{name}", ""))
        text = one_line(stage.span.text)
        found.append(f"{name}_{used[name]}: {own}" if name and own else text)
    return begin, found
