"""Fixtures that several test files share."""

from __future__ import annotations

import os
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
