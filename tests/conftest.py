"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real recordings: $DSLNAS_DATA, or `shared/data` beside the repository."""
    named = os.environ.get("DSLNAS_DATA")
    root = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not root.is_dir():
        pytest.skip(f"no recordings at {root}: set DSLNAS_DATA")
    return root


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Torch with one thread, where a test has imported it: small tensors gain nothing from more."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)
