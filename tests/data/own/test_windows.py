"""Long recordings as windows: all of them is heard, and none of it on two sides of the split."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from making import tone

from dslnas.base.diagnostics import DslnasError
from dslnas.data import DataOptions, load_recordings, open_data, prepare
from dslnas.data.own.windows import hear, starts
from dslnas.ir.frontend import FrontEnd
from dslnas.runs.load import load
from dslnas.runs.request import Request


@given(st.integers(1, 5000), st.integers(1, 700))
def test_windows_cover_all_and_only_the_last_overlaps(length: int, window: int) -> None:
    found = starts(length, window)
    assert found[0] == 0 and found[-1] == max(0, length - window)
    assert all(after - before == window for before, after in pairwise(found[:-1]))
    assert len(found) == max(1, -(-length // window))


def test_a_short_recording_is_heard_as_in_training_and_a_long_one_whole(
    logmel: FrontEnd, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "short.wav", tone(900, 0.5, 8000), 8000)
    (wave,), _ = load_recordings([tmp_path / "short.wav"], logmel)
    short, _ = hear(tmp_path / "short.wav", logmel.rate, logmel.clip)
    assert short.windows.tolist() == [wave.tolist()] and short.starts == (0.0,)
    assert short.notes == ("it was resampled from 8000 Hz to 16000 Hz",)
    loud = np.round(32767 * tone(900, 3.25, 16000)).astype(np.int16)
    soundfile.write(tmp_path / "long.wav", loud, 16000)
    long, _ = hear(tmp_path / "long.wav", logmel.rate, logmel.clip)
    assert long.starts == (0.0, 1.0, 2.0, 2.25)
    assert long.windows[:3].flatten().tolist() == loud[:48000].tolist()
    assert long.windows[3].tolist() == loud[36000:].tolist()
    assert long.notes == ("it is 3.25 s long: heard in 4 windows of 1 s",)


def test_all_windows_of_a_recording_stay_on_its_side(logmel: FrontEnd, tmp_path: Path) -> None:
    for label, hertz in (("high", 1500), ("low", 300)):
        (tmp_path / label).mkdir()
        for index in range(6):
            wave = tone(hertz + 10 * index, 0.5 + (index % 3), 8000)
            soundfile.write(tmp_path / label / f"{index}.wav", wave, 8000)
    spec = f"folder:{tmp_path}"
    loudest = open_data(spec)
    found = open_data(spec, options=DataOptions(window=logmel.clip))
    assert {(clip.path, clip.split) for clip in found.clips} == {(c.path, c.split) for c in loudest.clips}
    windows = defaultdict(list)
    for clip in found.clips:
        windows[clip.path].append(clip)
    for path, own in windows.items():
        expected = {"0": 1, "1": 2, "2": 3}[str(int(Path(path).stem) % 3)]
        assert len(own) == expected
        assert {clip.whole for clip in own} == ({own[0].name} if expected > 1 else {""})
    assert any("8 of 12 recordings are longer than 1 s: all are 24 windows" in note for note in found.notes)
    prepared = prepare(found, logmel, tmp_path / "cache")
    assert len(prepared.train) + len(prepared.validation) + len(prepared.test) == 24
    assert not any("loudest" in note for note in prepared.notes)
    assert len(set(prepared.test.wholes)) == loudest.count("test")


def test_the_words_of_the_setting() -> None:
    with pytest.raises(DslnasError, match="`loudest` or `all`"):
        load("ss1", Request(data="digits", overrides=("data.windows=some",)))
    assert load("ss1", Request(data="digits", overrides=("data.windows=all",))).data_options.window > 0
