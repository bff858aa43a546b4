"""ESC-10 and ESC-50 in their official layouts, on real recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from splits_of import disjoint, groups

from dslnas.base.diagnostics import DslnasError
from dslnas.data import Clip, DataOptions, open_data
from dslnas.data.catalog import KNOWN
from dslnas.data.sets.esc import read_esc
from dslnas.data.splits import fold_split


@pytest.mark.parametrize("fold", range(1, 6))
def test_esc10_folds(fold: int, data_root: Path) -> None:
    data = open_data("esc10", data_root, DataOptions(fold=fold))
    assert len(data.clips) == 199
    assert disjoint(groups(data))
    for clip in data.clips:
        own = int(Path(clip.path).name[0])
        assert clip.split == fold_split(own, fold, 5)
    assert {int(Path(c.path).name[0]) for c in data.clips if c.split == "test"} == {fold}


def test_both_layouts_of_esc10_agree(data_root: Path) -> None:
    old = open_data("esc10", data_root)
    new = read_esc(KNOWN["esc10"], data_root / "ESC-50-master", DataOptions())
    assert len(new.clips) == 50

    def by_source(clips: Iterable[Clip]) -> dict[str, tuple[int, str]]:
        return {"-".join(Path(c.path).stem.split("-")[:3]): (c.label, c.split) for c in clips}

    expected = by_source(old.clips)
    assert all(expected[source] == fact for source, fact in by_source(new.clips).items())


def test_esc50_lacks_classes_here(data_root: Path) -> None:
    """A subset without recordings of some classes cannot train all of them, and the message names them."""
    with pytest.raises(DslnasError, match="no usable recording of pig, cow, frog") as error:
        open_data("esc50", data_root)
    assert error.value.diagnostics[0].code == "N0605"


def test_esc_has_no_speakers(data_root: Path) -> None:
    with pytest.raises(DslnasError, match="no speakers") as error:
        open_data("esc10", data_root, DataOptions(split="speaker"))
    assert error.value.diagnostics[0].code == "N0603"
