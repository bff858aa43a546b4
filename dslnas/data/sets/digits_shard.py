"""Synthesises one shard of spoken digits with eSpeak NG. Runs as a script, in a fresh process per shard.

    python -P digits_shard.py SEED CLIPS SHARD FOLDER

The output of eSpeak NG depends on the calls before it, and its random seed does not reset that: only a fresh
process with the same seed and the same order of calls gives the same samples. The shards and their order are
therefore fixed, however many of them run at a time. The script imports nothing of this package, so that it
runs wherever the package lies.
"""

from __future__ import annotations

import ctypes
import hashlib
import random
import sys
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SHARDS = 8
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = (
    "en-us",
    "en",
    "en-gb-scotland",
    "en-gb-x-rp",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
    "en-us-nyc",
)
# Seven of ten blocks of clips train, one validates, two test.
_BLOCKS = ("train",) * 7 + ("validation",) + ("test",) * 2
_NO_SPEAKERS = ("whisper", "robo", "demonic", "croak", "mr serious")  # parts of the names of variants
_RATE, _PITCH, _RANGE, _CHARS_UTF8, _SYNCHRONOUS = 1, 3, 4, 1, 2  # constants of espeak's speak_lib.h

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Utterance:
    """One clip to be spoken; the speaker is the variant, whatever accent it speaks in."""

    index: int
    word: str
    split: str
    variant: str
    accent: str
    speed: int  # words a minute
    pitch: int  # 0 .. 100
    range: int  # of the pitch, 0 .. 100

    @property
    def file(self) -> str:
        """The path of its wav file, relative to the folder of the data set."""
        return f"{self.split}/{self.word}/{self.index:06}_{self.accent}_{self.variant}.wav"


def speakers(variants: list[str]) -> dict[str, list[str]]:
    """The variants of each split. Numbered ones (`steph`, `steph2`) are one family and stay together."""
    families: dict[str, list[str]] = {}
    for variant in sorted(variants):
        if any(part in variant.lower() for part in _NO_SPEAKERS):
            continue
        stem = variant.lower().rstrip("0123456789")
        families.setdefault(stem if len(stem) > 1 else variant, []).append(variant)
    order = sorted(families, key=lambda family: hashlib.sha256(family.encode()).hexdigest())
    splits: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for place, family in enumerate(order):
        splits[_BLOCKS[place * len(_BLOCKS) // len(order)]] += families[family]
    return splits


def plan(seed: int, clips: int, variants: list[str]) -> Iterator[Utterance]:
    """All utterances; every ten of them say each digit once, in one split."""
    by_split = speakers(variants)
    for index in range(clips):
        split = _BLOCKS[index // 10 % len(_BLOCKS)]
        chance = random.Random(f"digits {seed} {index}")
        yield Utterance(
            index,
            WORDS[index % 10],
            split,
            chance.choice(by_split[split]),
            chance.choice(ACCENTS),
            chance.randint(120, 240),
            chance.randint(20, 80),
            chance.randint(20, 80),
        )


def recorded(speech: Samples, rate: int, chance: np.random.Generator) -> npt.NDArray[np.int16]:
    """One second that holds the speech as if recorded: at a random place, in a small room, with noise.

    Room: an exponentially decaying echo of 50-400 ms, 5-25 dB below the voice. Level: -35 to -12 dB of full
    scale (RMS of the speech). Noise: power 1/f^0..2, 5-35 dB below the speech.
    """
    loud = np.flatnonzero(np.abs(speech) > 0.01 * np.abs(speech).max(initial=1e-9))
    speech = speech[loud[0] : loud[-1] + 1][:rate].copy() if len(loud) else np.zeros(1)
    ramp = np.linspace(0, 1, min(rate // 100, len(speech)))  # eSpeak stops at once, with a click
    speech[: len(ramp)] *= ramp
    speech[-len(ramp) :] *= ramp[::-1]
    start = chance.integers(0, rate - len(speech) + 1)
    clip = np.zeros(rate)
    clip[start : start + len(speech)] = speech / max(float(np.sqrt(np.mean(speech**2))), 1e-9)
    decay = chance.uniform(0.05, 0.4) * rate
    echo = chance.standard_normal(rate // 2) * np.exp(-6.9 * np.arange(rate // 2) / decay)
    echo *= _decibels(chance.uniform(-25, -5)) / np.sqrt(np.sum(echo**2))
    echo[0] = 1
    length = rate + rate // 2  # of their convolution
    clip = np.fft.irfft(np.fft.rfft(clip, length) * np.fft.rfft(echo, length), length)[:rate]
    colour = np.arange(1, rate // 2 + 2) ** (-chance.uniform(0, 1))
    noise = np.fft.irfft(np.fft.rfft(chance.standard_normal(rate)) * colour, rate)
    clip += noise / np.std(noise) * _decibels(chance.uniform(-35, -5))
    clip *= _decibels(chance.uniform(-35, -12))
    return (clip.clip(-1, 1) * 32767).round().astype(np.int16)


def _decibels(value: float) -> float:
    return float(10 ** (value / 20))


class Espeak:
    """eSpeak NG through ctypes: `say` returns the samples of a word, at `rate` hertz."""

    def __init__(self, seed: int) -> None:
        import espeakng_loader

        data = Path(espeakng_loader.get_data_path())
        self.variants = [path.name for path in (data / "voices" / "!v").iterdir()]
        self.library: Any = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        self.rate: int = self.library.espeak_Initialize(_SYNCHRONOUS, 0, str(data.parent).encode(), 0x8000)
        if self.rate <= 0:
            raise RuntimeError("eSpeak NG does not start")
        self.chunks: list[bytes] = []
        self.callback = _callback(self.chunks.append)  # espeak holds no reference: this one must live on
        self.library.espeak_SetSynthCallback(self.callback)
        self.library.espeak_ng_SetRandSeed(ctypes.c_long(seed))

    def say(self, utterance: Utterance) -> Samples:
        """The spoken word in [-1, 1]. Raises RuntimeError where eSpeak NG lacks the voice."""
        voice = f"{utterance.accent}+{utterance.variant}"
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"eSpeak NG has no voice {voice}")
        settings = ((_RATE, utterance.speed), (_PITCH, utterance.pitch), (_RANGE, utterance.range))
        for parameter, value in settings:
            self.library.espeak_SetParameter(parameter, value, 0)
        self.chunks.clear()
        text = utterance.word.encode()
        self.library.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 0, 0, _CHARS_UTF8, None, None)
        self.library.espeak_Synchronize()
        return np.frombuffer(b"".join(self.chunks), dtype=np.int16).astype(np.float64) / 32768


def _callback(keep: Callable[[bytes], None]) -> Any:
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

    def receive(samples: int | None, count: int, events: int | None) -> int:
        if samples and count > 0:
            keep(ctypes.string_at(samples, 2 * count))
        return 0

    return kind(receive)


def synthesise(seed: int, clips: int, shard: int, folder: Path) -> None:
    """Write the wav files of one shard below `folder`, and the table of them to `folder/SHARD.csv`."""
    espeak = Espeak(seed * SHARDS + shard + 1)
    rows: list[str] = []
    for utterance in plan(seed, clips, espeak.variants):
        if utterance.index % SHARDS != shard:
            continue
        samples = recorded(espeak.say(utterance), espeak.rate, np.random.default_rng([seed, utterance.index]))
        path = folder / utterance.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(espeak.rate)
            file.writeframes(samples.astype("<i2").tobytes())
        rows.append(f"{utterance.file},{utterance.word},{utterance.split},{utterance.variant}\n")
    (folder / f"{shard}.csv").write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    synthesise(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
