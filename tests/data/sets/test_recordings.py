"""The user's own recordings: splits, labels, and every kind of file that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from making import tone

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, load_recordings, open_data, prepare
from dslnas.ir.frontend import FrontEnd

MakeFolder = Callable[..., Path]


def test_a_folder_is_split_without_chance(make_folder: MakeFolder) -> None:
    folder = make_folder()
    data = open_data(f"folder:{folder}")
    assert data.classes == ("high", "low")
    assert [data.count(split) for split in SPLITS] == [14, 2, 4]
    assert open_data(f"folder:{folder}") == data
    assert any("split by a hash" in note for note in data.notes)


def test_folders_of_splits(make_folder: MakeFolder, tmp_path: Path) -> None:
    for name in ("training", "dev", "test"):
        make_folder(f"splits/{name}", clips=3)
    data = open_data(f"folder:{tmp_path / 'splits'}")
    assert data.classes == ("high", "low")
    assert [data.count(split) for split in SPLITS] == [6, 6, 6]
    for clip in data.clips:
        folder = {"train": "training", "validation": "dev", "test": "test"}[clip.split]
        assert f"/{folder}/" in clip.path


def test_a_validation_is_cut_where_only_two_splits_are_named(make_folder: MakeFolder, tmp_path: Path) -> None:
    for name in ("train", "test"):
        make_folder(f"splits/{name}")
    data = open_data(f"folder:{tmp_path / 'splits'}")
    assert [data.count(split) for split in SPLITS] == [18, 2, 20]
    assert any("validation: a tenth" in note for note in data.notes)


def test_a_table_with_splits_and_speakers(make_folder: MakeFolder) -> None:
    folder = make_folder()
    rows = [
        f"{label}/{index}.wav,{label},{('train', 'val', 'test')[index % 3]},s{index % 2}"
        for label in ("high", "low")
        for index in range(10)
    ]
    table = folder / "clips.csv"
    table.write_text("\n".join(["file,label,split,speaker", *rows]))
    data = open_data(f"csv:{table}")
    assert [data.count(split) for split in SPLITS] == [8, 6, 6]
    held = open_data(f"csv:{table}", None, DataOptions(split="speaker"))
    assert {clip.group for clip in held.clips if clip.split == "test"} == {"s1"}
    assert {clip.group for clip in held.clips if clip.split != "test"} == {"s0"}


def test_faulty_rows_are_listed(make_folder: MakeFolder) -> None:
    folder = make_folder()
    rows = [f"{label}/{index}.wav,{label}," for label in ("high", "low") for index in range(10)]
    rows += ["high/1.wav,low,", "high/77.wav,high,", "low/2.wav,,", ",low,", "low/3.wav,low,later"]
    (folder / "clips.csv").write_text("\n".join(["file,label,split", *rows]))
    data = open_data(f"csv:{folder / 'clips.csv'}")
    assert len(data.clips) == 20
    reasons = [reason for _, reason in data.skipped]
    assert "listed before, in line 3" in reasons[0]
    assert reasons[1:4] == ["there is no such file", "it has no label", "no file is named"]
    assert "`later` is no split" in reasons[4]
    assert data.skipped[1][0].endswith("clips.csv:23: high/77.wav")


def test_speakers_must_be_known(make_folder: MakeFolder) -> None:
    with pytest.raises(DslnasError, match="no speakers are known") as error:
        open_data(f"folder:{make_folder()}", None, DataOptions(split="speaker"))
    assert error.value.diagnostics[0].code == "N0603"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "does not exist"),
        (lambda folder: folder.mkdir(), "has no sub-folders"),
        (lambda folder: (folder / "only").mkdir(parents=True), "1 class"),
        (
            lambda folder: [(folder / name).mkdir(parents=True) for name in "ab"],
            "no usable recording of a, b",
        ),
    ],
)
def test_folders_that_are_no_data_set(make: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    folder = tmp_path / "x"
    make(folder)
    with pytest.raises(DslnasError, match=message):
        open_data(f"folder:{folder}")


def test_a_class_must_be_in_every_split(make_folder: MakeFolder) -> None:
    with pytest.raises(DslnasError, match="the validation split is empty"):
        open_data(f"folder:{make_folder(clips=2)}")


@pytest.mark.parametrize("header", ["path,class", "", "file"])
def test_the_header_of_a_table_is_required(header: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"{header}\na.wav,b\n")
    with pytest.raises(DslnasError, match="the header of") as error:
        open_data(f"csv:{table}")
    assert "file,label" in error.value.diagnostics[0].help


def test_a_table_that_is_not_text(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_bytes(bytes(range(256)))
    with pytest.raises(DslnasError, match="cannot be read"):
        open_data(f"csv:{table}")


def break_files(folder: Path) -> dict[str, str]:
    """Break files of a folder of tones in every way; the name of each and a word of its reason."""
    low = folder / "low"
    whole = (low / "0.wav").read_bytes()
    (low / "empty.wav").write_bytes(b"")
    (low / "text.wav").write_text("these are no samples\n" * 20)
    (low / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (low / "head.wav").write_bytes(whole[:30])
    soundfile.write(low / "nothing.wav", np.zeros(0), 8000)
    soundfile.write(low / "nan.wav", np.array([0.0, np.nan, 0.5]), 8000, subtype="FLOAT")
    soundfile.write(low / "inf.wav", np.array([0.0, np.inf, 0.5]), 8000, subtype="FLOAT")
    soundfile.write(low / "cut.flac", tone(400, 2.0, 8000), 8000)
    flac = (low / "cut.flac").read_bytes()
    (low / "cut.flac").write_bytes(flac[: len(flac) // 3])
    (low / "song.m4a").write_bytes(b"ID3")
    (low / "notes.txt").write_text("not meant as a recording")
    return {
        "empty.wav": "empty",
        "text.wav": "cannot be read",
        "cut.wav": "truncated: 50% of its samples",
        "head.wav": "truncated",
        "nothing.wav": "no samples",
        "nan.wav": "NaN or infinite",
        "inf.wav": "NaN or infinite",
        "cut.flac": "",  # the decoder says either that frames are missing or that it lost them
        "song.m4a": "convert it to wav, flac or ogg",
    }


def test_every_broken_file_is_listed(make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path) -> None:
    folder = make_folder()
    expected = break_files(folder)
    data = open_data(f"folder:{folder}", None, DataOptions(skip_limit=0.5))
    prepared = prepare(data, logmel, tmp_path / "cache")
    reasons = {Path(path).name: reason for path, reason in prepared.skipped}
    assert set(reasons) == set(expected)
    for name, words in expected.items():
        assert words in reasons[name]
        assert reasons[name]
    assert sum(len(prepared.split(split)) for split in SPLITS) == 20
    assert "9 recordings cannot be used and were left out" in prepared.notes


def test_too_many_broken_files_stop(make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path) -> None:
    folder = make_folder()
    break_files(folder)
    for index in range(5):
        (folder / "high" / f"more{index}.wav").touch()
    with pytest.raises(DslnasError, match="14 of 34 recordings cannot be used") as error:
        prepare(open_data(f"folder:{folder}"), logmel, tmp_path / "cache")
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "N0605"
    assert len(diagnostic.notes) == 11
    assert diagnostic.notes[-1] == "and 4 more"
    assert "data.skip_limit" in diagnostic.help


def test_a_class_whose_files_are_all_broken(
    make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path
) -> None:
    folder = make_folder()
    for path in (folder / "low").iterdir():
        path.write_bytes(b"")
    data = open_data(f"folder:{folder}", None, DataOptions(skip_limit=1.0))
    with pytest.raises(DslnasError, match="no usable recording of low"):
        prepare(data, logmel, tmp_path / "cache")


def test_predicting_names_what_it_cannot_read(logmel: FrontEnd, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "good.wav", tone(300, 0.5, 8000), 8000)
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    paths = [tmp_path / "missing.wav", tmp_path / "good.wav", tmp_path / "bad.wav"]
    waves, skipped = load_recordings(paths, logmel)
    assert waves.shape == (1, 16000)
    assert [Path(path).name for path, _ in skipped] == ["missing.wav", "bad.wav"]


@pytest.mark.parametrize("labels", [("a",), ("a", "b")])
def test_a_table_of_missing_files_names_them_whatever_its_classes(
    labels: tuple[str, ...], tmp_path: Path
) -> None:
    table = tmp_path / "clips.csv"
    table.write_text("file,label\n" + "".join(f"{label}.wav,{label}\n" for label in labels))
    with pytest.raises(DslnasError, match=r"a\.wav: there is no such file"):
        open_data(f"csv:{table}")
