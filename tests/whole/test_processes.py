"""Two processes that `torchrun` starts train the supernet that one process trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nested import NESTED
from safetensors.torch import load_file

from dslnas.base.run_folder import FRONT, GENOTYPE, SUPERNET
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request

pytestmark = pytest.mark.usefixtures("tiny_runs")
SETTINGS = (
    "search.batch=5",  # three and two
    "search.steps=3",
    "method.evolve=nsga2(population: 4, generations: 2)",
)
TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "dslnas")


def launched(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *TORCHRUN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"})


def test_two_processes_come_to_the_genotype_of_one(tones: Path, tmp_path: Path) -> None:
    file = tmp_path / "nested.nas"
    file.write_text(NESTED)
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    start(load(file, Request(data=f"folder:{tones}", overrides=SETTINGS)), alone, device="cpu").execute(
        until="search"
    )
    settings = [word for one in SETTINGS for word in ("--set", one)]
    done = launched(
        "search", str(file), "--data", f"folder:{tones}", "--out", str(shared), "--device", "cpu", *settings
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("2 processes train the supernet") == 1, "one of them speaks"
    expected, found = load_file(alone / SUPERNET), load_file(shared / SUPERNET)
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert value.allclose(found[name], rtol=1e-4, atol=1e-5), name
    assert (shared / GENOTYPE).read_bytes() == (alone / GENOTYPE).read_bytes()
    fronts = [json.loads((path / FRONT).read_text())["points"] for path in (alone, shared)]
    assert fronts[0] == fronts[1]
