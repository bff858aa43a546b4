"""Where the folders of the repository stand that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
MISTAKES = ROOT / "tests" / "mistakes"
HELPERS = ROOT / "tests" / "helpers"
