"""The run folder: what it says of folders and files that are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import METRICS, SETTINGS, SPACE, RunFolder


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
