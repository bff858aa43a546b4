"""The device that a run takes."""

from __future__ import annotations

import pytest
import torch

from dslnas.train.devices import pick_device


@pytest.mark.parametrize(
    ("here", "picked"), [(None, "cpu"), ("cuda", "cuda"), ("mps", "mps"), ("xpu", "cpu"), ("meta", "cpu")]
)
def test_auto_is_an_accelerator_that_is_known(
    monkeypatch: pytest.MonkeyPatch, here: str | None, picked: str
) -> None:
    found = None if here is None else torch.device(here)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: found)
    assert pick_device("auto").type == picked
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("cuda").type == "cuda"
