"""The files of a run folder as checked plain data, for the report.

Every file may be missing: a run that has only searched has no test results. A broken file raises DslnasError
N0701 naming it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.diagnostics import DslnasError, fail
from ..base.figures import is_number
from ..base.files import instead_of
from ..base.run_folder import CHOICES, GENOTYPE, HISTORY, METRICS, SETTINGS, SPACE, TEST
from ..ir.analysis.traits import CellTraits, Traits
from ..ir.genotype import Genotype, from_json
from .fields import Tree, length, mapping, number, present, sequence, whole

FILES = (SPACE, SETTINGS, GENOTYPE, METRICS, HISTORY, CHOICES, TEST)


@dataclass(frozen=True)
class EdgeChoice:
    """The candidates on the edge from `source` to `node`, of which `zeros` never remain."""

    identifier: str
    cell: str
    node: str
    source: str
    candidates: tuple[str, ...]
    zeros: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeChoice:
    """The sources of a node's incoming edges, of which `keep` remain.

    pairs: what remains are pairs of an edge and a candidate, so that an edge may keep several candidates.
    """

    identifier: str
    cell: str
    node: str
    sources: tuple[str, ...]
    keep: int
    pairs: bool = False


@dataclass(frozen=True)
class Record:
    """One line of the history.

    at: epochs passed when it was written, fractional within an epoch. alpha: weights of candidates by edge;
    gamma: weights of edges by node.
    """

    stage: str
    at: float
    values: Mapping[str, float]
    alpha: Mapping[str, tuple[float, ...]]
    gamma: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Clip:
    """A tested recording; `probability` is that of the predicted class."""

    path: str
    label: str
    predicted: str
    probability: float


@dataclass(frozen=True)
class Outcome:
    """The results of the test. `confusion`: counts, a row per true class, a column per predicted one."""

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    clips: tuple[Clip, ...]


@dataclass(frozen=True)
class RunData:
    """The data of a report; None and empty stand for files that are not there (yet)."""

    folder: Path
    missing: tuple[str, ...]
    space: str | None
    settings: Tree
    metrics: Tree
    genotype: Genotype | None
    records: tuple[Record, ...]
    edges: tuple[EdgeChoice, ...]
    nodes: tuple[NodeChoice, ...]
    cells: Mapping[str, CellTraits]
    test: Outcome | None

    def stage(self, name: str) -> list[Record]:
        """The records of a stage of the run, `search` or `train`."""
        return [record for record in self.records if record.stage == name]


def read_run(folder: Path) -> RunData:
    """The files of a run folder; raises DslnasError N0701 where it is no run folder or a file is broken."""
    if not folder.is_dir():
        help = instead_of(folder) or "name the folder that a run has written"
        raise fail("N0701", f"there is no run folder {folder}", help=help)
    missing = tuple(name for name in FILES if not (folder / name).is_file())
    if len(missing) == len(FILES):
        raise fail(
            "N0701",
            f"{folder}: this is no run folder",
            help=f"a run folder holds files such as {', '.join(FILES)}",
        )
    choices = _object(folder / CHOICES)
    edges, nodes = _edges(choices, folder), _nodes(choices, folder)
    sizes = {edge.identifier: len(edge.candidates) for edge in edges}
    sizes |= {node.identifier: len(node.sources) for node in nodes}
    test = _json(folder / TEST)
    return RunData(
        folder,
        missing,
        None if SPACE in missing else _text(folder / SPACE),
        _tree(folder / SETTINGS),
        _tree(folder / METRICS),
        _genotype(folder / GENOTYPE),
        tuple(_history(folder / HISTORY, sizes)),
        edges,
        nodes,
        _cells(choices, folder),
        None if test is None else _test(test, str(folder / TEST)),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise fail("N0701", f"{path}: cannot be read: {error.strerror or error}") from None


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise fail("N0701", f"{where}: this is no JSON: {error}") from None


def _json(path: Path) -> Any:
    return _parse(_text(path), str(path)) if path.is_file() else None


def _genotype(path: Path) -> Genotype | None:
    if not path.is_file():
        return None
    try:
        return from_json(_json(path), str(path))
    except DslnasError as error:
        raise fail("N0701", error.diagnostics[0].message, help=error.diagnostics[0].help) from None


def _history(path: Path, sizes: Mapping[str, int]) -> list[Record]:
    """The records by stage and epoch; a record that a resumed run has written again replaces the first."""
    if not path.is_file():
        return []
    lines = _text(path).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()  # a run that is still writing, or was killed while it did
    found: dict[tuple[str, float], dict[str, Any]] = {}
    for place, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}:{place}"
            data = mapping(_parse(line, where), where, "the line")
            epoch = number(data.get("epoch"), where, "epoch")
            found[str(data.get("stage")), epoch] = data | {"where": where}
    return [_record(stage, epoch, data, sizes) for (stage, epoch), data in sorted(found.items(), key=_place)]


def _place(item: tuple[tuple[str, float], object]) -> tuple[str, float]:
    return item[0]


def _record(stage: str, at: float, data: Mapping[str, Any], sizes: Mapping[str, int]) -> Record:
    where = data["where"]
    values = {name: number(value, where, name) for name, value in data.items() if is_number(value)}
    weights: dict[str, dict[str, tuple[float, ...]]] = {}
    for kind in ("alpha", "gamma"):
        weights[kind] = {}
        for name, row in mapping(data.get(kind) or {}, where, kind).items():
            numbers = tuple(number(one, where, f"{kind} of {name}") for one in sequence(row, where, kind))
            length(numbers, sizes.get(name, len(numbers)), where, f"{kind} of {name}")
            weights[kind][name] = numbers
    return Record(stage, at, values, weights["alpha"], weights["gamma"])


def _edges(choices: Mapping[str, Any], folder: Path) -> tuple[EdgeChoice, ...]:
    where = str(folder / CHOICES)
    found = []
    for name, data in mapping(choices.get("edges", {}), where, "edges").items():
        edge = mapping(data, where, name)
        candidates = tuple(map(str, sequence(edge.get("candidates"), where, f"candidates of {name}")))
        cell, node, source = (present(edge, key, where, name) for key in ("cell", "node", "source"))
        zeros = tuple(map(str, sequence(edge.get("zeros", []), where, f"zeros of {name}")))
        found.append(EdgeChoice(name, cell, node, source, candidates, zeros))
    return tuple(found)


def _nodes(choices: Mapping[str, Any], folder: Path) -> tuple[NodeChoice, ...]:
    where = str(folder / CHOICES)
    found = []
    for name, data in mapping(choices.get("nodes", {}), where, "nodes").items():
        node = mapping(data, where, name)
        sources = tuple(map(str, sequence(node.get("sources"), where, f"sources of {name}")))
        own = str(node.get("node", name.rpartition("/")[2]))
        keep = whole(node.get("keep"), where, f"keep of {name}")
        pairs = node.get("pairs") is True
        found.append(NodeChoice(name, present(node, "cell", where, name), own, sources, keep, pairs))
    return tuple(found)


def _cells(choices: Mapping[str, Any], folder: Path) -> dict[str, CellTraits]:
    where = str(folder / CHOICES)
    found = {}
    for name, data in mapping(choices.get("cells", {}), where, "cells").items():
        cell = mapping(data, where, name)
        operations = mapping(cell.get("operations"), where, f"operations of {name}")
        traits = {key: _traits(mapping(value, where, key), where, key) for key, value in operations.items()}
        found[name] = CellTraits(cell.get("reduces") is True, traits)
    return found


def _traits(data: Mapping[str, Any], where: str, name: str) -> Traits:
    order = whole(data.get("order"), where, f"order of {name}")
    return Traits(data.get("skip") is True, data.get("parameters") is True, order)


def _test(value: Any, where: str) -> Outcome:
    data = mapping(value, where, "the file")
    classes = tuple(map(str, sequence(data.get("classes"), where, "classes")))
    rows = sequence(data.get("confusion"), where, "confusion")
    length(rows, len(classes), where, "confusion")
    for row in rows:
        length(sequence(row, where, "confusion"), len(classes), where, "a row of confusion")
    confusion = tuple(tuple(whole(count, where, "confusion") for count in row) for row in rows)
    clips = []
    for item in sequence(data.get("clips", []), where, "clips"):
        clip = mapping(item, where, "a clip")
        file, label, predicted = (
            present(clip, key, where, "a clip") for key in ("path", "label", "predicted")
        )
        clips.append(
            Clip(file, label, predicted, number(clip.get("probability"), where, "probability of a clip"))
        )
    return Outcome(classes, confusion, tuple(clips))


def _object(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty where there is no file."""
    value = _json(path)
    return {} if value is None else mapping(value, str(path), "the file")


def _tree(path: Path) -> Tree:
    return Tree(str(path), _object(path))
