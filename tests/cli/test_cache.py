"""`dslnas cache`: what it tells, what it removes, what it refuses."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import torch
from fake_runs import invoke

from dslnas.data.cache.tensors import store_tensors


@pytest.fixture
def features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with features of two data sets, of which one was used ten days ago."""
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "features"
    for name, days in (("fsdd", 10), ("sc09", 0)):
        path = folder / f"{name}.safetensors"
        store_tensors(path, {"x": torch.zeros(1000)}, {"data": name})
        os.utime(path, (time.time() - days * 86_400 - 60,) * 2)
    return folder


def test_the_place_and_the_sizes_are_told(features: Path) -> None:
    result = invoke("cache")
    assert result.exit_code == 0, result.output
    assert str(features.parent) in result.stdout and "DSLNAS_CACHE" in result.stdout
    for name in ("fsdd", "sc09"):
        assert any(line.split()[:4] == [name, "1", "4.2", "kB"] for line in result.stdout.splitlines())
    told = json.loads(invoke("cache", "--json").stdout)
    assert told["folder"] == str(features.parent) and not told["removed"]
    assert [one["data"] for one in told["data"]] == ["fsdd", "sc09"]
    assert told["bytes"] == sum(path.stat().st_size for path in features.iterdir())


def test_only_what_is_old_is_removed_where_that_is_asked_for(features: Path) -> None:
    result = invoke("cache", "--clear", "--older-than", "1w")
    assert result.exit_code == 0 and "removed from" in result.stdout
    assert [path.name for path in features.glob("*.safetensors")] == ["sc09.safetensors"]
    told = json.loads(invoke("cache", "--clear", "--json").stdout)
    assert told["removed"] and [one["data"] for one in told["data"]] == ["sc09"]
    assert list(features.glob("*.safetensors")) == []
    assert invoke("cache").stdout.startswith("0 B in ")


@pytest.mark.parametrize("text", ["", "7", "d", "7 days", "-1d", "1e9d"])
def test_what_is_no_time_is_refused(features: Path, text: str) -> None:
    result = invoke("cache", "--clear", "--older-than", text)
    assert result.exit_code == 2 and "is no time" in result.output
    assert len(list(features.glob("*.safetensors"))) == 2
