"""A look at a data set tells what is in it before anything is trained."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from making import tone
from recordings import speakers_of

from dslnas.data import open_data
from dslnas.data.own.survey import histogram, survey, to_json, warnings
from dslnas.report.recordings import write_page

MakeFolder = Callable[..., Path]


@pytest.fixture
def odd(make_folder: MakeFolder) -> str:
    """Two classes, one of them larger, with recordings of every kind that is told."""
    folder = make_folder()
    for index in range(30):
        soundfile.write(folder / f"low/more{index}.wav", tone(700 + index, 0.25, 16000), 16000)
    soundfile.write(folder / "low/silent.wav", np.zeros(4000), 8000)
    soundfile.write(folder / "low/loud.wav", np.clip(9 * tone(300, 0.5, 8000), -1, 1), 8000)
    wave = tone(300, 0.5, 8000)
    soundfile.write(folder / "low/phase.wav", np.stack([wave, -wave], axis=1), 8000)
    shutil.copy(folder / "high/3.wav", folder / "high/three.wav")
    (folder / "high/broken.wav").write_bytes(b"RIFF")
    return f"folder:{folder}"


def test_what_is_odd_is_told(odd: str) -> None:
    found = survey(open_data(odd))
    facts = to_json(found)
    assert json.loads(json.dumps(facts)) == facts
    high, low = facts["classes"]
    assert (high["clips"], low["clips"]) == (11, 43)
    assert facts["rates"] == {"8000": 24, "16000": 30}
    assert facts["channels"] == {"1": 53, "2": 1}
    assert (low["seconds"]["shortest"], high["seconds"]["longest"]) == (0.25, 0.5)
    assert high["level"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)
    assert facts["copies"] == [["high/3.wav", "high/three.wav"]]
    assert [Path(one["path"]).name for one in facts["skipped"]] == ["broken.wav"]
    assert facts["imbalance"] == pytest.approx(43 / 11)
    told = " ".join(warnings(found))
    for words in ("3.9 times", "low/silent.wav", "low/loud.wav", "low/phase.wav", "train.balance=loss"):
        assert words in told


def test_groups_and_copies_are_told_where_they_stand_on_two_sides(tones: Path, tmp_path: Path) -> None:
    shutil.copytree(tones, tmp_path / "set")
    shutil.copy(tmp_path / "set/class0/0.wav", tmp_path / "set/class0/12.wav")
    data = open_data(speakers_of(tmp_path / "set", tmp_path / "table.csv", speakers=6))
    apart = survey(data)
    assert not apart.shared_groups and not apart.torn
    assert to_json(apart)["groups"] == {"train": 3, "validation": 1, "test": 2}
    clips = tuple(
        replace(clip, content="", split="test" if clip.path.endswith("/12.wav") else "train")
        for clip in data.clips
    )
    mixed = survey(replace(data, clips=clips))
    told = " ".join(warnings(mixed))
    assert "class0/0.wav = set/class0/12.wav" in told and "1 of 1 groups of the test train too" in told
    assert "no clip of `class1`, `class2` in validation, test" in told and len(mixed.copies) == 1


def test_of_many_recordings_some_are_heard_and_all_are_measured(make_folder: MakeFolder) -> None:
    found = survey(open_data(f"folder:{make_folder()}"), heard=5)
    assert found.heard == 5
    assert all(look.seconds == 0.5 for look in found.usable)
    assert len(found.usable) == 20


def test_the_page_has_a_histogram_and_players(odd: str, tmp_path: Path) -> None:
    write_page(survey(open_data(odd)), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<audio") == 4
    assert page.count("<rect") == 40
    assert "broken.wav: it cannot be read" in page
    assert "http" not in page.replace("http://www.w3.org", "")


@given(st.lists(st.floats(-1e3, 1e3), max_size=50))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    bins = histogram(values)
    assert sum(count for _, _, count in bins) == len(values)
    assert all(low <= high for low, high, _ in bins)
