"""Recordings of any rate, format and length become clips."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from making import tone

from dslnas.data import audio, load_recordings, open_data, prepare
from dslnas.data.audio import loudest, read_recording
from dslnas.ir.frontend import FrontEnd

MakeFolder = Callable[..., Path]


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("rate", [8000, 11127, 22050, 44100, 48000])
def test_any_rate_and_format(suffix: str, rate: int, logmel: FrontEnd, tmp_path: Path) -> None:
    """A tone keeps its pitch and level, and stands in the middle, whatever it was recorded with."""
    if suffix == "ogg" and rate == 11127:
        pytest.skip("Vorbis has no such rate")
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(1000, 0.5, rate), rate)
    waves, skipped = load_recordings([path], logmel)
    assert skipped == []
    wave = waves[0].numpy() / 32768
    assert wave.shape == (16000,)
    inside = wave[5000:11000]
    spectrum = np.abs(np.fft.rfft(inside * np.hanning(len(inside))))
    assert abs(np.argmax(spectrum) * 16000 / len(inside) - 1000) < 4
    assert abs(np.sqrt(2) * inside.std() - 0.5) < 0.02
    assert np.abs(wave[:3800]).max() < 0.02
    assert np.abs(wave[-3800:]).max() < 0.02


def test_channels_are_mixed_down_and_said_so(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    folder = make_folder()
    left, right = tone(500, 0.5, 8000), tone(900, 0.5, 8000)
    soundfile.write(folder / "low" / "stereo.wav", np.stack([left, right], axis=1), 8000)
    soundfile.write(folder / "low" / "mono.wav", (left + right) / 2, 8000)
    prepared = prepare(open_data(f"folder:{folder}"), logmel, tmp_path / "cache")
    assert "1 of 22 recordings have several channels and were mixed down" in prepared.notes
    waves, _ = load_recordings([folder / "low" / "stereo.wav", folder / "low" / "mono.wav"], logmel)
    assert np.abs(waves[0].numpy().astype(int) - waves[1].numpy()).max() <= 2


def test_long_recordings_keep_their_loudest_stretch(logmel: FrontEnd, tmp_path: Path) -> None:
    wave = np.concatenate(
        [0.01 * tone(300, 2.0, 16000), tone(1000, 0.8, 16000), 0.01 * tone(300, 3.0, 16000)]
    )
    soundfile.write(tmp_path / "long.wav", wave, 16000)
    waves, _ = load_recordings([tmp_path / "long.wav"], logmel)
    energy = float(((waves[0].numpy() / 32768) ** 2).sum())
    assert energy >= 0.999 * float((tone(1000, 0.8, 16000) ** 2).sum())
    assert list(loudest([np.array([0, 1, 2, 0, 2, 1, 0], dtype=np.float32)], 2)) == [1, 2]


def test_channels_that_cancel_out_are_heard(tmp_path: Path) -> None:
    loud, soft = tone(300, 0.5, 8000), -0.9 * tone(300, 0.5, 8000)
    soundfile.write(tmp_path / "x.wav", np.stack([soft, loud], axis=1), 8000, subtype="FLOAT")
    heard = read_recording(tmp_path / "x.wav")
    assert heard.cancelled
    assert np.allclose(heard.wave, loud, atol=1e-4)
    soundfile.write(tmp_path / "y.wav", np.stack([loud, 0 * loud], axis=1), 8000)
    assert not read_recording(tmp_path / "y.wav").cancelled


@pytest.mark.parametrize("scale", [32767.0, 8388607.0, 2147483000.0, 3.0])
def test_samples_above_full_scale_keep_their_shape(scale: float, tmp_path: Path) -> None:
    wave = tone(300, 0.5, 8000)
    soundfile.write(tmp_path / "x.wav", 2 * wave * scale, 8000, subtype="FLOAT")
    heard = read_recording(tmp_path / "x.wav")
    assert heard.rescaled
    assert 0.9 < float(np.abs(heard.wave).max()) <= 1.0
    assert np.corrcoef(heard.wave, wave)[0, 1] > 0.9999


@pytest.mark.parametrize("size", [0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_stream_whose_header_knows_no_length_is_read(size: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(300, 0.5, 8000), 8000)
    data = bytearray((tmp_path / "x.wav").read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = size.to_bytes(4, "little")
    (tmp_path / "x.wav").write_bytes(bytes(data))
    assert len(read_recording(tmp_path / "x.wav").wave) == 4000


def test_a_long_recording_is_cut_as_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    wave = (0.1 * chance.standard_normal((5000, 2))).astype(np.float32)
    wave[3100:3300] *= 3
    soundfile.write(tmp_path / "x.wav", wave, 8000, subtype="FLOAT")
    whole = read_recording(tmp_path / "x.wav", 0.025)
    monkeypatch.setattr("dslnas.data.audio._BLOCK", 700)
    assert np.array_equal(read_recording(tmp_path / "x.wav", 0.025).wave, whole.wave)


@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=40),
    st.integers(1, 12),
    st.lists(st.integers(1, 9), min_size=40, max_size=40),
)
def test_the_loudest_stretch_is_the_first_of_all_in_any_blocks(
    samples: list[int], length: int, sizes: list[int]
) -> None:
    wave = np.array(samples, np.float32) / 7
    cuts = np.cumsum(sizes)
    found = loudest(np.split(wave, cuts[cuts < len(wave)]), length)
    energies = [(wave[at : at + length] ** 2).sum() for at in range(len(wave) - length + 1)]
    if not energies:
        assert np.array_equal(found, wave)
        return
    assert len(found) == length and (found**2).sum() == pytest.approx(max(energies))
    assert np.array_equal(found, loudest([wave], length))


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_a_recording_is_the_same_in_blocks_of_any_size(
    subtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(0)
    wave = np.repeat(chance.uniform(0, 0.9, 40), 50)[:, None] * chance.uniform(-1, 1, (2000, 2))
    if subtype == "FLOAT":
        wave = np.stack([30000 * wave[:, 0], -29900 * wave[:, 0]], axis=1)
    soundfile.write(tmp_path / "x.wav", wave, 1000, subtype=subtype)
    for options in ({}, {"clip": 0.3}, {"clip": 0.3, "channel": 2}, {"clip": 0.5, "segment": (0.2, 1.7)}):
        monkeypatch.setattr(audio, "_BLOCK", 1 << 20)
        whole = read_recording(tmp_path / "x.wav", **options)
        monkeypatch.setattr(audio, "_BLOCK", 170)
        parts = read_recording(tmp_path / "x.wav", **options)
        assert np.array_equal(whole.wave, parts.wave)
        told = [(one.seconds, one.channels, one.rescaled, one.cancelled) for one in (whole, parts)]
        assert told[0] == told[1] and whole.rescaled == (subtype == "FLOAT")


def test_a_long_recording_takes_no_more_memory_than_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "_BLOCK", 1 << 12)
    peaks = []
    for seconds in (20, 200):
        soundfile.write(tmp_path / "x.wav", np.zeros((8000 * seconds, 2), np.int16), 8000)
        tracemalloc.start()
        read_recording(tmp_path / "x.wav", 1.0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0] < 1 << 20
