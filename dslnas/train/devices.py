"""Selects the device that trains, and makes its results reproducible."""

from __future__ import annotations

import os

import torch

ACCELERATORS = ("cuda", "mps")


def pick_device(name: str) -> torch.device:
    """The device that `cpu`, `cuda` or `mps` names; `auto` is the available accelerator, else the CPU.

    On a GPU it selects deterministic convolutions, which sum in the same order every time. The precision of
    their factors is left at torch's setting, TF32 by default.
    """
    device = torch.device(name) if name != "auto" else _fastest()
    if device.type == "cuda":
        _settle()
    return device


def _fastest() -> torch.device:
    present = torch.accelerator.current_accelerator(check_available=True)
    return present if present is not None and present.type in ACCELERATORS else torch.device("cpu")


def _settle() -> None:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without, sums of cuBLAS vary
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
