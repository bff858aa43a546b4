"""DCASE 2018 task 5 in its official layout, made here: folds hold sessions out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, open_data
from dslnas.data.catalog import KNOWN

CLASSES = KNOWN["dcase2018"].classes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two segments of one session for each class and fold; the files hold nothing, nobody decodes them."""
    folder = tmp_path / "DCASE2018-task5-dev"
    (folder / "evaluation_setup").mkdir(parents=True)
    (folder / "audio").mkdir()
    for fold in range(1, 5):
        lines = []
        for label, name in enumerate(CLASSES):
            for segment in (1, 2):
                path = f"audio/DevNode{fold}_ex{label}_{segment}.wav"
                (folder / path).touch()
                lines.append(f"{path}\t{name}\n")
        (folder / f"evaluation_setup/fold{fold}_evaluate.txt").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize("fold", range(1, 5))
def test_a_fold_is_the_test_and_the_next_one_the_validation(root: Path, fold: int) -> None:
    data = open_data("dcase2018", root, DataOptions(fold=fold))
    assert [data.count(split) for split in SPLITS] == [36, 18, 18]
    folds = {s: {int(Path(c.path).name[7]) for c in data.clips if c.split == s} for s in SPLITS}
    assert folds["test"] == {fold}
    assert folds["validation"] == {fold % 4 + 1}
    sessions = [{clip.group for clip in data.clips if clip.split == split} for split in SPLITS]
    assert len(set().union(*sessions)) == sum(map(len, sessions)) == 36
    for clip in data.clips:
        assert clip.group == f"DevNode{Path(clip.path).name[7]}_ex{clip.label}"


def test_what_is_listed_and_cannot_be_used_is_told(root: Path) -> None:
    folder = root / "DCASE2018-task5-dev"
    (folder / "audio/DevNode1_ex0_1.wav").unlink()
    with (folder / "evaluation_setup/fold2_evaluate.txt").open("a") as file:
        file.write("audio/DevNode2_ex9_1.wav\tsinging\n")
    data = open_data("dcase2018", root)
    reasons = {Path(path).name: reason for path, reason in data.skipped}
    assert reasons == {
        "DevNode1_ex0_1.wav": "listed for fold 1, but not there",
        "DevNode2_ex9_1.wav": "`singing` is no class of dcase2018",
    }


@pytest.mark.parametrize(("options", "word"), [({"split": "speaker"}, "no speakers"), ({"fold": 5}, "fold")])
def test_options_that_it_cannot_follow(root: Path, options: dict[str, object], word: str) -> None:
    with pytest.raises(DslnasError, match=word) as error:
        open_data("dcase2018", root, DataOptions(**options))  # type: ignore[arg-type]
    assert error.value.diagnostics[0].code == "N0603"


def test_a_list_that_is_missing_is_told(root: Path) -> None:
    path = root / "DCASE2018-task5-dev/evaluation_setup/fold3_evaluate.txt"
    path.unlink()
    with pytest.raises(DslnasError, match="fold3_evaluate") as error:
        open_data("dcase2018", root)
    assert error.value.diagnostics[0].code == "N0604"
