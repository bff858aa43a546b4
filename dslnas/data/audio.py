"""Reads one recording: wav, flac or ogg, any rate, any length, any number of channels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    with opened(path, channel, segment) as sound:
        blocks, frames = sound.waves(), sound.frames
        length = frames if clip is None else max(1, round(clip * sound.rate))
        wave = _joined(blocks, frames) if frames <= length else loudest(blocks, length)
        return Recording(
            wave, sound.rate, sound.channels, sound.seconds, sound.scale is not None, sound.levels.cancelled
        )


@contextmanager
def opened(path: str | Path, channel: int | None = None, segment: Segment | None = None) -> Iterator[Sound]:
    """A context with a recording to read in blocks; raises UnusableRecording as `read_recording` does."""
    import soundfile

    path = Path(path)
    try:
        if path.stat().st_size == 0:
            raise UnusableRecording("the file is empty")
        _check_header(path)
        with soundfile.SoundFile(named(path)) as file:
            start, frames = _extent(file.frames, file.samplerate, segment)
            if channel is not None and channel > file.channels:
                raise UnusableRecording(f"it has no channel {channel}, only {file.channels}")
            sound = Sound(file, start, frames, Levels(file.channels, channel))
            sound.measure()
            yield sound
    except OSError as error:
        raise UnusableRecording(f"it cannot be read: {error.strerror or error}") from None
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        raise UnusableRecording(f"it cannot be read: {_reason(error)}") from None


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


@dataclass
class Levels:
    """How loud a sound is that comes in blocks, by which it is decided what is heard of it.

    only: the one of its channels that is heard, from 1; None: all of them. Channels are mixed; where they
    cancel each other out, the loudest is heard alone.
    """

    channels: int
    only: int | None = None
    mixed_energy: float = field(default=0.0, init=False)
    mixed_peak: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._energies, self._peaks = np.zeros(self.channels), np.zeros(self.channels)

    def add(self, block: Wave) -> None:
        """Count the samples (n, channels) that come next."""
        self._energies += np.square(block, dtype=np.float64).sum(axis=0)
        self._peaks = np.maximum(self._peaks, np.abs(block).max(axis=0, initial=0.0))
        mixed = _heard(block, self.only)
        self.mixed_energy += float(np.dot(mixed, mixed))
        self.mixed_peak = max(self.mixed_peak, float(np.abs(mixed).max(initial=0.0)))

    @property
    def kept(self) -> int:
        """How many of its channels are heard, before any cancel each other out."""
        return self.channels if self.only is None else 1

    @property
    def cancelled(self) -> bool:
        """Whether its channels cancel each other out when they are mixed."""
        return self.kept > 1 and self.mixed_energy < _CANCELLED * float(self._energies.max())

    @property
    def heard(self) -> int | None:
        """The channel that is heard, from 1; None where all are mixed."""
        return 1 + int(np.argmax(self._energies)) if self.cancelled else self.only

    @property
    def peak(self) -> float:
        """The largest sample of what is heard."""
        heard = self.heard
        return self.mixed_peak if heard is None else float(self._peaks[heard - 1])

    def mono(self, block: Wave, scale: float | None = None) -> Wave:
        """What is heard of samples (n, channels), divided by a scale: (n,)."""
        heard = _heard(block, self.heard)
        return heard if scale is None else heard / np.float32(scale)


@dataclass
class Sound:
    """A part of an open file, read in blocks as often as it is needed; a single block is read once.

    A long recording thus takes no more memory than a block of it, and what is made of it.
    """

    file: Any
    start: int
    frames: int
    levels: Levels
    scale: float | None = None
    _only: Wave | None = None

    @property
    def rate(self) -> int:
        """Its rate in hertz."""
        return int(self.file.samplerate)

    @property
    def channels(self) -> int:
        """How many channels are mixed."""
        return self.levels.kept

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / self.rate

    def _blocks(self) -> Iterator[Wave]:
        """The blocks (n, channels); raises UnusableRecording where they are truncated or not finite."""
        if self._only is not None:
            yield self._only
            return
        self.file.seek(self.start)
        filled = 0
        while filled < self.frames:
            block = self.file.read(min(_BLOCK, self.frames - filled), dtype="float32", always_2d=True)
            if not len(block):
                raise UnusableRecording(f"it is truncated: {filled} of {self.frames} frames are there")
            if not np.isfinite(block).all():
                raise UnusableRecording("it holds NaN or infinite samples")
            if len(block) == self.frames:
                self._only = block
            filled += len(block)
            yield block

    def measure(self) -> None:
        """Read all of it, to know how loud it is."""
        for block in self._blocks():
            self.levels.add(block)
        floating = self.file.subtype in ("FLOAT", "DOUBLE")
        self.scale = _scale(self.levels.peak) if floating else None

    def waves(self) -> Iterator[Wave]:
        """What is heard of it, in blocks (n,) in [-1, 1]."""
        for block in self._blocks():
            yield self.levels.mono(block, self.scale)


def _heard(block: Wave, channel: int | None) -> Wave:
    """The mixture of a block (n, channels), or one of its channels: (n,)."""
    if channel is None and block.shape[1] > 1:
        mixed: Wave = block.mean(axis=1, dtype=np.float32)
        return mixed
    return np.ascontiguousarray(block[:, 0 if channel is None else channel - 1])


def _joined(blocks: Iterable[Wave], frames: int) -> Wave:
    wave: Wave = np.empty(frames, np.float32)
    filled = 0
    for block in blocks:
        wave[filled : filled + len(block)] = block
        filled += len(block)
    return wave


def _scale(peak: float) -> float | None:
    """What the samples of a recording are divided by, so that they are in [-1, 1]; None where they are.

    Samples as large as those of an integer type are divided by the full scale of the smallest such type, so
    that recordings of one kind keep their levels to each other; a little too loud ones by their peak.
    """
    if peak <= 1.0:
        return None
    if peak <= _AS_NUMBERS:
        return peak
    return next((2.0**bits for bits in (7, 15, 23, 31) if peak <= 2.0**bits), peak)


def _reason(error: Exception) -> str:
    """The message of libsndfile without the path in front of it."""
    text = str(getattr(error, "error_string", error))
    if "does not exist" in text:  # said of a file that is there and holds no sound
        return "it holds no sound in a format that is known"
    return text.strip().rstrip(".").lower() or type(error).__name__


def loudest(blocks: Iterable[Wave], length: int) -> Wave:
    """The window of `length` samples with the highest energy in a wave that comes in blocks.

    The first one where several have it; all of a wave that is no longer. Blocks that have gone by are not
    kept but for the last `length` samples.
    """
    best, found = -1.0, None
    wave: Wave = np.empty(0, np.float32)  # the samples from the first window on that is not looked at yet
    energy = np.zeros(1)  # of all before each of them, and before the one that comes next
    for block in blocks:
        more = np.empty(len(block) + 1)
        more[0] = energy[-1]
        np.square(block, out=more[1:], dtype=np.float64)
        np.cumsum(more, out=more)
        wave, energy = np.concatenate([wave, block]), np.concatenate([energy, more[1:]])
        if (count := len(energy) - length) <= 0:
            continue
        windows = energy[length:] - energy[:count]
        place = int(np.argmax(windows))
        if windows[place] > best:
            best, found = float(windows[place]), wave[place : place + length].copy()
        wave, energy = wave[count:], energy[count:]
    return wave if found is None else found


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
