"""Reads one recording: wav, flac or ogg, any rate, any length, any number of channels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float32]
# A size that a writer to a pipe leaves in the header because it does not know the length yet.
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)


class UnusableRecording(Exception):
    """Raised for a recording that cannot be used, with the reason for the user."""


@dataclass(frozen=True)
class Recording:
    """A mono wave in [-1, 1] at its own rate in hertz.

    channels: the number mixed into it; seconds: the length of the whole recording.
    """

    wave: Wave
    rate: int
    channels: int
    seconds: float


def read_recording(path: str | Path, clip: float | None = None, channel: int | None = None) -> Recording:
    """Read a recording, mix its channels down, and cut it to its loudest window of `clip` seconds.

    channel: the only one that is read, from 1. Raises UnusableRecording where it is missing, unreadable,
    empty, truncated, lacks that channel, or holds NaN or infinity.
    """
    import soundfile

    path = Path(path)
    try:
        if path.stat().st_size == 0:
            raise UnusableRecording("the file is empty")
        _check_header(path)
        with soundfile.SoundFile(path) as file:
            promised, rate = file.frames, file.samplerate
            samples: Wave = file.read(dtype="float32", always_2d=True)
    except OSError as error:
        raise UnusableRecording(f"it cannot be read: {error.strerror or error}") from None
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        raise UnusableRecording(f"it cannot be read: {_reason(error)}") from None
    if len(samples) < promised:
        raise UnusableRecording(f"it is truncated: {len(samples)} of {promised} frames are there")
    if not len(samples):
        raise UnusableRecording("it has no samples")
    if not np.isfinite(samples).all():
        raise UnusableRecording("it holds NaN or infinite samples")
    if channel is not None:
        if channel > samples.shape[1]:
            raise UnusableRecording(f"it has no channel {channel}, only {samples.shape[1]}")
        samples = samples[:, channel - 1 : channel]
    wave: Wave = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)
    if clip is not None:
        wave = loudest(wave, max(1, round(clip * rate)))
    return Recording(wave, rate, samples.shape[1], len(samples) / rate)


def _reason(error: Exception) -> str:
    """The message of libsndfile without the path in front of it."""
    text = str(getattr(error, "error_string", error))
    return text.strip().rstrip(".").lower() or type(error).__name__


def loudest(wave: Wave, length: int) -> Wave:
    """The window of `length` samples with the highest energy, the first one where several have it."""
    if len(wave) <= length:
        return wave
    energy = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
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
                if length not in _UNKNOWN_SIZES and start + length > size:
                    share = (size - start) / length
                    raise UnusableRecording(f"it is truncated: {share:.0%} of its samples are there")
                return
            file.seek(start + length + length % 2)
    raise UnusableRecording("it is truncated: the header has no samples after it")
