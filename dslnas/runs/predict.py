"""Inference: labels and probabilities for recordings or pictures, from the trained network of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .listening.hearing import TOGETHER
from .run import Run

if TYPE_CHECKING:
    import torch

    from ..data.own.windows import Heard
    from .listening.hearing import Hearing
    from .listening.unknown import Threshold


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
    run: Run,
    recordings: Sequence[Path],
    device: str = "auto",
    tell: Callable[[str], None] | None = None,
    unknown: Threshold | None = None,
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """Predictions for recordings, and (path, reason) of those that cannot be used.

    tell: is told what was done to the recordings, in a line each. unknown: below which confidence a window or
    a picture is `unknown`; a recording is where all of its windows are, and else the mean of the others.
    Needs the run folder alone, not the training data. Raises DslnasError N0701 where the run has no trained
    network yet.
    """
    import torch

    from ..data.own.windows import HEARD, hear_all
    from ..data.waves import Decoded
    from .listening.hearing import Hearing

    hearing = Hearing.of(run, device, unknown)
    frontend = run.decided.experiment.frontend
    if frontend.sees_images:
        return _seen(run, hearing, recordings, tell)
    told = Decoded(torch.zeros(0, frontend.samples, dtype=torch.int16))
    heard = hear_all(recordings, frontend.rate, frontend.clip, run.experiment.resampling, told)
    predictions = list(_predicted(run, hearing, heard))
    for note in told.notes(frontend.rate, frontend.clip, HEARD):
        if tell is not None:
            tell(note)
    return predictions, told.skipped


def _seen(
    run: Run, hearing: Hearing, pictures: Sequence[Path], tell: Callable[[str], None] | None
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """The predictions for pictures, and (path, reason) of those that cannot be used."""
    from ..data.features import decode_for, notes_of

    frontend, classes = run.decided.experiment.frontend, run.experiment.classes
    decoded = decode_for(pictures, frontend, run.experiment.resampling)
    for note in notes_of(decoded, frontend):
        if tell is not None:
            tell(note)
    if not len(decoded.raw):
        return [], decoded.skipped
    judged = hearing.judge(decoded.raw)
    used = (str(pictures[place]) for place in decoded.kept)
    found = zip(used, judged.probabilities.tolist(), judged.known.tolist(), strict=True)
    return [Prediction(path, *_told(row, classes, known)) for path, row, known in found], decoded.skipped


def _predicted(run: Run, hearing: Hearing, heard: Iterable[Heard]) -> Iterator[Prediction]:
    """The prediction for each recording; those of many go through the network together."""
    import torch

    for batch in _together(heard):
        judged = hearing.judge(torch.cat([one.windows for one in batch]))
        lengths = [len(one.windows) for one in batch]
        parts = torch.split(judged.probabilities, lengths), torch.split(judged.known, lengths)
        for one, probabilities, known in zip(batch, *parts, strict=True):
            yield _prediction(one, probabilities, known.tolist(), run.experiment.classes, hearing.clip)


def _together(heard: Iterable[Heard]) -> Iterator[list[Heard]]:
    """Recordings in groups that have so many windows that the network is busy."""
    batch: list[Heard] = []
    for one in heard:
        batch.append(one)
        if sum(len(each.windows) for each in batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def _prediction(
    heard: Heard, probabilities: torch.Tensor, known: Sequence[bool], classes: Sequence[str], clip: float
) -> Prediction:
    """The prediction from the probabilities (windows, classes) of the windows of a recording.

    known: whether each is of a class.
    """
    silent = heard.silent
    windows = tuple(
        Window(start, min(start + clip, heard.seconds), *_told(None if quiet else row, classes, sure))
        for start, quiet, row, sure in zip(heard.starts, silent, probabilities.tolist(), known, strict=True)
    )
    sounding = [place for place, quiet in enumerate(silent) if not quiet]
    sure = [place for place in sounding if known[place]]
    whole = probabilities[sure or sounding].mean(dim=0).tolist() if sounding else None
    return Prediction(heard.path, *_told(whole, classes, bool(sure)), windows, heard.notes)


def _told(
    row: Sequence[float] | None, classes: Sequence[str], known: bool
) -> tuple[str | None, float | None, dict[str, float]]:
    """Label, its probability, and all probabilities; nothing of silence. known: whether it is of a class."""
    from .listening.unknown import LABEL

    if row is None:
        return None, None, {}
    label = classes[row.index(max(row))] if known else LABEL
    return label, max(row), dict(zip(classes, row, strict=True))
