"""The settings of a run that is opened: how its recordings were resampled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import refused

from dslnas.base.run_folder import SETTINGS
from dslnas.data.resampling import PRESENT, RESAMPLINGS, UNSAID
from dslnas.runs.experiment import describe_settings
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run_settings import read_run_settings


def settings(folder: Path, resampling: Any) -> Path:
    """The settings of an experiment that name a resampling, None for none."""
    said = dict(describe_settings(load("ss1", Request(data="fsdd"))))
    assert said["data"]["resampling"] == PRESENT
    said["data"] |= {"resampling": resampling}
    if resampling is None:
        del said["data"]["resampling"]
    path = folder / SETTINGS
    path.write_text(json.dumps(said))
    return path


@pytest.mark.parametrize(("said", "expected"), [*zip(RESAMPLINGS, RESAMPLINGS, strict=True), (None, UNSAID)])
def test_a_run_is_tested_as_its_recordings_were_resampled(said: Any, expected: str, tmp_path: Path) -> None:
    request = read_run_settings(settings(tmp_path, said)).request
    assert request.resampling == expected
    assert load("ss1", request).resampling == expected
    assert load("ss1", Request(preset="paper").over(request)).resampling == expected


@pytest.mark.parametrize("said", ["sinc", 3, ["soxr"]])
def test_an_unknown_resampling_is_told(said: Any, tmp_path: Path) -> None:
    path = settings(tmp_path, said)
    refused("N0701", "`resampling` is none of soxr, hann", lambda: read_run_settings(path))
