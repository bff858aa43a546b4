"""Folders, tables and recordings as people have them (`cases`), each with what is to be made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dslnas.data import DataSet, open_data
from dslnas.data.audio import read_recording
from dslnas.data.dataset import SPLITS
from dslnas.data.own.survey import survey, warnings

BOTH = ("high", "low")
TORN = "12 recordings and their copies stand on several sides"
CASES = {
    "folder:c01a_train_val": (
        BOTH,
        (10, 12, 2),
        ("taken so: train/, val/ are the sides", "test: a fifth of each"),
    ),
    "folder:c01d_train_test_extra": (
        BOTH,
        (10, 2, 12),
        ("taken so: test/, train/ are the sides", "left out the folder extra/ with 12 recordings"),
    ),
    "folder:c09_dups": (
        BOTH,
        (27, 4, 10),
        ("21 recordings are copies", "high/was_low.wav = low/copy of low_00.wav"),
    ),
    "csv:csv/12_case_labels.csv": (
        ("High", "Low"),
        (10, 2, 4),
        ("`high` is taken as `High`, `low` is taken as `Low`",),
    ),
    "csv:csv/24_start_end.csv": (BOTH, (10, 2, 4), ()),
    "csv:csv/25_segments_one_file.csv": (
        BOTH,
        (6, 2, 2),
        ("segments of one recording stand on several sides",),
    ),
    "csv:csv/31_speaker_one_missing.csv": (
        BOTH,
        (8, 4, 4),
        ("1 of 16 recordings have no speaker or group: audio/low/low_03.wav", "whole groups"),
    ),
}
LEFT_ALONE = {name: [TORN] for name in CASES if name.startswith("folder:c01")}  # the sides are the user's


def opened(case: str, root: Path, cache: Path) -> DataSet:
    kind, _, path = case.partition(":")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(cache))
        return open_data(f"{kind}:{root / path}")


@pytest.mark.parametrize("case", CASES)
def test_a_set_is_taken_as_it_is_meant(case: str, cases_root: Path, tmp_path: Path) -> None:
    classes, counts, notes = CASES[case]
    data = opened(case, cases_root, tmp_path)
    assert data.classes == classes and not data.skipped
    assert tuple(data.count(split) for split in SPLITS) == counts
    for words in notes:
        assert sum(words in note for note in data.notes) == 1, words
    looked = survey(data)
    assert not looked.left_out and {(look.rate, look.channels) for look in looked.usable} == {(16000, 1)}
    assert all(np.isclose(look.level, -13.4, atol=0.3) for look in looked.usable)
    assert [told.split(":")[0] for told in warnings(looked)] == LEFT_ALONE.get(case, [])


@pytest.mark.parametrize(("table", "seconds"), [("24_start_end.csv", 0.5), ("25_segments_one_file.csv", 0.1)])
def test_a_segment_is_its_part_of_the_recording(
    table: str, seconds: float, cases_root: Path, tmp_path: Path
) -> None:
    for clip in opened(f"csv:csv/{table}", cases_root, tmp_path).clips:
        assert clip.segment is not None
        whole, part = read_recording(clip.path), read_recording(clip.path, segment=clip.segment)
        start = round(clip.segment[0] * whole.rate)
        assert len(part.wave) == round(seconds * whole.rate)
        assert np.array_equal(part.wave, whole.wave[start : start + len(part.wave)])


def test_a_speaker_never_stands_on_two_sides(cases_root: Path, tmp_path: Path) -> None:
    data = opened("csv:csv/31_speaker_one_missing.csv", cases_root, tmp_path)
    sides = {
        speaker: {clip.split for clip in data.clips if clip.group == speaker}
        for speaker in ("s0", "s1", "s2", "s3")
    }
    assert all(len(own) == 1 for own in sides.values())
    assert len({side for own in sides.values() for side in own}) == 3


@pytest.mark.parametrize("name", ["high_01.wav", "high_05.wav"])
def test_a_header_that_knows_no_length_hides_nothing(name: str, cases_root: Path) -> None:
    streamed, filed = (
        read_recording(cases_root / folder / name).wave for folder in ("stream", "csv/audio/high")
    )
    assert np.array_equal(streamed, filed)


def test_channels_that_cancel_and_whole_numbers_as_floats_are_one_sound(cases_root: Path) -> None:
    """The same tone in both, in the louder of the channels upside down."""
    channels = read_recording(cases_root / "clips/c12_antiphase.wav")
    numbers = read_recording(cases_root / "clips/c12_float_int_scale.wav")
    assert (channels.cancelled, channels.rescaled, channels.channels) == (True, False, 2)
    assert (numbers.cancelled, numbers.rescaled, numbers.channels) == (False, True, 1)
    assert np.abs(channels.wave + numbers.wave).max() < 1e-4 < 0.3 < np.abs(channels.wave).max()
