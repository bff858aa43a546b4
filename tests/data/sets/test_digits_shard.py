"""What is spoken by whom in synthesised digits, and one recording of it."""

from __future__ import annotations

import numpy as np

from dslnas.data import SPLITS
from dslnas.data.sets.digits_shard import plan, recorded, speakers

VARIANTS = ["m1", "m2", "f1", "steph", "steph2", "klatt", "klatt2", "robosoft3", "whisper", "UniRobot"]
VARIANTS += [f"voice{letter}" for letter in "abcdefghijklmnop"]


def test_speakers_are_in_one_split_with_their_family() -> None:
    splits = speakers(VARIANTS)
    everyone = [variant for split in SPLITS for variant in splits[split]]
    assert sorted(everyone) == sorted(v for v in VARIANTS if v not in ("robosoft3", "whisper", "UniRobot"))
    for family in (("steph", "steph2"), ("klatt", "klatt2")):
        assert sum(set(family) <= set(splits[split]) for split in SPLITS) == 1
    assert len(splits["train"]) > len(splits["test"]) > len(splits["validation"]) > 0


def test_the_plan_is_balanced() -> None:
    utterances = list(plan(0, 1000, VARIANTS))
    for split, count in (("train", 700), ("validation", 100), ("test", 200)):
        words = [u.word for u in utterances if u.split == split]
        assert len(words) == count
        assert {words.count(word) for word in words} == {count // 10}
    assert utterances == list(plan(0, 1000, VARIANTS))
    assert utterances != list(plan(1, 1000, VARIANTS))


def test_a_recording_is_one_second_of_any_speech() -> None:
    for samples in (0, 1, 5000, 40000):
        speech = np.sin(np.arange(samples) / 9)
        made = recorded(speech, 22050, np.random.default_rng(0))
        assert made.shape == (22050,)
        assert np.abs(made.astype(int)).max() > 20
