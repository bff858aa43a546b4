"""Speech Commands v0.02 (Warden, arXiv:1804.03209): `{word}/{speaker}_nohash_{n}.wav`, 16 kHz, up to 1 s.

Official split: `validation_list.txt` and `testing_list.txt`, the rest trains. Where the lists are missing,
the rule that made them: a hash of the speaker, so that no speaker is in two splits.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import SPEAKERS_ARE_OUT, Clip, DataOptions, DataSet, SplitName

_NAME = re.compile(r"(.+)_nohash_[0-9]+")
_BUCKETS = 2**27  # the rule's own constant: hashes are reduced to this many values before the percentage


def read_speech_commands(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips of the words in `known.classes`; the official split already holds speakers out."""
    listed = _lists(folder)
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for label, word in enumerate(known.classes):
        for path in sorted((folder / word).glob("*.wav")):
            match = _NAME.fullmatch(path.stem)
            if match is None:
                skipped.append((str(path), "its name is not `{speaker}_nohash_{n}.wav`"))
                continue
            speaker = match[1]
            split = listed.get(f"{word}/{path.name}", "train") if listed else hashed_split(speaker)
            clips.append(Clip(str(path), label, split, speaker))
    notes = [] if listed else ["no official lists found: split by the official rule"]
    if options.split == "speaker":
        notes.append(SPEAKERS_ARE_OUT)
    noises = sorted((folder / "_background_noise_").glob("*.wav"))
    return DataSet.of(known, clips, notes=notes, skipped=skipped, noises=noises)


def _lists(folder: Path) -> dict[str, SplitName]:
    """The split of each path in the official lists; empty where either list is missing."""
    splits: dict[str, SplitName] = {}
    names: tuple[tuple[str, SplitName], ...] = (
        ("validation_list.txt", "validation"),
        ("testing_list.txt", "test"),
    )
    for name, split in names:
        path = folder / name
        if not path.exists():
            return {}
        try:
            lines = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise fail("N0604", f"the list {path} cannot be read: {error}") from None
        splits.update(dict.fromkeys(lines, split))
    return splits


def hashed_split(speaker: str) -> SplitName:
    """The rule behind the official lists: SHA-1 of the speaker, 10 % validation, 10 % test."""
    value = int(hashlib.sha1(speaker.encode(), usedforsecurity=False).hexdigest(), 16) % _BUCKETS
    percent = value * 100 / (_BUCKETS - 1)
    if percent < 10:
        return "validation"
    return "test" if percent < 20 else "train"
