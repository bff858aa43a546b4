"""Inference: labels and probabilities for recordings or pictures, from the trained network of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .run import Run

if TYPE_CHECKING:
    import torch

    from ..data.own.windows import Heard

_WINDOWS = 256  # go through the network at once


@dataclass(frozen=True)
class Window:
    """A part of a recording, from `start` to `end` in seconds, with its prediction as `Prediction` has it."""

    start: float
    end: float
    label: str | None
    probability: float | None
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Prediction:
    """The prediction for one recording: the likeliest label, and the probability of each class.

    Of a recording that is longer than a clip, the probabilities are the means of those of its windows but for
    the silent ones. A silent recording has no label: `label` and `probability` are None, `probabilities`
    empty. windows: all of them, in order; notes: what was done to the recording.
    """

    path: str
    label: str | None
    probability: float | None
    probabilities: Mapping[str, float]
    windows: tuple[Window, ...] = ()
    notes: tuple[str, ...] = ()


def predict(
    run: Run, recordings: Sequence[Path], device: str = "auto", tell: Callable[[str], None] | None = None
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """Predictions for recordings, and (path, reason) of those that cannot be used.

    tell: is told what was done to the recordings, in a line each. Needs the run folder alone, not the
    training data. Raises DslnasError N0701 where the run has no trained network yet, or sees images.
    """
    import torch

    from ..data.own.windows import HEARD, hear_all
    from ..data.waves import Decoded
    from ..train.devices import pick_device

    where = pick_device(device)
    network = run.network(where)
    frontend = run.decided.experiment.frontend
    if frontend.sees_images:
        return _seen(run, network, recordings, where, tell)
    told = Decoded(torch.zeros(0, frontend.samples, dtype=torch.int16))
    heard = hear_all(recordings, frontend.rate, frontend.clip, run.experiment.resampling, told)
    predictions = list(_predicted(run, network, heard, where))
    for note in told.notes(frontend.rate, frontend.clip, HEARD):
        if tell is not None:
            tell(note)
    return predictions, told.skipped


def _seen(
    run: Run,
    network: torch.nn.Module,
    pictures: Sequence[Path],
    device: torch.device,
    tell: Callable[[str], None] | None,
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """The predictions for pictures, and (path, reason) of those that cannot be used."""
    import torch

    from ..data.features import decode_for, notes_of
    from ..data.frontend.frontend import FrontEndModule
    from ..train.testing import evaluate

    frontend, classes = run.decided.experiment.frontend, run.experiment.classes
    decoded = decode_for(pictures, frontend, run.experiment.resampling)
    for note in notes_of(decoded, frontend):
        if tell is not None:
            tell(note)
    if not len(decoded.raw):
        return [], decoded.skipped
    features = FrontEndModule(frontend).features(decoded.raw)
    rows = torch.softmax(evaluate(network, features, device), dim=1).tolist()
    used = (str(pictures[place]) for place in decoded.kept)
    return [
        Prediction(path, *_told(row, classes)) for path, row in zip(used, rows, strict=True)
    ], decoded.skipped


def _predicted(
    run: Run, network: torch.nn.Module, heard: Iterable[Heard], device: torch.device
) -> Iterator[Prediction]:
    """The prediction for each recording; those of many go through the network together."""
    import torch

    from ..data.frontend.frontend import FrontEndModule
    from ..train.testing import evaluate

    module = FrontEndModule(run.decided.experiment.frontend)
    for batch in _together(heard):
        windows = torch.cat([one.windows for one in batch])
        logits = torch.cat(
            [evaluate(network, module.features(part), device) for part in torch.split(windows, _WINDOWS)]
        )
        parts = torch.split(torch.softmax(logits, dim=1), [len(one.windows) for one in batch])
        for one, probabilities in zip(batch, parts, strict=True):
            yield _prediction(
                one, probabilities, run.experiment.classes, run.decided.experiment.frontend.clip
            )


def _together(heard: Iterable[Heard]) -> Iterator[list[Heard]]:
    """Recordings in groups that have so many windows that the network is busy."""
    batch: list[Heard] = []
    for one in heard:
        batch.append(one)
        if sum(len(each.windows) for each in batch) >= _WINDOWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _prediction(heard: Heard, probabilities: torch.Tensor, classes: Sequence[str], clip: float) -> Prediction:
    """The prediction from the probabilities (windows, classes) of the windows of a recording."""
    silent = heard.silent
    windows = tuple(
        Window(start, min(start + clip, heard.seconds), *_told(None if quiet else row, classes))
        for start, quiet, row in zip(heard.starts, silent, probabilities.tolist(), strict=True)
    )
    sounding = [place for place, quiet in enumerate(silent) if not quiet]
    whole = probabilities[sounding].mean(dim=0).tolist() if sounding else None
    return Prediction(heard.path, *_told(whole, classes), windows, heard.notes)


def _told(
    row: Sequence[float] | None, classes: Sequence[str]
) -> tuple[str | None, float | None, dict[str, float]]:
    """Label, its probability, and all probabilities; nothing of silence."""
    if row is None:
        return None, None, {}
    return classes[row.index(max(row))], max(row), dict(zip(classes, row, strict=True))
