"""Checkpoints of a stage of a run: the state that a killed training needs to resume to the same result."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import torch

from ..base.files import write_atomically
from ..base.run_folder import CHECKPOINT, RunFolder


def save_checkpoint(folder: RunFolder, state: Mapping[str, Any]) -> None:
    """Write tensors and plain values as the checkpoint of a run, in place of the one before."""
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    write_atomically(folder.path / CHECKPOINT, buffer.getvalue())


def load_checkpoint(folder: RunFolder) -> dict[str, Any] | None:
    """The last checkpoint, or None where there is none; only tensors and plain values are unpickled.

    Raises DslnasError N0701 where the file is damaged.
    """
    path = folder.path / CHECKPOINT
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what torch raises on damaged files is of many kinds
        raise folder.bad_checkpoint(f"cannot be read: {type(error).__name__}") from None
    if not isinstance(state, dict):
        raise folder.bad_checkpoint("holds no checkpoint")
    return state
