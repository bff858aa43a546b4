"""How a folder is laid out is found out, told, and the right one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from making import tone

from dslnas.data import DataSet, class_names, open_data
from dslnas.data.classes import split_called
from dslnas.ir.frontend import FrontEnd

MakeFolder = Callable[..., Path]


def said(data: DataSet, words: str) -> str:
    """The one note with these words."""
    (note,) = [note for note in data.notes if words in note]
    return note


def counts(data: DataSet) -> list[int]:
    return [data.count(split) for split in ("train", "validation", "test")]


def save(path: Path, hertz: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(hertz, 0.5, 8000), 8000)


def sides(root: Path, **clips: int) -> str:
    """A folder with sides of a split, each with so many clips of two classes that no other side has."""
    for place, (side, count) in enumerate(clips.items()):
        for label, hertz in (("high", 1500), ("low", 300)):
            for index in range(count):
                save(root / side / label / f"{index}.wav", hertz + 100 * place + index)
    return f"folder:{root}"


def test_train_and_val_are_sides_and_the_test_is_made(tmp_path: Path) -> None:
    spec = sides(tmp_path / "set", train=10, val=4)
    data = open_data(spec)
    assert data.classes == class_names(spec) == ("high", "low")
    assert counts(data) == [16, 8, 4]
    assert said(data, "taken so").startswith("taken so: train/, val/ are the sides")
    assert said(data, "test: a fifth of each class of the training split")
    assert split_called(spec, "official") == "folders"


def test_a_folder_beside_the_sides_is_told(tmp_path: Path) -> None:
    spec = sides(tmp_path / "set", train=10, test=4, extra=3)
    data = open_data(spec)
    assert counts(data) == [18, 2, 8]
    assert said(data, "extra/ with 6 recordings: it is none of train, validation, test")


def test_classes_called_train_and_val_are_told(tmp_path: Path) -> None:
    for label, hertz in (("train", 300), ("val", 1500)):
        for index in range(4):
            save(tmp_path / "set" / label / f"{index}.wav", hertz + index)
    data = open_data(f"folder:{tmp_path / 'set'}")
    assert data.classes == ("train", "val")
    assert said(data, "train, val are taken as classes")


def test_spellings_that_differ_in_case_are_one_class(tmp_path: Path) -> None:
    for number, label in enumerate(("Dog", "dog", "cat")):
        for index in range(4):
            save(tmp_path / "set" / label / f"{label}{index}.wav", 300 + 100 * number + index)
    data = open_data(f"folder:{tmp_path / 'set'}")
    assert data.classes == class_names(f"folder:{tmp_path / 'set'}") == ("Dog", "cat")
    assert sum(clip.label == 0 for clip in data.clips) == 8
    assert said(data, "`dog` is taken as `Dog`")


def test_every_format_is_read_and_the_rest_is_named(make_folder: MakeFolder) -> None:
    folder = make_folder()
    formats = (
        ("wave", "WAV"),
        ("W64", "W64"),
        ("caf", "CAF"),
        ("au", "AU"),
        ("aiff", "AIFF"),
        ("mp3", "MP3"),
    )
    for number, (ending, name) in enumerate(formats):
        soundfile.write(folder / f"low/f{number}.{ending}", tone(310 + number, 0.5, 8000), 8000, format=name)
    for name in ("a.amr", "b.3gp", "notes.txt", "cover.jpg", "more.txt"):
        (folder / "low" / name).write_bytes(b"#")
    data = open_data(f"folder:{folder}")
    assert len(data.clips) == 20 + len(formats)
    assert sorted(Path(path).name for path, _ in data.skipped) == ["a.amr", "b.3gp"]
    assert said(data, "3 files that are no recordings").endswith(".jpg (1), .txt (2)")


def test_links_are_followed_and_circles_end(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    save(tmp_path / "elsewhere" / "x.wav", 999)
    (folder / "low" / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (folder / "low" / "circle").symlink_to(folder / "low", target_is_directory=True)
    data = open_data(f"folder:{folder}")
    assert "low/linked/x.wav" in {clip.name for clip in data.clips}
    assert len(data.clips) == 21


def test_recordings_beside_the_classes_are_told(make_folder: MakeFolder) -> None:
    folder = make_folder()
    save(folder / "stray.wav", 777)
    save(folder / "_old" / "x.wav", 778)
    data = open_data(f"folder:{folder}")
    assert said(data, "1 recordings that are in no class folder: stray.wav")
    assert said(data, "_old/ with 1 recordings: its name starts with `_`")


def rows_of(folder: Path) -> list[tuple[str, str]]:
    return [(path.relative_to(folder).as_posix(), path.parent.name) for path in sorted(folder.rglob("*.wav"))]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_metadata_of_an_audiofolder_is_read(make_folder: MakeFolder, kind: str) -> None:
    folder = make_folder("plain/data")
    rows = [{"file_name": file, "label": label, "length": 3} for file, label in rows_of(folder)]
    if kind == "csv":
        lines = ["file_name,label,length", *(",".join(map(str, row.values())) for row in rows)]
    else:
        lines = [json.dumps(row) for row in rows]
    (folder / f"metadata.{kind}").write_text("\n".join(lines))
    data = open_data(f"folder:{folder}")
    assert data.classes == ("high", "low")
    assert len(data.clips) == 20
    assert said(data, "are not read").endswith(": length")
    assert split_called(f"folder:{folder}", "official") == "hash"


def test_the_metadata_of_each_side_is_read(tmp_path: Path) -> None:
    for place, side in enumerate(("train", "validation", "test")):
        lines = ["file_name,label"]
        for index in range(4):
            save(tmp_path / "set" / side / f"{index}.wav", 300 + 10 * index + place)
            lines.append(f"{index}.wav,{'high' if index % 2 else 'low'}")
        (tmp_path / "set" / side / "metadata.csv").write_text("\n".join(lines))
    data = open_data(f"folder:{tmp_path / 'set'}")
    assert counts(data) == [4, 4, 4]
    assert split_called(f"folder:{tmp_path / 'set'}", "official") == "table"


def test_the_labels_of_audacity_are_read(tmp_path: Path, logmel: FrontEnd) -> None:
    from dslnas.data import prepare

    folder = tmp_path / "set"
    for number in range(2):
        save(folder / f"day{number}.wav", 300 + number)
        lines = [f"{place / 10:.6f}\t{(place + 1) / 10:.6f}\t{'ab'[place % 2]}" for place in range(5)]
        (folder / f"day{number}.txt").write_text("\n".join([*lines, "\\\t100.0\t2000.0"]))
    save(folder / "bare.wav", 555)
    data = open_data(f"folder:{folder}")
    assert data.classes == class_names(f"folder:{folder}") == ("a", "b")
    assert len({clip.key for clip in data.clips}) == len(data.clips) == 10
    assert said(data, "1 recordings without labels: bare.wav")
    assert said(data, "segments of one recording stand on several sides")
    assert len(prepare(data, logmel, tmp_path / "cache").clips) == 10
