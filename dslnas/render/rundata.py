"""A run folder's files as checked plain data, for the report.

Every file may be missing: a run that has only searched has no test results. What is there must be sound; what is
not raises DslnasError N0701 naming the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..diagnostics import DslnasError, fail
from ..genotype import Genotype, from_json

FILES = ("space.nas", "settings.json", "genotype.json", "metrics.json", "history.jsonl", "choices.json", "test.json")


@dataclass(frozen=True)
class EdgeChoice:
    """The candidates that stand to choice on the edge from `source` to `node`."""

    identifier: str
    cell: str
    node: str
    source: str
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class NodeChoice:
    """The sources of a node's incoming edges, of which `keep` remain."""

    identifier: str
    cell: str
    node: str
    sources: tuple[str, ...]
    keep: int


@dataclass(frozen=True)
class Record:
    """One line of the history. `at`: epochs passed when it was written; several lines share an epoch evenly."""

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
class Test:
    """The test's outcome. `confusion`: counts, a row per true class, a column per predicted one."""

    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    clips: tuple[Clip, ...]


@dataclass(frozen=True)
class Tree:
    """A nested JSON object, read by dotted names."""

    file: str
    data: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """What stands under the name, None where nothing does."""
        value: Any = self.data
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def number(self, name: str) -> float | None:
        value = self.get(name)
        return None if value is None else _number(value, self.file, name)

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where there is none."""
        value = self.get(name)
        return [] if value is None else [str(item) for item in _list(value, self.file, name)]

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """A list of pairs of texts; empty where there is none."""
        items = [] if self.get(name) is None else _list(self.get(name), self.file, name)
        for item in items:
            _length(_list(item, self.file, name), 2, self.file, name)
        return [(str(first), str(second)) for first, second in items]

    def flat(self) -> list[tuple[str, str]]:
        """Every leaf by its dotted name, in the order of the file."""
        return list(_leaves("", self.data))


@dataclass(frozen=True)
class RunData:
    """All that a report is made from; None and empty stand for files that are not there (yet)."""

    folder: Path
    missing: tuple[str, ...]
    space: str | None
    settings: Tree
    metrics: Tree
    genotype: Genotype | None
    records: tuple[Record, ...]
    edges: tuple[EdgeChoice, ...]
    nodes: tuple[NodeChoice, ...]
    test: Test | None

    def stage(self, name: str) -> list[Record]:
        return [record for record in self.records if record.stage == name]


def read_run(folder: Path) -> RunData:
    """The files of a run folder; raises DslnasError N0701 where it is no folder or one of them is broken."""
    if not folder.is_dir():
        raise fail("N0701", f"{folder}: there is no such run folder", help="name the folder that a run has written")
    missing = tuple(name for name in FILES if not (folder / name).is_file())
    if len(missing) == len(FILES):
        raise fail(
            "N0701", f"{folder}: this is no run folder", help=f"a run folder holds files such as {', '.join(FILES)}"
        )
    choices = _object(_json(folder / "choices.json"), folder, "choices.json")
    edges, nodes = _edges(choices, folder), _nodes(choices, folder)
    sizes = {edge.identifier: len(edge.candidates) for edge in edges}
    sizes |= {node.identifier: len(node.sources) for node in nodes}
    test = _json(folder / "test.json")
    return RunData(
        folder,
        missing,
        None if "space.nas" in missing else _text(folder / "space.nas"),
        Tree(str(folder / "settings.json"), _object(_json(folder / "settings.json"), folder, "settings.json")),
        Tree(str(folder / "metrics.json"), _object(_json(folder / "metrics.json"), folder, "metrics.json")),
        _genotype(folder / "genotype.json"),
        tuple(_history(folder / "history.jsonl", sizes)),
        edges,
        nodes,
        None if test is None else _test(test, str(folder / "test.json")),
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
    """The lines in order. A line that a resumed run writes again replaces the first."""
    if not path.is_file():
        return []
    lines = _text(path).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()  # a run that is still writing, or was killed while it did
    found: dict[tuple[str, int], dict[Any, dict[str, Any]]] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}:{number}"
            data = _mapping(_parse(line, where), where, "the line")
            epoch = _whole(data.get("epoch"), where, "epoch")
            found.setdefault((str(data.get("stage")), epoch), {})[data.get("step")] = data | {"where": where}
    records = []
    for (stage, epoch), steps in sorted(found.items()):
        for rank, data in enumerate(steps.values(), start=1):
            records.append(_record(stage, epoch - 1 + rank / len(steps), data, sizes))
    return records


def _record(stage: str, at: float, data: Mapping[str, Any], sizes: Mapping[str, int]) -> Record:
    where = data["where"]
    values = {
        name: _number(value, where, name)
        for name, value in data.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    weights: dict[str, dict[str, tuple[float, ...]]] = {}
    for kind in ("alpha", "gamma"):
        weights[kind] = {}
        for name, row in _mapping(data.get(kind) or {}, where, kind).items():
            numbers = tuple(_number(one, where, f"{kind} of {name}") for one in _list(row, where, kind))
            _length(numbers, sizes.get(name, len(numbers)), where, f"{kind} of {name}")
            weights[kind][name] = numbers
    return Record(stage, at, values, weights["alpha"], weights["gamma"])


def _edges(choices: Mapping[str, Any], folder: Path) -> tuple[EdgeChoice, ...]:
    where = str(folder / "choices.json")
    found = []
    for name, data in _mapping(choices.get("edges", {}), where, "edges").items():
        edge = _mapping(data, where, name)
        candidates = tuple(map(str, _list(edge.get("candidates"), where, f"candidates of {name}")))
        ends = [_present(edge, key, where, name) for key in ("cell", "node", "source")]
        found.append(EdgeChoice(name, *ends, candidates))
    return tuple(found)


def _nodes(choices: Mapping[str, Any], folder: Path) -> tuple[NodeChoice, ...]:
    where = str(folder / "choices.json")
    found = []
    for name, data in _mapping(choices.get("nodes", {}), where, "nodes").items():
        node = _mapping(data, where, name)
        sources = tuple(map(str, _list(node.get("sources"), where, f"sources of {name}")))
        own = str(node.get("node", name.rpartition("/")[2]))
        keep = _whole(node.get("keep"), where, f"keep of {name}")
        found.append(NodeChoice(name, _present(node, "cell", where, name), own, sources, keep))
    return tuple(found)


def _test(value: Any, where: str) -> Test:
    data = _mapping(value, where, "the file")
    classes = tuple(map(str, _list(data.get("classes"), where, "classes")))
    rows = _list(data.get("confusion"), where, "confusion")
    _length(rows, len(classes), where, "confusion")
    for row in rows:
        _length(_list(row, where, "confusion"), len(classes), where, "a row of confusion")
    confusion = tuple(tuple(_whole(count, where, "confusion") for count in row) for row in rows)
    clips = []
    for item in _list(data.get("clips", []), where, "clips"):
        clip = _mapping(item, where, "a clip")
        texts = [_present(clip, key, where, "a clip") for key in ("path", "label", "predicted")]
        clips.append(Clip(*texts, _number(clip.get("probability"), where, "probability of a clip")))
    return Test(classes, confusion, tuple(clips))


def _leaves(prefix: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [leaf for key, one in value.items() for leaf in _leaves(f"{prefix}.{key}" if prefix else key, one)]
    if not prefix:
        return []
    return [(prefix, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))]


def _object(value: Any, folder: Path, name: str) -> Mapping[str, Any]:
    return {} if value is None else _mapping(value, str(folder / name), "the file")


def _mapping(value: Any, where: str, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise fail("N0701", f"{where}: {what} is no JSON object")
    return value


def _list(value: Any, where: str, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise fail("N0701", f"{where}: {what} is no list")
    return value


def _number(value: Any, where: str, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        raise fail("N0701", f"{where}: {what} is no number of a usable size")
    return float(value)


def _whole(value: Any, where: str, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise fail("N0701", f"{where}: {what} is no whole number")
    return value


def _present(data: Mapping[str, Any], key: str, where: str, what: str) -> str:
    if key not in data:
        raise fail("N0701", f"{where}: {what} has no `{key}`")
    return str(data[key])


def _length(items: Sequence[Any], wanted: int, where: str, what: str) -> None:
    if len(items) != wanted:
        raise fail("N0701", f"{where}: {what} holds {len(items)} values instead of {wanted}")
