"""Reads one recording: wav, flac or ogg, any rate, any length, any number of channels."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .dataset import Segment

Wave = npt.NDArray[np.float32]
# From this size on, and 0, the length in the header of a wav file is what a writer to a pipe leaves there
# because it does not know it yet: 0x7ffff000 (SoX), 0x7fffffff, 0x80000000, 0xffffffff (FFmpeg).
_UNKNOWN_SIZE = 0x7F000000
_BLOCK = 1 << 20  # frames
_CANCELLED = 0.01  # of the energy of the channels: a mixture with less has lost what they hold
_AS_NUMBERS = 16.0  # a level from which on samples are numbers of an integer type, kept as floating point


class UnusableRecording(Exception):
    """Raised for a recording that cannot be used, with the reason for the user."""


@dataclass(frozen=True)
class Recording:
    """A mono wave in [-1, 1] at its own rate in hertz.

    channels: the number mixed into it; seconds: the length of the whole recording, or of its segment.
    rescaled: its level was above full scale and was brought down to it. cancelled: mixed, its channels would
    have cancelled out, so that the loudest of them is heard alone.
    """

    wave: Wave
    rate: int
    channels: int
    seconds: float
    rescaled: bool = False
    cancelled: bool = False

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear in it."""
        return not self.wave.any()


def read_recording(
    path: str | Path, clip: float | None = None, channel: int | None = None, segment: Segment | None = None
) -> Recording:
    """Read a recording, mix its channels down, and cut it to its loudest window of `clip` seconds.

    channel: the only one that is read, from 1. segment: the part that is read. Raises UnusableRecording where
    it is missing, unreadable, empty, truncated, lacks that channel or segment, or holds NaN or infinity.
    """
    import soundfile

    path = Path(path)
    try:
        if path.stat().st_size == 0:
            raise UnusableRecording("the file is empty")
        _check_header(path)
        with soundfile.SoundFile(named(path)) as file:
            rate, channels = file.samplerate, file.channels
            start, frames = _extent(file.frames, rate, segment)
            if channel is not None and channel > channels:
                raise UnusableRecording(f"it has no channel {channel}, only {channels}")
            wave, energies = _mixed(file, start, frames, channel)
            kept = range(channels) if channel is None else [channel - 1]
            cancelled = len(kept) > 1 and _energy(wave) < _CANCELLED * max(energies)
            if cancelled:
                wave, _ = _mixed(file, start, frames, 1 + int(np.argmax(energies)))
            floating = file.subtype in ("FLOAT", "DOUBLE")
    except OSError as error:
        raise UnusableRecording(f"it cannot be read: {error.strerror or error}") from None
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        raise UnusableRecording(f"it cannot be read: {_reason(error)}") from None
    seconds = len(wave) / rate
    wave, rescaled = _in_full_scale(wave) if floating else (wave, False)
    if clip is not None:
        wave = loudest(wave, max(1, round(clip * rate)))
    return Recording(wave, rate, len(kept), seconds, rescaled, cancelled)


def named(path: str | Path) -> str | bytes:
    """A path as libsndfile takes it: as bytes, which need not be UTF-8, but where file names are no bytes."""
    return str(path) if os.name == "nt" else os.fsencode(path)


def _extent(frames: int, rate: int, segment: Segment | None) -> tuple[int, int]:
    """The first frame that is read, and how many; raises UnusableRecording where there are none."""
    if not frames:
        raise UnusableRecording("it has no samples")
    if segment is None:
        return 0, frames
    start, end = (min(round(second * rate), frames) for second in segment)
    if end <= start:
        raise UnusableRecording(f"it is {frames / rate:g} s long, and the clip begins at {segment[0]:g} s")
    return start, end - start


def _mixed(file: Any, start: int, frames: int, channel: int | None) -> tuple[Wave, list[float]]:
    """The mixture of an open file, or one of its channels, read in blocks; the energy of each channel."""
    file.seek(start)
    wave: Wave = np.empty(frames, np.float32)
    energies = np.zeros(file.channels)
    filled = 0
    while filled < frames:
        block = file.read(min(_BLOCK, frames - filled), dtype="float32", always_2d=True)
        if not len(block):
            raise UnusableRecording(f"it is truncated: {filled} of {frames} frames are there")
        if not np.isfinite(block).all():
            raise UnusableRecording("it holds NaN or infinite samples")
        energies += np.square(block, dtype=np.float64).sum(axis=0)
        one = channel - 1 if channel is not None else 0 if block.shape[1] == 1 else None
        wave[filled : filled + len(block)] = (
            block.mean(axis=1, dtype=np.float32) if one is None else block[:, one]
        )
        filled += len(block)
    return wave, energies.tolist()


def _energy(wave: Wave) -> float:
    return float(np.dot(wave, wave))


def _in_full_scale(wave: Wave) -> tuple[Wave, bool]:
    """A wave in [-1, 1], and whether it had to be brought there.

    Samples as large as those of an integer type are divided by the full scale of the smallest such type, so
    that recordings of one kind keep their levels to each other; a little too loud ones by their peak.
    """
    peak = float(np.abs(wave).max())
    if peak <= 1.0:
        return wave, False
    if peak <= _AS_NUMBERS:
        return wave / np.float32(peak), True
    scale = next((2.0**bits for bits in (7, 15, 23, 31) if peak <= 2.0**bits), peak)
    return wave / np.float32(scale), True


def _reason(error: Exception) -> str:
    """The message of libsndfile without the path in front of it."""
    text = str(getattr(error, "error_string", error))
    if "does not exist" in text:  # said of a file that is there and holds no sound
        return "it holds no sound in a format that is known"
    return text.strip().rstrip(".").lower() or type(error).__name__


def loudest(wave: Wave, length: int) -> Wave:
    """The window of `length` samples with the highest energy, the first one where several have it."""
    if len(wave) <= length:
        return wave
    energy = np.zeros(len(wave) + 1)
    np.square(wave, out=energy[1:], dtype=np.float64)
    np.cumsum(energy, out=energy)
    best, start = -1.0, 0
    for first in range(0, len(energy) - length, _BLOCK):  # in blocks: a long recording fills the memory
        last = min(first + _BLOCK, len(energy) - length)
        windows = energy[first + length : last + length] - energy[first:last]
        if (place := int(np.argmax(windows))) >= 0 and windows[place] > best:
            best, start = float(windows[place]), first + place
    return wave[start : start + length]


def _check_header(path: Path) -> None:
    """Raise where a wav file's header promises more bytes than are there; libsndfile reads on silently."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            return
        while len(chunk := file.read(8)) == 8:
            length = int.from_bytes(chunk[4:], "little")
            start = file.tell()
            if chunk[:4] == b"data":
                if 0 < length < _UNKNOWN_SIZE and start + length > size:
                    share = (size - start) / length
                    raise UnusableRecording(f"it is truncated: {share:.0%} of its samples are there")
                return
            file.seek(start + length + length % 2)
    raise UnusableRecording("it is truncated: the header has no samples after it")
