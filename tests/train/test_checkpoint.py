"""Checkpoints: tensors and plain values, written whole."""

from __future__ import annotations

from pathlib import Path

from dslnas.base.run_folder import RunFolder
from dslnas.train.checkpoint import load_checkpoint, save_checkpoint


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
