"""Folders and tables of pictures: taken, looked at, and told from recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
import torch
from making_pictures import make_pictures, some_pixels
from recordings import refused

from dslnas.base.diagnostics import DslnasError
from dslnas.data import (
    SPLITS,
    DataOptions,
    class_names,
    features,
    load_recordings,
    open_data,
    prepare,
    profile_name,
)
from dslnas.data.cache.rows import StoredRows
from dslnas.data.cache.tensors import load_tensors, store_tensors
from dslnas.data.opening import listed
from dslnas.data.pictures import decoding
from dslnas.data.pictures.survey import picture_survey, to_json, warnings
from dslnas.ir.frontend import FrontEnd
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("made") / "pictures")


def front_end(data: str, text: str = "picture(8, resize: 10)") -> FrontEnd:
    return load("darts", Request(data=data, overrides=[f"frontend={text}"])).frontend


def test_a_folder_of_pictures_is_prepared_once(pictures: Path, tmp_path: Path) -> None:
    spec = f"folder:{pictures}"
    assert (class_names(spec), profile_name(spec)) == (("blue", "red"), "pictures")
    data = open_data(spec, options=DataOptions(cache=tmp_path))
    assert data.what == "pictures" and all(clip.content for clip in data.clips)
    first, again = (prepare(data, front_end(spec), tmp_path) for _ in range(2))
    assert first.train.raw.shape[1:] == (3, 8, 8) and first.train.raw.dtype == torch.uint8
    assert torch.equal(first.train.features, again.train.features) and first.notes == again.notes
    reds = first.train.raw[first.train.labels == 1].float().mean(dim=(0, 2, 3))
    assert reds[0] > 150 > 60 > reds[2]
    grey = front_end(spec, "handwriting(8)")
    assert prepare(data, grey, tmp_path).test.raw.shape[1:] == (1, 8, 8)


def never(*arguments: object) -> None:
    raise AssertionError("made although it is cached")


def test_pictures_that_stay_on_disk_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one batch of them, a broken one among them, from a table; the next start finds all."""
    root = make_pictures(tmp_path / "set", count=18)
    (root / "red" / "broken.png").write_bytes(b"no picture")
    files = sorted(path for path in root.rglob("*.*") if path.is_file())
    rows = [f"{one.relative_to(root)},{one.parent.name}" for one in files]
    (root / "table.csv").write_text("\n".join(["file,label", *rows]))
    data = open_data(f"csv:{root / 'table.csv'}", options=DataOptions(cache=tmp_path))
    frontend = front_end(f"folder:{root}")
    monkeypatch.setattr(decoding, "_BATCH", 8)
    held = prepare(data, frontend, tmp_path / "one")
    monkeypatch.setenv("DSLNAS_MEMORY", "0")
    first = prepare(data, frontend, tmp_path / "two")
    monkeypatch.setattr(features, "decode_pictures", never)
    monkeypatch.setattr(features, "FrontEndModule", never)
    again = prepare(data, frontend, tmp_path / "two")
    for other in (first, again):
        assert (held.notes, held.skipped) == (other.notes, other.skipped) and held.skipped
        for mine, theirs in ((held.split(name), other.split(name)) for name in SPLITS):
            assert isinstance(theirs.raw, StoredRows) and isinstance(theirs.features, StoredRows)
            assert torch.equal(mine.raw[:], theirs.raw[:]) and theirs.raw.dtype == torch.uint8
            assert torch.equal(mine.features[:], theirs.features[:])
            assert torch.equal(mine.labels, theirs.labels) and mine.paths == theirs.paths
    (tmp_path / "file").write_text("")
    monkeypatch.undo()
    monkeypatch.setenv("DSLNAS_MEMORY", "1K")
    help = refused("N0604", "more than is held in memory", lambda: prepare(data, frontend, tmp_path / "file"))
    assert "$DSLNAS_MEMORY" in help


