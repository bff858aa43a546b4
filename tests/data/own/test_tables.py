"""Tables of recordings: columns that are read and those that are not, and segments of long recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from making import tone

from dslnas.base.diagnostics import DslnasError
from dslnas.data import DataSet, open_data, prepare
from dslnas.data.audio import read_recording
from dslnas.data.dataset import DataOptions
from dslnas.data.own.tables import read_labels, seconds
from dslnas.ir.frontend import FrontEnd

MakeFolder = Callable[..., Path]


def write(folder: Path, header: str, *rows: str) -> str:
    (folder / "clips.csv").write_text("\n".join([header, *rows]))
    return f"csv:{folder / 'clips.csv'}"


def test_several_segments_of_one_file_are_clips(tmp_path: Path, logmel: FrontEnd) -> None:
    parts = [tone(300 if place % 2 else 1500, 0.5, 8000) for place in range(10)]
    soundfile.write(tmp_path / "long.wav", np.concatenate(parts), 8000)
    rows = [f"long.wav,{('high', 'low')[place % 2]},{place / 2},{place / 2 + 0.5}" for place in range(10)]
    data = open_data(write(tmp_path, "file,label,start,end", *rows))
    assert len(data.clips) == 10
    assert {data.count(split) for split in ("train", "validation", "test")} == {6, 2}
    prepared = prepare(data, logmel, tmp_path / "cache")
    for clip in prepared.clips:
        assert clip.segment is not None
        wave = read_recording(clip.path, None, None, clip.segment)
        assert np.allclose(wave.wave, parts[round(2 * clip.segment[0])], atol=1e-4)


def test_segments_of_a_recording_stay_together_where_there_are_enough(make_folder: MakeFolder) -> None:
    folder = make_folder()
    rows = [
        f"{label}/{index}.wav,{label},{start},{start + 0.25}"
        for label in ("high", "low")
        for index in range(10)
        for start in (0, 0.25)
    ]
    data = open_data(write(folder, "file,label,start,end", *rows))
    of: dict[str, set[str]] = {}
    for clip in data.clips:
        of.setdefault(clip.path, set()).add(clip.split)
    assert (len(data.clips), len(of)) == (40, 20)
    assert all(len(splits) == 1 for splits in of.values())


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [("x", "1", "`x` is no start"), ("0", "-1", "`-1` is no end"), ("0.3", "0.2", "it ends at 0.2 s")],
)
def test_times_that_are_none_are_told(make_folder: MakeFolder, start: str, end: str, reason: str) -> None:
    folder = make_folder()
    rows = [f"{label}/{index}.wav,{label},," for label in ("high", "low") for index in range(9)]
    data = open_data(write(folder, "file,label,start,end", *rows, f"low/9.wav,low,{start},{end}"))
    assert reason in data.skipped[0][1]
    assert any("left out 1 of 19" in note for note in data.notes)


def test_a_segment_behind_the_end_is_told(make_folder: MakeFolder, logmel: FrontEnd, tmp_path: Path) -> None:
    folder = make_folder()
    rows = [f"{label}/{index}.wav,{label},," for label in ("high", "low") for index in range(9)]
    data = open_data(write(folder, "file,label,start,end", *rows, "low/9.wav,low,3,4"))
    prepared = prepare(data, logmel, tmp_path / "cache")
    assert "it is 0.5 s long, and the clip begins at 3 s" in prepared.skipped[0][1]


def test_columns_that_nothing_reads_are_named(make_folder: MakeFolder) -> None:
    folder = make_folder()
    rows = [f"{label}/{index}.wav,{label},1,x" for label in ("high", "low") for index in range(9)]
    data = open_data(write(folder, "file,label,length,Comment", *rows))
    assert "columns of clips.csv that are not read: length, comment" in data.notes


def test_a_group_is_a_speaker_and_one_without_is_counted(make_folder: MakeFolder) -> None:
    def opened(last: str) -> DataSet:
        rows = [
            f"{label}/{index}.wav,{label},g{index % 3}" for label in ("high", "low") for index in range(9)
        ]
        spec = write(folder, "file,label,group", *rows, f"low/9.wav,low,{last}")
        return open_data(spec, None, DataOptions(split="speaker"))

    folder = make_folder()
    held = opened("g0")
    tested = {clip.group for clip in held.clips if clip.split == "test"}
    assert tested == {"g2"}
    assert tested.isdisjoint(clip.group for clip in held.clips if clip.split != "test")
    with pytest.raises(DslnasError, match="1 of 19 recordings have none"):
        opened("")


def test_labels_in_any_case_are_one_class(make_folder: MakeFolder) -> None:
    folder = make_folder()
    rows = [
        f"{label}/{index}.wav,{label.title() if index % 2 else label}"
        for label in ("high", "low")
        for index in range(10)
    ]
    data = open_data(write(folder, "file,label", *rows))
    assert data.classes == ("High", "Low")
    assert any("`high` is taken as `High`, `low` is taken as `Low`" in note for note in data.notes)


@pytest.mark.parametrize("text", ["", "words\n", "1.0\t2.0\tx\nwords\n", "a\tb\tc\n"])
def test_other_text_is_no_labels(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert read_labels(tmp_path / "x.txt", tmp_path / "x.wav") is None
    assert read_labels(tmp_path / "missing.txt", tmp_path / "x.wav") is None


def test_seconds_have_a_point_or_a_comma() -> None:
    assert (seconds("1,5"), seconds(" 2.5 "), seconds("inf"), seconds("-1"), seconds("nan")) == (
        1.5,
        2.5,
        None,
        None,
        None,
    )
