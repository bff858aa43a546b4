"""A run holds to the clips that it began with: when it is tested again, resumed and taken to other data."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from recordings import make_recordings, metrics_of, refused, tiny

from dslnas.base.run_folder import CLIPS, TEST
from dslnas.data.own.contents import content_of
from dslnas.data.own.manifest import Manifest
from dslnas.runs.begin import start
from dslnas.runs.run import Run, retest
from dslnas.runs.transfer import transfer

pytestmark = pytest.mark.usefixtures("tiny_runs")


def heard(run: Path) -> set[str]:
    return {
        Path(clip["path"]).parent.name + Path(clip["path"]).name
        for clip in json.loads((run / TEST).read_text())["clips"]
    }


@pytest.fixture
def small(tmp_path: Path) -> Run:
    """A run of a fixed genotype on a folder of its own."""
    make_recordings(tmp_path / "set", classes=2, clips=10)
    steps = ("search.steps=2", "train.steps=2")
    run = start(tiny(tmp_path / "set", *steps), tmp_path / "run", device="cpu")
    run.execute()
    return Run.open(tmp_path / "run")


def test_a_test_never_hears_what_has_trained(small: Run, tmp_path: Path) -> None:
    manifest = Manifest.read(small.path / CLIPS)
    first = heard(small.path)
    for number in range(8):
        shutil.copy(tmp_path / "set/class0" / f"{number}.wav", tmp_path / "set/class1" / f"new{number}.wav")
    gone = next(row.file for row in manifest.rows if row.split == "test" and "class1" in row.file)
    (tmp_path / "set" / gone).unlink()
    notes = retest(Run.open(small.path))["data"]["notes"]
    assert heard(small.path) == first - {gone.replace("/", "")}
    assert any("8 recordings have come since" in note for note in notes)
    assert any("1 of test" in note for note in notes)


def test_moved_data_is_found_again_and_checked(small: Run, tmp_path: Path) -> None:
    before = metrics_of(small.path)["test"]
    (tmp_path / "set").rename(tmp_path / "moved")
    help = refused("N0604", "does not exist", lambda: retest(Run.open(small.path)))
    assert "--data folder:PATH" in help
    again = Run.open(small.path, data=f"folder:{tmp_path / 'moved'}")
    assert retest(again)["test"] == before
    make_recordings(tmp_path / "other", classes=2, clips=3)
    for path in (tmp_path / "other").rglob("*.wav"):
        path.write_bytes(path.read_bytes()[:-2])
    refused(
        "N0605",
        "no usable recording",
        lambda: retest(Run.open(small.path, data=f"folder:{tmp_path / 'other'}")),
    )


def test_no_place_of_the_machine_is_in_the_folder_of_a_run(small: Run, tmp_path: Path) -> None:
    """And yet its data is found: from where the run moves with it, or without it."""
    for path in small.path.rglob("*"):
        assert not path.is_file() or str(tmp_path).encode() not in path.read_bytes(), path
    before = metrics_of(small.path)["test"]
    data = f"folder:{tmp_path / 'set'}"
    assert small.experiment.data == data
    alone = Run.open(shutil.copytree(small.path, tmp_path / "far/away/run"))
    assert alone.experiment.data == data and retest(alone)["test"] == before
    (tmp_path / "both").mkdir()
    for name in ("set", "run"):
        (tmp_path / name).rename(tmp_path / "both" / name)
    both = Run.open(tmp_path / "both/run")
    assert both.experiment.data == f"folder:{tmp_path / 'both/set'}" and retest(both)["test"] == before


def test_a_training_goes_on_with_all_its_clips_alone(small: Run, tmp_path: Path) -> None:
    (small.path / "weights.safetensors").unlink()
    (small.path / TEST).unlink()
    shutil.copy(tmp_path / "set/class0/1.wav", tmp_path / "set/class0/99.wav")
    Run.open(small.path).execute()
    (small.path / "weights.safetensors").unlink()
    trained = next(
        row.file
        for row in Manifest.read(small.path / CLIPS).rows
        if row.split == "train" and "class1" in row.file
    )
    (tmp_path / "set" / trained).unlink()
    refused("N0605", "1 recordings of the run are gone", lambda: Run.open(small.path).execute())


def test_a_run_without_a_list_goes_on_as_it_did(small: Run, tmp_path: Path) -> None:
    before = metrics_of(small.path)["test"]
    (small.path / CLIPS).unlink()
    old = Run.open(small.path)
    assert old.experiment.by_path
    assert retest(old)["test"] == before
    assert not (small.path / CLIPS).exists()
    refused("N0701", "keeps no list", lambda: Run.open(small.path, data=f"folder:{tmp_path / 'set'}"))


def test_a_transfer_leaves_out_what_has_trained(small: Run, tmp_path: Path) -> None:
    strange = Manifest.read(small.path / CLIPS).contents("test")
    for path in (tmp_path / "set").rglob("*.wav"):
        split = "test" if content_of(path) in strange or path.stem in "01" else "train"
        target = tmp_path / "more" / split / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    result = transfer(small, f"folder:{tmp_path / 'more'}")
    assert result.as_it_is.clips == len(strange) < len([*(tmp_path / "more/test").rglob("*.wav")])
    unsaid = Manifest(tuple(replace(row, content="") for row in Manifest.read(small.path / CLIPS).rows))
    unsaid.write(small.path / CLIPS)  # as of a data set that is known by name
    again = transfer(Run.open(small.path), f"folder:{tmp_path / 'more'}")
    assert again.as_it_is == result.as_it_is


def test_names_that_are_no_utf8_go_the_whole_way(tmp_path: Path) -> None:
    folder = make_recordings(tmp_path / "set", classes=2, clips=6)
    odd = b"cl\xefss".decode("utf-8", "surrogateescape")
    (folder / "class0").rename(folder / odd)
    for path in sorted((folder / "class1").iterdir()):
        path.rename(path.with_name(f"{odd}{path.name}"))
    run = start(tiny(folder, "search.steps=2", "train.steps=2"), tmp_path / "run", device="cpu")
    assert run.execute()["data"]["classes"] == sorted([odd, "class1"])
    assert retest(Run.open(tmp_path / "run"))["data"]["skipped"] == []


def test_a_start_that_fails_leaves_nothing_in_the_way(
    small: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("dslnas.base.run_folder.RunFolder.update_metrics", broken)
        with pytest.raises(OSError, match="no room"):
            start(small.experiment, tmp_path / "again", device="cpu")
    assert not (tmp_path / "again").exists()
