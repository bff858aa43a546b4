"""Sound that goes on is heard as a recording of it is, in windows that slide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.data.audio import UnusableRecording, read_recording
from dslnas.data.own.streams import from_blocks, from_file, sliding
from dslnas.data.resampling import resample
from dslnas.data.waves import to_int16


@settings(max_examples=50)
@given(st.integers(1, 300), st.integers(1, 80), st.integers(1, 80), st.integers(1, 90))
def test_windows_have_their_middles_a_hop_apart_and_all_of_the_sound(
    length: int, samples: int, hop: int, block: int
) -> None:
    hop = min(hop, samples)
    wave = torch.rand(length)
    padded = torch.cat([torch.zeros(samples // 2), wave, torch.zeros(samples)])
    found = list(sliding(torch.split(wave, block), samples, hop))
    assert [one.middle for one in found] == list(range(0, length, hop))
    for one in found:
        assert one.wave.tolist() == to_int16(padded[one.middle : one.middle + samples]).tolist()


@pytest.mark.parametrize("rate", [8000, 11025, 16000])
def test_a_file_in_blocks_is_what_is_read_of_it_as_a_whole(rate: int, tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    path = tmp_path / "loud.wav"
    soundfile.write(path, chance.normal(0, 2, (30_000, 2)).astype(np.float32), 11025, subtype="FLOAT")
    told: list[str] = []
    recording = read_recording(path)
    whole = resample(torch.from_numpy(recording.wave), 11025, rate)
    assert torch.equal(torch.cat(list(from_file(path, rate, tell=told.append))), whole)
    assert "its 2 channels were mixed down" in told and any("above full scale" in note for note in told)
    assert any("resampled" in note for note in told) == (rate != 11025)


def test_channels_of_a_microphone_that_cancel_out_are_not_mixed() -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 4000).astype(np.float32)
    blocks = np.split(np.stack([wave, -wave], axis=1), 8)
    assert torch.equal(torch.cat(list(from_blocks(blocks, 2, 8000, 8000))), torch.from_numpy(wave))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.wav").write_bytes(b"no sound")
    with pytest.raises(UnusableRecording, match="not recognised"):
        list(from_file(tmp_path / "none.wav", 8000))
