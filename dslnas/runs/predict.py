"""Inference: labels and probabilities for recordings or pictures, from the trained network of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .listening.hearing import TOGETHER, Hearing
from .run import Run
from .threads import one_thread

if TYPE_CHECKING:
    import torch

    from ..data.own.windows import Heard
    from ..data.waves import Decoded
    from .listening.unknown import Threshold

# Recordings come in blocks, of which each process takes one at a time. Their size goes by the number of the
# recordings alone: the last digits of probabilities depend on what goes through a network together.
BLOCKS, MOST_FILES = 32, 64


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


@dataclass(frozen=True)
class Unused:
    """A file that cannot be used, with the reason."""

    path: str
    reason: str


def likeliest(one: Prediction | Window) -> list[tuple[str, float]]:
    """The classes with their probabilities, from the likeliest on; of several alike the first comes first."""
    return sorted(one.probabilities.items(), key=lambda item: -item[1])


def predict(
    run: Run,
    recordings: Sequence[Path],
    device: str = "auto",
    tell: Callable[[str], None] | None = None,
    unknown: Threshold | None = None,
    processes: int = 1,
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    """Predictions for recordings, and (path, reason) of those that cannot be used.

    tell: is told what was done to the recordings, in a line each. unknown: below which confidence a window or
    a picture is `unknown`; a recording is where all of its windows are, and else the mean of the others.
    processes: how many share the work, with the same results to the last bit; a script that asks for several
    does so under `if __name__ == "__main__"`. Needs the run folder alone, not the training data. Raises
    DslnasError N0701 where the run has no trained network yet.
    """
    predictions: list[Prediction] = []
    skipped: list[tuple[str, str]] = []
    for one in answers(run, recordings, device, tell, unknown, processes):
        if isinstance(one, Unused):
            skipped.append((one.path, one.reason))
        else:
            predictions.append(one)
    return predictions, skipped


def answers(
    run: Run,
    recordings: Sequence[Path],
    device: str = "auto",
    tell: Callable[[str], None] | None = None,
    unknown: Threshold | None = None,
    processes: int = 1,
) -> Iterator[Prediction | Unused]:
    """What `predict` gives, for one recording after the other, in their order; `tell` is told at the end.

    processes: how many share the work; each loads the network. Whatever their number, the answers are the
    same to the last bit: it changes neither what goes through the network together nor the threads that sum,
    one in each. Raises as `predict` does, and DslnasError N0603 where one of several processes dies.
    """
    size = min(MOST_FILES, max(1, len(recordings) // BLOCKS))
    blocks = [recordings[start : start + size] for start in range(0, len(recordings), size)]
    count = min(processes, len(blocks))
    if count > 1:
        from .listening.processes import shared_out

        done = shared_out(_Shared.of(run, device, unknown), blocks, count)
    else:
        done = map(_Ready(run, Hearing.of(run, device, unknown)), blocks)
    yield from _gathered(done, run, tell)


def _gathered(
    blocks: Iterable[_Block], run: Run, tell: Callable[[str], None] | None
) -> Iterator[Prediction | Unused]:
    """The answers of blocks; at the end, `tell` is told what was done to all of the recordings."""
    from ..data.features import notes_of
    from ..data.own.windows import HEARD
    from ..data.waves import nothing_decoded

    frontend, told, before = run.decided.experiment.frontend, nothing_decoded(), 0
    for block in blocks:
        told.add(block.told, before)
        before += len(block.answers)
        yield from block.answers
    if tell is not None:
        for note in notes_of(told, frontend, HEARD):
            tell(note)


@dataclass(frozen=True)
class _Block:
    """The answers for some recordings, in their order, and what was done to these."""

    answers: tuple[Prediction | Unused, ...]
    told: Decoded


@dataclass(frozen=True)
class _Ready:
    """The network of a run, ready to answer."""

    run: Run
    hearing: Hearing

    def __call__(self, recordings: Sequence[Path]) -> _Block:
        """The answers for some recordings or pictures, which go through the network together."""
        sees = self.run.decided.experiment.frontend.sees_images
        with one_thread():
            predictions, told = (_seen if sees else _heard)(self.run, self.hearing, recordings)
        used, unused, kept = iter(predictions), iter(told.skipped), set(told.kept)
        answers = (next(used) if place in kept else Unused(*next(unused)) for place in range(len(recordings)))
        return _Block(tuple(answers), told)


@dataclass(frozen=True)
class _Shared:
    """The same in a process of its own, which opens the run itself."""

    path: Path
    device: str
    unknown: Threshold | None

    @staticmethod
    def of(run: Run, device: str, unknown: Threshold | None) -> _Shared:
        """What each process is given; raises as `predict` does."""
        from ..train.devices import pick_device

        run.network(pick_device("cpu"))  # raises where there is none, before there are processes
        return _Shared(run.path, device, unknown)

    def ready(self) -> _Ready:
        """Open the run and load its network."""
        run = Run.open(self.path)
        return _Ready(run, Hearing.of(run, self.device, self.unknown))


def _heard(run: Run, hearing: Hearing, recordings: Sequence[Path]) -> tuple[list[Prediction], Decoded]:
    """The predictions for the recordings that can be used, and what was done to all."""
    from ..data.own.windows import hear_all
    from ..data.waves import nothing_decoded

    frontend, told = run.decided.experiment.frontend, nothing_decoded()
    heard = hear_all(recordings, frontend.rate, frontend.clip, run.experiment.resampling, told)
    return list(_predicted(run, hearing, heard)), told


def _seen(run: Run, hearing: Hearing, pictures: Sequence[Path]) -> tuple[list[Prediction], Decoded]:
    """The same for pictures."""
    from ..data.features import decode_for
    from ..data.waves import nothing_decoded

    frontend, classes = run.decided.experiment.frontend, run.experiment.classes
    decoded, told = decode_for(pictures, frontend, run.experiment.resampling), nothing_decoded()
    told.add(decoded, 0)
    if not len(decoded.raw):
        return [], told
    judged = hearing.judge(decoded.raw)
    used = (str(pictures[place]) for place in decoded.kept)
    found = zip(used, judged.probabilities.tolist(), judged.known.tolist(), strict=True)
    return [Prediction(path, *_told(row, classes, known)) for path, row, known in found], told


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
