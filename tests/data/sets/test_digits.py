"""Synthesised digits: the same samples every time, no speaker in two splits, every digit everywhere."""

from __future__ import annotations

import importlib.util
import wave
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, open_data
from dslnas.data.dataset import silent
from dslnas.data.sets.digits import run_shards

needs_espeak = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


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
