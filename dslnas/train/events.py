"""TensorBoard event files of a run, one a stage: what the history keeps, for who has TensorBoard open.

Each record of the history is a few scalars more: losses, accuracies, the gap, learning rates, and how
undecided the mixed weights are. Nothing is written between records, so that no step waits for the device. A
run that goes on cuts its files back to where its history is and continues them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from math import log
from pathlib import Path
from statistics import fmean
from typing import Any

from ..base.diagnostics import DslnasError, fail
from ..base.run_folder import EVENTS

FILE = "events.out.tfevents.0000000000.dslnas"  # TensorBoard asks for `tfevents` in a name
VERSION = "brain.Event:2"
_HEAD, _CHECK = 8, 4  # bytes of the length of a record, and of each checksum
_OWN = {"stage", "epoch", "epochs", "step", "seconds", "search_stage", "alpha", "gamma"}


class EventLog:
    """Writes the event files of a run under its folder.

    Raises DslnasError N0603 where TensorBoard is not installed.
    """

    def __init__(self, run: Path) -> None:
        self._folder = run / EVENTS
        try:
            self._event = import_module("tensorboard.compat.proto.event_pb2").Event
            self._writer = import_module("tensorboard.summary.writer.record_writer").RecordWriter
        except ImportError:
            help = "`pip install 'dslnas[tensorboard]'`, or leave out `--log tensorboard`"
            raise fail("N0603", "TensorBoard is not installed", help=help) from None

    def begin(self, stage: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Bring the file of a stage to its history: drop what came later, add what it lacks.

        Raises DslnasError N0701 where the file cannot be written, or a record is none.
        """
        path = self._path(stage)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes() if path.is_file() else b""
            kept = {record["step"] for record in records}
            if not all(isinstance(step, int) for step in kept):
                raise TypeError
            length, done = 0, 0
            for end, event in self._events(data):
                if event.step and event.step not in kept:
                    break
                length, done = end, max(done, event.step)
            with path.open("ab") as file:  # in place: a TensorBoard that is open reads on in the same file
                file.truncate(length)
        except OSError as error:
            raise _not_written(path, error) from None
        except (LookupError, TypeError):
            raise fail("N0701", f"a record of the history of the {stage} says no step") from None
        if not length:
            self._append(path, [self._event(wall_time=time.time(), file_version=VERSION)])
        for record in records:
            if record["step"] > done:
                self.add(stage, record)

    def add(self, stage: str, record: Mapping[str, Any]) -> None:
        """Add a record of the history to the file of its stage; raises DslnasError N0701 where it cannot."""
        event = self._event(wall_time=time.time(), step=int(record["step"]))
        for tag, value in scalars(record).items():
            event.summary.value.add(tag=tag, simple_value=value)
        self._append(self._path(stage), [event])

    def _path(self, stage: str) -> Path:
        return self._folder / stage / FILE

    def _append(self, path: Path, events: Sequence[Any]) -> None:
        """Add events in one write: a kill leaves the last one incomplete, which readers leave out."""
        buffer = io.BytesIO()
        writer = self._writer(buffer)
        for event in events:
            writer.write(event.SerializeToString())
        try:
            with path.open("ab") as file:
                file.write(buffer.getvalue())
        except OSError as error:
            raise _not_written(path, error) from None

    def _events(self, data: bytes) -> Iterator[tuple[int, Any]]:
        """The events of a file with the places where they end, up to one that is incomplete or no event."""
        place = 0
        while place + _HEAD <= len(data):
            start = place + _HEAD + _CHECK
            end = start + int.from_bytes(data[place : place + _HEAD], "little")
            if end + _CHECK > len(data):
                return
            try:
                event = self._event.FromString(data[start:end])
            except Exception:  # protobuf has its own class of errors, which differs by its version
                return
            place = end + _CHECK
            yield place, event


def event_log(run: Path, wanted: bool, say: Callable[[str], None]) -> EventLog | None:
    """Where the events of a run are written: where that is wanted, or it has some; else None.

    say: is told where those that it has cannot go on. Raises DslnasError N0603 where a log is wanted and
    TensorBoard is not installed.
    """
    if not wanted and not (run / EVENTS).is_dir():
        return None
    try:
        return EventLog(run)
    except DslnasError as error:
        if wanted:
            raise
        say(f"{error.diagnostics[0].message}: the event files of this run end here")
        return None


def scalars(record: Mapping[str, Any]) -> dict[str, float]:
    """What TensorBoard shows of a record of the history, by tag.

    `entropy/alpha`, `entropy/gamma`: the mean over choice points of the entropy of their mixed weights, from
    0 (one has it all) to 1 (all are alike); with a name behind it, of the choice points of one cell.
    """
    found = {name: float(value) for name, value in record.items() if name not in _OWN and _is_figure(value)}
    for kind in ("alpha", "gamma"):
        cells: dict[str, list[float]] = {}
        for place, weights in (record.get(kind) or {}).items():
            if len(weights) > 1:
                cells.setdefault(place.partition("/")[0], []).append(entropy(weights))
        if cells:
            found[f"entropy/{kind}"] = fmean(value for values in cells.values() for value in values)
            found |= {f"entropy/{kind}/{cell}": fmean(values) for cell, values in cells.items()}
    return found


def entropy(weights: Sequence[float]) -> float:
    """The entropy of the shares that weights have of their sum, as a share of the greatest that it can be.

    1 where all weights are zero.
    """
    total = sum(weights)
    if total <= 0:
        return 1.0
    shares = [share for weight in weights if (share := weight / total) > 0]
    return min(1.0, 0.0 - sum(share * log(share) for share in shares) / log(len(weights)))


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _not_written(path: Path, error: OSError) -> Exception:
    return fail("N0701", f"{path}: cannot be written: {error.strerror or error}", help="is its folder there?")
