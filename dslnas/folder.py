"""The run folder: what lies in it, atomic writes, and what a broken one says. Free of torch at import."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from .diagnostics import fail

SPACE, SETTINGS, GENOTYPE, CHOICES = "space.nas", "settings.json", "genotype.json", "choices.json"
HISTORY, METRICS, TEST, REPORT = "history.jsonl", "metrics.json", "test.json", "report.html"
WEIGHTS, SUPERNET, CHECKPOINT = "weights.safetensors", "supernet.safetensors", "checkpoint.pt"


class Observer(Protocol):
    """Whoever watches a run."""

    def begin(self, stage: str, total: int) -> None:
        """A stage (`data`, `search`, `train`, `test`) begins; it has `total` steps."""
        ...

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """So many steps are done; figures are the latest ones (`epoch`, `loss`, `accuracy`, `gap`, ...)."""
        ...

    def say(self, text: str) -> None:
        """One line for the user."""
        ...


class Silent:
    """An observer that does not care."""

    def begin(self, stage: str, total: int) -> None: ...

    def advance(self, stage: str, done: int, **figures: float) -> None: ...

    def say(self, text: str) -> None: ...


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: to a temporary name beside it, then over it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)  # noqa: PTH101
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class RunFolder:
    """Reads and writes the files of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def create(path: Path) -> RunFolder:
        """A new, empty folder; raises DslnasError N0701 where something is there already."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            help = "give another `--out`, or continue it with `dslnas run --resume RUN`"
            raise fail("N0701", f"{path} exists and is not empty", help=help)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise fail("N0701", f"{path} cannot be made: {error.strerror or error}") from None
        return RunFolder(path)

    @staticmethod
    def open(path: Path) -> RunFolder:
        """An existing run; raises DslnasError N0701 where the folder is none."""
        if not (path / SETTINGS).is_file() or not (path / SPACE).is_file():
            help = f"a run folder holds `{SETTINGS}` and `{SPACE}`"
            raise fail("N0701", f"{path} is no run folder", help=help)
        return RunFolder(path)

    def has(self, name: str) -> bool:
        return (self.path / name).is_file()

    def write_json(self, name: str, data: Any) -> None:
        text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        write_atomically(self.path / name, text.encode())

    def write_text(self, name: str, text: str) -> None:
        write_atomically(self.path / name, text.encode())

    def read_json(self, name: str) -> Any:
        """The content of a JSON file; raises DslnasError N0701 that names the file where it is broken."""
        path = self.path / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise fail("N0701", f"{path} cannot be read: {error}") from None

    def update_metrics(self, **groups: Any) -> dict[str, Any]:
        """Merge groups of figures into `metrics.json`; returns all of it."""
        metrics: dict[str, Any] = self.read_json(METRICS) if self.has(METRICS) else {}
        for name, value in groups.items():
            old = metrics.get(name)
            metrics[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        self.write_json(METRICS, metrics)
        return metrics

    # --- history: a line for every record; lines after a checkpoint are dropped when it is taken up -----------

    @property
    def history_length(self) -> int:
        return len(self._lines())

    def append_history(self, line: Mapping[str, Any]) -> None:
        with (self.path / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def truncate_history(self, length: int) -> None:
        self.write_text(HISTORY, "".join(self._lines()[:length]))

    def drop_history(self, stage: str) -> None:
        """Forget the records of a stage that starts anew."""
        kept = [line for line in self._lines() if json.loads(line)["stage"] != stage]
        self.write_text(HISTORY, "".join(kept))

    def _lines(self) -> list[str]:
        """The whole lines; one that a kill cut short is none."""
        path = self.path / HISTORY
        if not path.is_file():
            return []
        return [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]

    # --- checkpoints ---------------------------------------------------------------------------------------

    def save_checkpoint(self, state: Mapping[str, Any]) -> None:
        import io

        import torch

        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        write_atomically(self.path / CHECKPOINT, buffer.getvalue())

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The last checkpoint, or None; only tensors and plain values are unpickled."""
        import torch

        path = self.path / CHECKPOINT
        if not path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            help = "delete the file to repeat the stage from its start"
            raise fail("N0701", f"{path} cannot be read: {error}", help=help) from None
        return state

    def drop_checkpoint(self) -> None:
        (self.path / CHECKPOINT).unlink(missing_ok=True)
