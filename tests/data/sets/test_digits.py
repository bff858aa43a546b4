"""Synthesised digits: the same samples every time, no speaker in two splits, every digit everywhere."""

from __future__ import annotations

import importlib.util
import wave
from pathlib import Path

import numpy as np
import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, open_data
from dslnas.data.dataset import silent
from dslnas.data.sets.digits import run_shards
from dslnas.data.sets.digits_shard import plan, recorded, speakers

VARIANTS = ["m1", "m2", "f1", "steph", "steph2", "klatt", "klatt2", "robosoft3", "whisper", "UniRobot"]
VARIANTS += [f"voice{letter}" for letter in "abcdefghijklmnop"]
needs_espeak = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


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


@needs_espeak
def test_the_same_samples_whatever_the_number_of_workers(tmp_path: Path) -> None:
    made = []
    for seed, workers in ((5, 1), (5, 3), (6, 3)):
        folder = tmp_path / f"{seed}-{workers}"
        folder.mkdir()
        run_shards(seed, 104, folder, workers, silent)
        made.append(contents(folder))
    assert len(made[0]) == 105
    assert made[0] == made[1]
    assert made[0] != made[2]


@needs_espeak
def test_digits_are_cached_and_mended(tmp_path: Path) -> None:
    told: list[int] = []
    options = DataOptions(clips=100, seed=1, cache=tmp_path)
    data = open_data("digits", None, options, lambda text, done, total: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 100
    assert [data.count(split) for split in SPLITS] == [70, 10, 20]
    groups = [{clip.group for clip in data.clips if clip.split == split} for split in SPLITS]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert {clip.label for clip in data.clips if clip.split == "test"} == set(range(10))
    with wave.open(data.clips[0].path) as file:
        assert (file.getnchannels(), file.getnframes()) == (1, file.getframerate())
    before = contents(tmp_path)
    assert not any("/." in name and not name.endswith(".lock") for name in before)

    assert open_data("digits", None, options, lambda *what: pytest.fail("made again")) == data
    Path(data.clips[3].path).unlink()
    assert open_data("digits", None, options) == data
    assert contents(tmp_path) == before


def test_without_espeak_the_message_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dslnas.data.sets.digits.find_spec", lambda name: None)
    with pytest.raises(DslnasError) as error:
        open_data("digits", None, DataOptions(cache=tmp_path))
    assert error.value.diagnostics[0].code == "N0604"
    assert "pip install 'dslnas[digits]'" in error.value.diagnostics[0].help


def test_too_few_clips(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="12 clips") as error:
        open_data("digits", None, DataOptions(clips=12, cache=tmp_path))
    assert error.value.diagnostics[0].code == "N0603"
