"""Sound that goes on: read in blocks, and heard in windows that slide over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..audio import Levels, Wave, opened
from ..resampling import PRESENT, Resampling, resampled
from ..waves import to_int16
from .windows import done_to


@dataclass(frozen=True)
class Window:
    """A window of a stream. middle: where it is, in samples from the beginning; wave: int16 (samples,)."""

    middle: int
    wave: Tensor


def from_file(
    path: str | Path,
    rate: int,
    resampling: Resampling = PRESENT,
    tell: Callable[[str], None] = lambda note: None,
) -> Iterator[Tensor]:
    """A recording in blocks at `rate` hertz, float32 (n,), mixed and levelled as `read_recording` does.

    tell: is told what is done to it, in a line each. Raises UnusableRecording as `read_recording` does.
    """
    with opened(path) as sound:
        levels, rescaled = sound.levels, sound.scale is not None
        for note in done_to(sound.channels, levels.cancelled, rescaled, sound.rate, rate):
            tell(note)
        yield from resampled(map(torch.from_numpy, sound.waves()), sound.rate, rate, resampling)


def from_blocks(
    blocks: Iterable[Wave], channels: int, own: int, rate: int, resampling: Resampling = PRESENT
) -> Iterator[Tensor]:
    """Blocks (n, channels) in [-1, 1] of rate `own`, as they come from a microphone, as `from_file`.

    Whether channels cancel each other out is judged by what has come so far.
    """
    levels = Levels(channels)

    def mono() -> Iterator[Tensor]:
        for block in blocks:
            levels.add(block)
            yield torch.from_numpy(levels.mono(block))

    return resampled(mono(), own, rate, resampling)


def sliding(blocks: Iterable[Tensor], samples: int, hop: int) -> Iterator[Window]:
    """Windows of so many samples over a stream of blocks (n,) in [-1, 1], one every `hop` samples.

    The middle of the first is where the stream begins, that of the last less than a hop from its end; what
    they cover beyond both is silence.
    """
    assert hop <= samples, "what lies between windows would not be heard"
    before = samples // 2
    waiting, start = torch.zeros(before), 0

    def ready(last: int) -> Iterator[Window]:
        nonlocal waiting, start
        place = 0
        while place + samples <= len(waiting) and start + place < last:
            yield Window(start + place, to_int16(waiting[place : place + samples]))
            place += hop
        waiting, start = waiting[place:], start + place

    length = 0
    for block in blocks:
        length += len(block)
        waiting = torch.cat([waiting, block])
        yield from ready(length)
    waiting = torch.cat([waiting, torch.zeros(samples - before)])
    yield from ready(max(length, 1))
