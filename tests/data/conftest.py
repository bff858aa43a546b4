"""A front end and folders of recordings for these tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from making import front_end, tone

from dslnas.ir.frontend import FrontEnd


@pytest.fixture
def logmel() -> FrontEnd:
    return front_end()


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of two classes, `high` and `low`, of ten tones each, at 8 kHz."""
    import soundfile

    def make(name: str = "tones", clips: int = 10) -> Path:
        for label, hertz in (("high", 1500), ("low", 300)):
            folder = tmp_path / name / label
            folder.mkdir(parents=True)
            for index in range(clips):
                soundfile.write(folder / f"{index}.wav", tone(hertz + 10 * index, 0.5, 8000), 8000)
        return tmp_path / name

    return make
