"""Decodes recordings to one tensor: mixed down, resampled to one rate, and fitted to one length."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from .audio import Recording, UnusableRecording, read_recording
from .dataset import OnProgress, Segment
from .resampling import PRESENT, Resampling, resample

_BATCH = 64
# What a recording may be, and what that means.
TRAITS = {
    "rescaled": "have samples above full scale and were brought down to it",
    "cancelled": "have channels that cancel out when they are mixed: the loudest is heard alone",
    "silent": "are silent",
}
LOUDEST = "are longer than {clip:g} s: their loudest stretch is used"
NOISE_LIMIT = 120.0  # seconds of one noise recording that are used


@dataclass
class Decoded:
    """The result of decoding recordings.

    raw: int16 (kept files, samples); kept: indices of the files that are in it; skipped: (path, reason) of
    the others; mixed, longer: how many have several channels, or are longer than a clip; rates: how many
    have each rate, in hertz; traits: how many are what `TRAITS` names.
    """

    raw: Tensor
    kept: list[int] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    mixed: int = 0
    longer: int = 0
    rates: Counter[int] = field(default_factory=Counter)
    traits: Counter[str] = field(default_factory=Counter)

    def count(self, index: int, recording: Recording, samples: int, rate: int) -> None:
        """Count a recording that is used, for clips of so many samples at `rate` hertz."""
        self.kept.append(index)
        self.mixed += recording.channels > 1
        self.longer += round(recording.seconds * rate) > samples
        self.rates[recording.rate] += 1
        for trait in TRAITS:
            self.traits[trait] += getattr(recording, trait)

    def add(self, more: Decoded, before: int) -> None:
        """Count what was done to further recordings, but no waves. before: how many files come before."""
        self.kept += [before + index for index in more.kept]
        self.skipped += more.skipped
        self.mixed += more.mixed
        self.longer += more.longer
        self.rates += more.rates
        self.traits += more.traits

    def notes(self, rate: int, clip: float, longer: str = LOUDEST) -> list[str]:
        """What was done to the recordings to make clips of so many hertz and seconds of them, in words.

        longer: what becomes of those that are longer than a clip.
        """
        total = len(self.kept)
        said = [(self.mixed, "have several channels and were mixed down")]
        said += [(self.traits[trait], text) for trait, text in TRAITS.items()]
        said += [
            (count, f"were resampled from {own} Hz to {rate} Hz")
            for own, count in sorted(self.rates.items())
            if own != rate
        ]
        said.append((self.longer, longer.format(clip=clip)))
        return [f"{count} of {total} recordings {text}" for count, text in said if count]


def nothing_decoded() -> Decoded:
    """The result of decoding no recording, to which others are added."""
    return Decoded(torch.zeros(0, dtype=torch.int16))


def decode(
    paths: Sequence[str],
    rate: int,
    clip: float,
    on_progress: OnProgress,
    resampling: Resampling = PRESENT,
    channels: Sequence[int | None] = (),
    segments: Sequence[Segment | None] = (),
    into: Callable[[Tensor], None] | None = None,
) -> Decoded:
    """Decode recordings to `rate` hertz and `clip` seconds each.

    A longer recording is cut to its loudest stretch, a shorter one stands in the middle of silence.
    channels: the channel of each, where one of several is wanted and not their mixture. segments: the part of
    each that is the clip. into: takes the waves in batches (n, samples), in order; then `raw` has none.
    """
    samples = round(rate * clip)
    decoded = Decoded(torch.zeros(0 if into else len(paths), samples, dtype=torch.int16))
    for start, batch in _batches(
        paths, clip, channels or [None] * len(paths), segments or [None] * len(paths)
    ):
        usable: list[Recording] = []
        for index, result in enumerate(batch, start):
            if isinstance(result, Recording):
                usable.append(result)
                decoded.count(index, result, samples, rate)
            else:
                decoded.skipped.append((paths[index], str(result)))
        filled = len(decoded.kept)
        waves = to_int16(fitted(usable, rate, samples, resampling))
        if into is None:
            decoded.raw[filled - len(usable) : filled] = waves
        else:
            into(waves)
        on_progress("reading recordings", start + len(batch), len(paths))
    decoded.raw = decoded.raw[: len(decoded.kept)]
    return decoded


def _batches(
    paths: Sequence[str], clip: float, channels: Sequence[int | None], segments: Sequence[Segment | None]
) -> Iterator[tuple[int, list[Recording | UnusableRecording]]]:
    """Batches of recordings in order, read by a few threads, each with the index of its first."""

    def read(path: str, channel: int | None, segment: Segment | None) -> Recording | UnusableRecording:
        try:
            return read_recording(path, clip, channel, segment)
        except UnusableRecording as error:
            return error

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for start in range(0, len(paths), _BATCH):
            batch = (told[start : start + _BATCH] for told in (paths, channels, segments))
            yield start, list(pool.map(read, *batch))


def fitted(recordings: Sequence[Recording], rate: int, samples: int, resampling: Resampling) -> Tensor:
    """The recordings as float32 (N, samples) at `rate`; those of one rate are resampled together."""
    waves = torch.zeros(len(recordings), samples)
    for own in sorted({recording.rate for recording in recordings}):
        indices = [index for index, recording in enumerate(recordings) if recording.rate == own]
        lengths = [len(recordings[index].wave) for index in indices]
        joined = torch.zeros(len(indices), max(lengths))
        for row, (index, length) in enumerate(zip(indices, lengths, strict=True)):
            joined[row, :length] = torch.from_numpy(recordings[index].wave)
        for index, length, wave in zip(
            indices, lengths, resample(joined, own, rate, resampling), strict=True
        ):
            wave = wave[: min(max(1, round(length * rate / own)), samples)]
            place = (samples - len(wave)) // 2
            waves[index, place : place + len(wave)] = wave
    return waves


def to_int16(waves: Tensor) -> Tensor:
    """Waves in [-1, 1] in steps of 16 bits."""
    return (waves * 32768).round().clamp(-32768, 32767).to(torch.int16)


def read_noise(
    paths: Sequence[Path], rate: int, resampling: Resampling = PRESENT
) -> tuple[Tensor | None, list[tuple[str, str]]]:
    """Noise recordings one after the other as float32 (samples,) at `rate`; those that cannot be read.

    Of each the loudest two minutes at most. None where there is no noise.
    """
    waves: list[Tensor] = []
    skipped: list[tuple[str, str]] = []
    for path in paths:
        try:
            recording = read_recording(path, NOISE_LIMIT)
        except UnusableRecording as error:
            skipped.append((str(path), str(error)))
            continue
        waves.append(resample(torch.from_numpy(recording.wave), recording.rate, rate, resampling))
    return (torch.cat(waves) if waves else None), skipped
