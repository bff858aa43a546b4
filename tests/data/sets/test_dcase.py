"""DCASE 2018 task 5 in its official layout, made here: folds hold sessions out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import soundfile
import torch
from recordings import make_dcase2018

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, open_data, prepare
from dslnas.data.audio import UnusableRecording, read_recording
from dslnas.data.catalog import KNOWN
from dslnas.runs.load import load
from dslnas.runs.request import Request

SHORT = "frontend=logmel(40, window: 40ms, hop: 20ms)"  # a second
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
    assert [data.count(split) for split in SPLITS] == [36, 18, 4 * 18]
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


def test_the_test_hears_every_channel_and_the_training_one_of_each_recording(root: Path) -> None:
    clips = open_data("dcase2018", root).clips
    tested = Counter((clip.path, clip.channel) for clip in clips if clip.split == "test")
    assert set(tested.values()) == {1} and len(tested) == 72
    assert {channel for _, channel in tested} == {1, 2, 3, 4}
    rest = [clip for clip in clips if clip.split != "test"]
    assert len({clip.path for clip in rest}) == len(rest)
    assert {clip.channel for clip in rest} == {1, 2, 3, 4}
    later = {clip.path: clip.channel for clip in open_data("dcase2018", root, DataOptions(fold=2)).clips}
    assert all(later[clip.path] == clip.channel for clip in rest if Path(clip.path).name[7] in "34")


def test_channels_are_heard_one_by_one(tmp_path: Path) -> None:
    frontend = load("nasc_baseline", Request(overrides=[SHORT])).frontend
    root = make_dcase2018(tmp_path)
    prepared = prepare(open_data("dcase2018", root), frontend, cache=tmp_path / "cache")
    assert prepared.test.channels == [1, 2, 3, 4] * 18 and len(prepared.train.channels) == 36
    wave, rate = soundfile.read(prepared.test.paths[5], dtype="int16")
    assert rate == 16000 and wave.shape[1] == 4
    middle = (frontend.samples - len(wave)) // 2
    heard = prepared.test.raw[5, middle : middle + len(wave)]
    assert heard.tolist() == wave[:, 1].tolist()
    assert not any("mixed down" in note for note in prepared.notes)
    again = prepare(open_data("dcase2018", root), frontend, cache=tmp_path / "cache")  # from the cache
    assert torch.equal(again.test.raw, prepared.test.raw)
    other = prepare(open_data("dcase2018", root, DataOptions(fold=2)), frontend, cache=tmp_path / "cache")
    assert not torch.equal(other.test.raw, prepared.test.raw)


def test_a_recording_that_lacks_a_channel_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "two.wav"
    soundfile.write(path, torch.zeros(100, 2).numpy(), 16000)
    with pytest.raises(UnusableRecording, match="no channel 3, only 2"):
        read_recording(path, channel=3)
    assert read_recording(path, channel=2).channels == 1