def test_pictures_that_an_earlier_version_has_stored_are_found(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stored of them no facts that recordings alone have."""
    data, frontend = open_data(f"folder:{pictures}"), front_end(f"folder:{pictures}")
    prepared = prepare(data, frontend, tmp_path)
    (file,) = (tmp_path / "features").glob("*.safetensors")
    stored = load_tensors(file, ("pictures", "kept"))
    assert stored is not None
    tensors, facts = stored
    assert store_tensors(file, tensors, {name: facts[name] for name in ("data", "skipped", "traits")})
    monkeypatch.setattr(features, "decode_pictures", never)
    again = prepare(data, frontend, tmp_path)
    assert torch.equal(prepared.train.features[:], again.train.features[:])
    assert prepared.notes == again.notes


def test_broken_pictures_are_left_out_and_told(pictures: Path, tmp_path: Path) -> None:
    root = make_pictures(tmp_path / "set")
    (root / "red" / "broken.png").write_bytes(b"no picture")
    (root / "red" / "phone.heic").write_bytes(b"another format")
    (root / "blue" / "copy.png").write_bytes((root / "blue" / "0.png").read_bytes())
    (root / "red" / "notes.txt").write_text("red")
    data = listed(f"folder:{root}", options=DataOptions(cache=tmp_path))
    found = picture_survey(data)
    assert [(Path(path).name, reason.partition(":")[0]) for path, reason in found.left_out] == [
        ("phone.heic", ".heic is not read"),
        ("broken.png", "it holds no picture in a format that is known"),
    ]
    assert found.copies == [["blue/0.png", "blue/copy.png"]]
    told = to_json(found)
    assert told["modes"] == {"RGB": 21} and told["classes"][1]["height"]["most"] == 29
    assert any("1 pictures are copies" in note for note in data.notes)
    assert any("no pictures: .txt (1)" in note for note in data.notes) and warnings(found) == []
    prepared = prepare(open_data(f"folder:{root}"), front_end(f"folder:{root}"), tmp_path)
    assert "2 pictures cannot be used and were left out" in prepared.notes
    _, skipped = load_recordings([root / "red" / "broken.png"], prepared.frontend)
    assert len(skipped) == 1


def test_sounds_and_pictures_in_one_folder_are_told(tmp_path: Path) -> None:
    root = make_pictures(tmp_path / "both", count=4)
    for name in ("red", "blue"):
        for number in range(4):
            soundfile.write(root / name / f"{number}.wav", [0.1 * number] * 200, 8000)
    data = listed(f"folder:{root}", options=DataOptions(cache=tmp_path))
    assert data.what == "recordings" and len(data.clips) == 8
    note = "it holds 8 pictures beside its recordings, which are what is taken"
    assert f"{note}: give the pictures a folder of their own" in data.notes


def test_a_front_end_refuses_what_it_does_not_take(pictures: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.nas"
    file.write_text('use "darts.nas"\nexperiment {\n    space: DARTS\n    frontend: logmel\n}\n')
    with pytest.raises(DslnasError, match=r"begins with `wave`, and .* holds images") as error:
        load(file, Request(data=f"folder:{pictures}"))
    (one,) = error.value.diagnostics
    assert one.code == "N0606" and one.span is not None and one.span.line == 4
    with pytest.raises(DslnasError, match="begins with `image`, and fsdd holds recordings"):
        load("darts", Request(data="fsdd", overrides=["frontend=picture"]))


def test_a_table_of_pictures_is_read(pictures: Path, tmp_path: Path) -> None:
    rows = [f"red/{n}.png,r,train" for n in (0, 3, 6)] + ["blue/0.png,b,train", "blue/3.png,b,test"]
    table = pictures / "table.csv"
    table.write_text("\n".join(["file,label,split", *rows]))
    data = listed(f"csv:{table}", options=DataOptions(cache=tmp_path))
    assert data.what == "pictures" and data.count("test") == 1 and data.classes == ("b", "r")


def test_cats_and_dogs_are_parted_eight_to_two(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(50):
            place = tmp_path / "dogs-vs-cats" / "train" / f"{name}.{number}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"")
    data = open_data("cats_vs_dogs", tmp_path)
    for label in (0, 1):
        sides = [clip.split for clip in data.clips if clip.label == label]
        assert [sides.count(side) for side in ("train", "validation", "test")] == [36, 4, 10]
    (tmp_path / "dogs-vs-cats" / "train" / "cat.50.jpg").write_bytes(b"")
    with pytest.raises(DslnasError, match="no speakers"):
        open_data("cats_vs_dogs", tmp_path, DataOptions(split="speaker"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("picture(8, resize: 7)", "8 x 8 are cut out"),
        ("picture(8, resize: (8, 7))", "8 x 8 are cut out"),
        ("picture(8, resize: 9.5)", "`resize` of `image`"),
        ("picture(8, resize: (9, 9, 9))", "`resize` of `image`"),
    ],
)
def test_a_size_that_does_not_cover_is_refused(text: str, message: str, pictures: Path) -> None:
    with pytest.raises(DslnasError, match=message):
        front_end(f"folder:{pictures}", text)


def test_a_picture_has_one_channel_or_three(pictures: Path, tmp_path: Path) -> None:
    some_pixels(8, 8, (1, 2, 3)).save(tmp_path / "a.png")
    with pytest.raises(DslnasError, match="a picture has 1 or 3"):
        load_recordings(
            [tmp_path / "a.png"],
            front_end(f"folder:{pictures}", "picture(8, channels: 2, mean: 0, deviation: 1)"),
        )
