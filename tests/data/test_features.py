"""Preparing a data set: tensors of the right shape, computed once, found again, never trusted blindly."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
import torch
from making import chain, front_end, tone
from recordings import refused

from dslnas.data import SPLITS, FrontEndModule, Prepared, features, load_recordings, open_data, prepare
from dslnas.data.cache.rows import StoredRows
from dslnas.data.resampling import PRESENT, RESAMPLINGS
from dslnas.ir.frontend import FrontEnd

MakeFolder = Callable[..., Path]


def same(one: Prepared, other: Prepared) -> bool:
    return all(
        torch.equal(getattr(one.split(split), name)[:], getattr(other.split(split), name)[:])
        for split in SPLITS
        for name in ("raw", "features", "labels")
    ) and (one.notes, one.skipped) == (other.notes, other.skipped)


def never(*arguments: object) -> None:
    raise AssertionError("computed although it is cached")


def test_shapes_and_types(data_root: Path, logmel: FrontEnd, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    data = open_data("sc09", data_root)
    prepared = prepare(data, logmel, tmp_path, lambda *what: told.append(what))
    for split in SPLITS:
        part = prepared.split(split)
        assert len(part) == data.count(split)
        assert (part.raw.shape, part.raw.dtype) == ((len(part), 16000), torch.int16)
        assert (part.features.shape, part.features.dtype) == ((len(part), 1, 32, 32), torch.float32)
        assert part.labels.dtype == torch.int64
        labels = {clip.path: clip.label for clip in data.clips}
        assert [labels[path] for path in part.paths] == part.labels.tolist()
        assert torch.isfinite(part.features).all()
    assert prepared.noise is not None
    assert prepared.noise.ndim == 1
    assert {text for text, _, _ in told} == {"reading recordings", "computing features"}
    assert told[-1] == ("computing features", len(data.clips), len(data.clips))


def test_a_set_that_stays_on_disk_is_the_same(
    logmel: FrontEnd, tmp_path: Path, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder()
    (folder / "high" / "bad.wav").write_bytes(b"none")
    data = open_data(f"folder:{folder}")
    held = prepare(data, logmel, tmp_path / "one")
    monkeypatch.setenv("DSLNAS_MEMORY", "0")
    kept = prepare(data, logmel, tmp_path / "two")
    assert same(held, kept) and kept.skipped
    monkeypatch.setattr(features, "decode", never)
    monkeypatch.setattr(features, "FrontEndModule", never)
    again = prepare(data, logmel, tmp_path / "two")
    assert same(held, again)
    for split in SPLITS:
        part = again.split(split)
        assert isinstance(part.raw, StoredRows) and isinstance(part.features, StoredRows)
        places = torch.arange(len(part)).flip(0)[:2]
        assert torch.equal(part.part(places).raw[:], held.split(split).raw[places])


def test_a_large_set_needs_a_folder_that_takes_it(
    logmel: FrontEnd, tmp_path: Path, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_MEMORY", "1K")
    (tmp_path / "file").write_text("")
    data = open_data(f"folder:{make_folder()}")
    help = refused("N0604", "more than is held in memory", lambda: prepare(data, logmel, tmp_path / "file"))
    assert "$DSLNAS_CACHE" in help and "$DSLNAS_MEMORY" in help


def test_samples_of_the_own_rate_are_kept(data_root: Path, logmel: FrontEnd, tmp_path: Path) -> None:
    """16-bit recordings of one second at the front end's rate come through bit by bit."""
    prepared = prepare(open_data("sc09", data_root), logmel, tmp_path)
    compared = 0
    for path, wave in zip(prepared.test.paths, prepared.test.raw, strict=True):
        samples, _ = soundfile.read(path, dtype="int16")
        if len(samples) == 16000:
            assert torch.equal(torch.from_numpy(samples), wave)
            compared += 1
    assert compared > 20


def test_the_cache_gives_what_was_computed(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_data(f"folder:{make_folder()}")
    first = prepare(data, logmel, tmp_path / "cache")
    monkeypatch.setattr(features, "decode", never)
    monkeypatch.setattr(features, "FrontEndModule", never)
    assert same(first, prepare(data, logmel, tmp_path / "cache"))


def test_another_front_end_shares_the_waves(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_data(f"folder:{make_folder()}")
    first = prepare(data, logmel, tmp_path / "cache")
    monkeypatch.setattr(features, "decode", never)
    other = prepare(data, front_end(chain(bands=20)), tmp_path / "cache")
    assert other.train.features.shape[1:] == (1, 20, 32)
    assert torch.equal(other.train.raw, first.train.raw)


def test_waves_of_another_resampling_are_not_taken_for_these(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    """Recordings of 8 kHz at 16 kHz; each way finds its own again."""
    data, cache = open_data(f"folder:{make_folder()}"), tmp_path / "cache"
    first = {way: prepare(data, logmel, cache, resampling=way) for way in RESAMPLINGS}
    assert not same(*first.values())
    assert len(list((cache / "features").glob("*.safetensors"))) == 2 * len(RESAMPLINGS)
    for way, prepared in first.items():
        assert same(prepared, prepare(data, logmel, cache, resampling=way))
        waves, _ = load_recordings(prepared.test.paths, logmel, way)
        assert torch.equal(waves, prepared.test.raw)
    assert same(prepare(data, logmel, cache), first[PRESENT])


def test_a_changed_file_is_read_again(make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path) -> None:
    folder = make_folder()
    first = prepare(open_data(f"folder:{folder}"), logmel, tmp_path / "cache")
    path = folder / "low" / "3.wav"
    soundfile.write(path, tone(700, 0.5, 8000), 8000)
    stamp = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(stamp, stamp))
    assert not same(first, prepare(open_data(f"folder:{folder}"), logmel, tmp_path / "cache"))


@pytest.mark.parametrize("damage", ["cut", "zeros", "text", "flip", "empty"])
def test_a_damaged_cache_is_computed_anew(
    damage: str, make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    data = open_data(f"folder:{make_folder()}")
    first = prepare(data, logmel, tmp_path / "cache")
    paths = list((tmp_path / "cache" / "features").glob("*.safetensors"))
    assert len(paths) == 2
    for path in paths:
        whole = path.read_bytes()
        flipped = whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]
        damaged = {
            "cut": whole[:-7],
            "zeros": bytes(len(whole)),
            "text": b"{}",
            "flip": flipped,
            "empty": b"",
        }
        path.write_bytes(damaged[damage])
    assert same(first, prepare(data, logmel, tmp_path / "cache"))


def test_a_cache_that_cannot_be_written_costs_time_only(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    data = open_data(f"folder:{make_folder()}")
    (tmp_path / "file").touch()
    blocked = prepare(data, logmel, tmp_path / "file")
    assert same(blocked, prepare(data, logmel, tmp_path / "cache"))


def test_cached_features_are_those_of_the_module(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    prepared = prepare(open_data(f"folder:{make_folder()}"), logmel, tmp_path)
    module = FrontEndModule(logmel, prepared.noise)
    torch.testing.assert_close(module.features(prepared.train.raw), prepared.train.features)
