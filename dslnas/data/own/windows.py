"""Long recordings as windows: each of one clip's length, side by side, the last one up to the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ..audio import Recording, UnusableRecording, named, read_recording
from ..dataset import Clip, DataSet
from ..resampling import PRESENT, Resampling, resample
from ..waves import Decoded, fitted, to_int16

HEARD = "are longer than {clip:g} s: they are heard in windows of that length"


@dataclass(frozen=True)
class Heard:
    """A recording as a network hears it.

    windows: int16 (W, samples), one where it is no longer than a clip. starts: where each begins, in seconds;
    seconds: the length of the recording. notes: what was done to it.
    """

    path: str
    windows: Tensor
    starts: tuple[float, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def silent(self) -> list[bool]:
        """Whether there is nothing to hear in a window, for each of them."""
        return (~self.windows.any(dim=1)).tolist()


def starts(length: int, window: int) -> list[int]:
    """Where the windows of so many samples (or seconds) begin, of which the last ends where all ends."""
    if length <= window:
        return [0]
    return [*range(0, length - window, window), length - window]


def hear(
    path: str | Path, rate: int, clip: float, resampling: Resampling = PRESENT
) -> tuple[Heard, Recording]:
    """A recording in windows of `clip` seconds at `rate` hertz, and as it was read.

    One that is no longer than a clip is prepared as for the training. Raises UnusableRecording.
    """
    recording, samples = read_recording(path), round(rate * clip)
    length = round(len(recording.wave) * rate / recording.rate)
    if length <= samples:
        waves, places = fitted([recording], rate, samples, resampling), [0]
    else:
        whole = resample(torch.from_numpy(recording.wave)[None], recording.rate, rate, resampling)[0]
        places = starts(min(length, len(whole)), samples)
        waves = torch.stack([whole[place : place + samples] for place in places])
    times = tuple(place / rate for place in places)
    notes = tuple(_notes(recording, rate, clip, len(places)))
    return Heard(str(path), to_int16(waves), times, recording.seconds, notes), recording


def _notes(recording: Recording, rate: int, clip: float, windows: int) -> Iterator[str]:
    """What was done to one recording, in words."""
    if recording.silent:
        yield "it is silent"
    yield from done_to(recording.channels, recording.cancelled, recording.rescaled, recording.rate, rate)
    if windows > 1:
        yield f"it is {recording.seconds:.4g} s long: heard in {windows} windows of {clip:g} s"


def done_to(channels: int, cancelled: bool, rescaled: bool, own: int, rate: int) -> Iterator[str]:
    """What is done to a sound of rate `own` before it is heard at `rate`, in words."""
    if cancelled:
        yield "its channels cancel out when they are mixed: the loudest is heard alone"
    elif channels > 1:
        yield f"its {channels} channels were mixed down"
    if rescaled:
        yield "its samples above full scale were brought down to it"
    if own != rate:
        yield f"it was resampled from {own} Hz to {rate} Hz"


def hear_all(
    paths: Iterable[str | Path], rate: int, clip: float, resampling: Resampling, told: Decoded
) -> Iterator[Heard]:
    """Recordings in windows, one after the other; `told` counts what was done, and lists the unusable."""
    for index, path in enumerate(paths):
        try:
            heard, recording = hear(path, rate, clip, resampling)
        except UnusableRecording as error:
            told.skipped.append((str(path), str(error)))
            continue
        told.count(index, recording, round(rate * clip), rate)
        yield heard


def in_windows(data: DataSet, window: float) -> DataSet:
    """The data set with the windows of clips longer than `window` seconds, on the sides of the clips."""
    lengths: dict[str, float] = {}
    clips: list[Clip] = []
    longer = 0
    for clip in data.clips:
        if clip.path not in lengths:
            lengths[clip.path] = _seconds(clip.path)
        first, last = clip.segment or (0.0, lengths[clip.path])
        last = min(last, lengths[clip.path])
        milliseconds = starts(round(1000 * (last - first)), round(1000 * window))
        if len(milliseconds) < 2:
            clips.append(clip)
            continue
        longer += 1
        for place in milliseconds:
            start = round(first + place / 1000, 3)
            clips.append(replace(clip, segment=(start, round(start + window, 3)), whole=clip.key))
    if not longer:
        return data
    note = (
        f"{longer} of {len(data.clips)} recordings are longer than {window:g} s: all are {len(clips)} "
        "windows, those of one recording on one side of the split"
    )
    return replace(data, clips=tuple(clips), notes=(*data.notes, note))


def _seconds(path: str) -> float:
    """The length of a recording by its header; 0 where it cannot be read."""
    import soundfile

    try:
        facts = soundfile.info(named(path))
        return float(facts.frames / facts.samplerate)
    except (OSError, RuntimeError, ValueError, TypeError, ZeroDivisionError):
        return 0.0
