"""The run folder: whole files or none, and what it says of folders and files that are broken."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.base.files import write_atomically
from dslnas.base.run_folder import METRICS, SETTINGS, SPACE, RunFolder
from dslnas.train.checkpoint import load_checkpoint, save_checkpoint
from dslnas.train.observer import Silent


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.json"
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["metrics.json"]  # noqa: PTH208


def test_a_written_file_has_the_rights_of_any_file(tmp_path: Path) -> None:
    (tmp_path / "touched").touch()
    write_atomically(tmp_path / "written", b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("touched", "written")]
    assert modes[0] == modes[1]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="cannot be written: No such file") as caught:
        write_atomically(tmp_path / "none" / "x", b"", "N0603")
    assert caught.value.diagnostics[0].code == "N0603"


def test_a_new_run_takes_an_empty_place_alone(tmp_path: Path) -> None:
    assert RunFolder.create(tmp_path / "a" / "b").path.is_dir()
    assert RunFolder.create(tmp_path / "a" / "b").path.is_dir()  # still empty
    (tmp_path / "a" / "file").write_text("")
    for taken in (tmp_path / "a", tmp_path / "a" / "file"):
        with pytest.raises(DslnasError, match="exists and is not empty") as caught:
            RunFolder.create(taken)
        assert caught.value.diagnostics[0].code == "N0701"
        assert "--resume" in caught.value.diagnostics[0].help
    with pytest.raises(DslnasError, match="cannot be made"):
        RunFolder.create(tmp_path / "a" / "file" / "run")


@pytest.mark.parametrize("names", [(), (SPACE,), (SETTINGS,)])
def test_a_folder_that_is_no_run_is_told(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(DslnasError, match="is no run folder") as caught:
            RunFolder.open(path)
        assert caught.value.diagnostics[0].code == "N0701"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_broken_json_is_told_by_its_path(tmp_path: Path, content: bytes) -> None:
    (tmp_path / METRICS).write_bytes(content)
    with pytest.raises(DslnasError, match=METRICS) as caught:
        RunFolder(tmp_path).update_metrics(seed=1)
    assert caught.value.diagnostics[0].code == "N0701"
    assert (tmp_path / METRICS).read_bytes() == content


def test_groups_of_figures_are_merged(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.metrics() == {}
    folder.update_metrics(params={"live": 1}, seed=0)
    folder.update_metrics(params={"supernet": 2}, seed=3)
    assert folder.metrics() == {"params": {"live": 1, "supernet": 2}, "seed": 3}
    (tmp_path / METRICS).write_text("[]")
    with pytest.raises(DslnasError, match="holds no figures"):
        folder.metrics()


def test_the_history_knows_its_length_without_being_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.history_length == 0
    folder.append_history({"stage": "search", "word": "für"})
    length = folder.history_length
    folder.append_history({"stage": "train"})
    assert folder.history_length > length
    folder.truncate_history(length)
    assert folder.history_length == length
    folder.drop_history("search")
    assert folder.history_length == 0


def test_figures_that_are_no_numbers_never_reach_the_history(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        RunFolder(tmp_path).append_history({"stage": "search", "loss": float("nan")})


def test_checkpoints_come_back_and_go(tmp_path: Path) -> None:
    import torch

    folder = RunFolder(tmp_path)
    assert load_checkpoint(folder) is None
    save_checkpoint(folder, {"stage": "search", "weights": torch.arange(3), "list": [1, {"a": 2.5}]})
    state = load_checkpoint(folder)
    assert state is not None
    assert state["weights"].tolist() == [0, 1, 2]
    assert state["list"] == [1, {"a": 2.5}]
    folder.drop_checkpoint()
    folder.drop_checkpoint()
    assert load_checkpoint(folder) is None


def test_the_silent_observer_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    silent = Silent()
    silent.begin("search", 3)
    silent.advance("search", 1, loss=0.5)
    silent.say("hello")
    assert capsys.readouterr() == ("", "")
