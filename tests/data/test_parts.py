"""Parts of the clips that no test needs."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from dslnas.data.dataset import Clip, DataOptions
from dslnas.data.opening import open_data
from dslnas.data.parts import official_parts, own_parts

CLIPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abcdef")), min_size=4, max_size=40)


@given(CLIPS, st.integers(2, 4), st.booleans())
def test_own_parts_hold_every_clip_once(drawn: list[tuple[int, str]], parts: int, known: bool) -> None:
    clips = [
        Clip(f"{n}.wav", label, "train", group if known else "") for n, (label, group) in enumerate(drawn)
    ]
    found = own_parts(clips, parts)
    assert len(found) == parts
    assert sorted(path for part in found for path in part) == sorted(clip.path for clip in clips)
    groups = {clip.path: clip.group for clip in clips}
    if known and len(set(groups.values())) >= parts:
        of = [{groups[path] for path in part} for part in found]
        assert sum(map(len, of)) == len(set(groups.values())), "no group is in two parts"
    else:
        counts = [
            [sum(clip.label == label and clip.path in part for clip in clips) for part in found]
            for label in range(3)
        ]
        assert all(max(row) - min(row) <= 1 for row in counts), "each class is dealt out"


@pytest.fixture
def esc10(tmp_path: Path) -> Path:
    """A miniature of ESC-10 in its layout: five folds of one clip a class."""
    folder = tmp_path / "ESC-50-master"
    (folder / "audio").mkdir(parents=True)
    (folder / "meta").mkdir()
    names = [
        "dog",
        "rooster",
        "rain",
        "sea_waves",
        "crackling_fire",
        "crying_baby",
        "sneezing",
        "clock_tick",
        "helicopter",
        "chainsaw",
    ]
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for fold in range(1, 6):
        for number, name in enumerate(names):
            file = f"{fold}-{number}-A-{number}.wav"
            soundfile.write(folder / "audio" / file, [0.0] * 100, 8000)
            rows.append(f"{file},{fold},{number},{name},True,{fold}{number},A")
    (folder / "meta" / "esc50.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


@pytest.mark.parametrize("fold", [1, 3])
def test_official_folds_but_for_the_one_that_is_tested(esc10: Path, fold: int) -> None:
    options = DataOptions(fold=fold)
    parts = official_parts("esc10", esc10, options)
    clips = open_data("esc10", esc10, options).clips
    assert [len(part) for part in parts] == [10] * 4
    rest = sorted(clip.key for clip in clips if clip.split != "test")
    assert sorted(path for part in parts for path in part) == rest
    for part in parts:
        assert len({Path(path).name.partition("-")[0] for path in part}) == 1, "a part is a fold"


def test_data_without_folds_has_no_official_parts(tones: Path) -> None:
    assert official_parts(f"folder:{tones}", None, DataOptions()) == []
