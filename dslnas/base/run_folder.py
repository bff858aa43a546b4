"""The run folder: names of the files of a run, their atomic writes, and errors for broken ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .diagnostics import DslnasError, fail
from .files import instead_of, occupied, read_json, utf8, write_atomically, write_json

SPACE, SETTINGS, GENOTYPE, CHOICES = "space.nas", "settings.json", "genotype.json", "choices.json"
HISTORY, METRICS, TEST, REPORT = "history.jsonl", "metrics.json", "test.json", "report.html"
CLIPS = "clips.csv"  # which clips train, validate and test, and what each contains
EVENTS = "tensorboard"  # a folder
PLUGINS = "plugins"  # a folder: the Python files that define primitives of the space
WEIGHTS, SUPERNET, CHECKPOINT = "weights.safetensors", "supernet.safetensors", "checkpoint.pt"
# Of a search by sampling: the networks that it compared, the best of them, measured latencies, and how the
# accuracies in the supernet rank networks.
EVALUATIONS, FRONT, LATENCY, RANK = "evaluations.jsonl", "front.json", "latency.json", "rank.json"
BENCH = "bench.json"  # latencies, sizes and memory of its network in each form
BASELINE = "baseline.json"  # a network for comparison, in the picture of the front
PROBE = "probe.json"  # a linear classifier beside the network: what it is of, and its test
ENSEMBLE = "ensemble.json"  # what an ensemble is made of, and the test of its mean
PRUNING, TEACHER = (
    "pruning.json",
    "teacher.safetensors",
)  # of a run that prunes another: the order, the network
TRIALS = "trials.json"  # of such a run: the games by which it came to its bound
UNKNOWN = "unknown.json"  # below which scores a sound is of no class
MEMBERS = "members"  # a folder: the runs of an ensemble


def ensemble_around(run: Path) -> Path | None:
    """The run of whose ensemble a run is a member; None where it is none."""
    parent = run.absolute().parent
    around = parent.parent if parent.name == MEMBERS else None
    return around if around and (around / ENSEMBLE).is_file() else None


class RunFolder:
    """Reads and writes the files of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def create(path: Path) -> RunFolder:
        """A new, empty folder; raises DslnasError N0701 where something is there already."""
        if occupied(path):
            help = "give another `--out`, or continue it with `dslnas run --resume RUN`"
            raise fail("N0701", f"{path} exists and is not empty", help=help)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise fail("N0701", f"{path} cannot be made: {error.strerror or error}") from None
        return RunFolder(path)

    @staticmethod
    def open(path: Path) -> RunFolder:
        """The folder of an existing run; raises DslnasError N0701 where it is missing or holds no run."""
        if not path.exists():
            help = instead_of(path) or "name the folder that a run has written"
            raise fail("N0701", f"there is no run folder {path}", help=help)
        if not (path / SETTINGS).is_file() or not (path / SPACE).is_file():
            help = f"a run folder holds `{SETTINGS}` and `{SPACE}`"
            raise fail("N0701", f"{path} is no run folder", help=help)
        return RunFolder(path)

    def has(self, name: str) -> bool:
        """Whether the folder has a file of this name."""
        return (self.path / name).is_file()

    def write_json(self, name: str, data: Any) -> None:
        """Write data as JSON, whole or not at all; raises DslnasError N0701."""
        write_json(self.path / name, data)

    def write_text(self, name: str, text: str) -> None:
        """Write text as UTF-8, whole or not at all; raises DslnasError N0701."""
        write_atomically(self.path / name, utf8(text))

    def read_json(self, name: str) -> Any:
        """The content of a JSON file; raises DslnasError N0701 naming the file where it is broken."""
        return read_json(self.path / name)

    def metrics(self) -> dict[str, Any]:
        """The content of `metrics.json`; empty where there is none yet. Raises DslnasError N0701."""
        found = self.read_json(METRICS) if self.has(METRICS) else {}
        if not isinstance(found, dict):
            raise fail("N0701", f"{self.path / METRICS} holds no figures")
        return found

    def update_metrics(self, **groups: Any) -> dict[str, Any]:
        """Merge groups of figures into `metrics.json`; returns all of it."""
        metrics = self.metrics()
        for name, value in groups.items():
            old = metrics.get(name)
            metrics[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        self.write_json(METRICS, metrics)
        return metrics

    # --- history: a line for each record; on resuming, the records after the checkpoint are dropped ---------

    @property
    def history_length(self) -> int:
        """The length of the history in bytes."""
        path = self.path / HISTORY
        return path.stat().st_size if path.is_file() else 0

    def append_history(self, line: Mapping[str, Any]) -> None:
        """Add a record. A process killed midway leaves a line without a newline, which readers ignore."""
        data = (json.dumps(line, allow_nan=False) + "\n").encode()
        with (self.path / HISTORY).open("ab") as file:
            file.write(data)

    def history(self, stage: str) -> list[dict[str, Any]]:
        """The records of a stage, without one that a kill has cut; DslnasError N0701 at a broken line."""
        path = self.path / HISTORY
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.endswith(b"\n")]
        return [json.loads(line) for number, line in numbered if self._stage(line, number) == stage]

    def truncate_history(self, length: int) -> None:
        """Cut the history to a length in bytes; raises DslnasError N0701 where it is shorter already."""
        path = self.path / HISTORY
        data = path.read_bytes() if path.is_file() else b""
        if len(data) < length:
            help = f"delete {self.path / CHECKPOINT} to repeat the stage from its start"
            raise fail("N0701", f"{path} lacks records that were written before the checkpoint", help=help)
        write_atomically(path, data[:length])

    def drop_history(self, stage: str) -> None:
        """Remove the records of a stage that starts anew; raises DslnasError N0701 at a broken line."""
        path = self.path / HISTORY
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        kept = []
        for number, line in enumerate(lines, start=1):
            if line.endswith(b"\n") and self._stage(line, number) != stage:
                kept.append(line)
        write_atomically(path, b"".join(kept))

    def _stage(self, line: bytes, number: int) -> Any:
        """The stage that a record belongs to."""
        try:
            return json.loads(line)["stage"]
        except (ValueError, TypeError, KeyError, RecursionError):
            help = "remove the line, or start a new run"
            raise fail("N0701", f"{self.path / HISTORY}:{number}: this is no record", help=help) from None

    # --- checkpoints: `train/checkpoint.py` writes and reads them -------------------------------------------

    def bad_checkpoint(self, reason: str) -> DslnasError:
        """The error N0701 for a checkpoint that cannot be resumed from."""
        help = "delete the file to repeat the stage from its start"
        return fail("N0701", f"{self.path / CHECKPOINT} {reason}", help=help)

    def drop_checkpoint(self) -> None:
        """Delete the checkpoint, where there is one."""
        (self.path / CHECKPOINT).unlink(missing_ok=True)
