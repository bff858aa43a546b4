"""What a run takes outside of its steps: `python benchmarks/outside_steps.py [--runs N] [--json]`.

The front end in clips a second, as features and with every augmentation, in batches of 96 at the size of
SC09; and a whole `dslnas run` of a few steps on recordings of noise, as a process: its seconds, and those of
them that neither the search nor the training took (imports, reading the recordings, writing the run folder,
the test, the report). Medians.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import soundfile
import torch

from dslnas.base.run_folder import METRICS
from dslnas.data.frontend.frontend import FrontEndModule
from dslnas.runs.load import load
from dslnas.runs.request import Request

BATCH, STEPS, CLIPS = 96, 8, 40


def seconds_of(work: Callable[[], object], runs: int) -> float:
    """The median of some work, after one run that warms caches."""
    work()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)


def front_end(runs: int) -> dict[str, float]:
    """Clips a second of the front end of SC09, on waves of noise."""
    frontend = load("ss1", Request(data="sc09")).frontend
    module = FrontEndModule(frontend)
    generator = torch.Generator().manual_seed(0)
    waves = 0.1 * torch.randn(BATCH, frontend.samples, generator=generator)
    return {
        "features, clips a second": BATCH / seconds_of(lambda: module.features(waves), runs),
        "augmented, clips a second": BATCH / seconds_of(lambda: module.augmented(waves, generator), runs),
    }


def recordings(folder: Path) -> None:
    """Two classes of noise, a second each."""
    generator = torch.Generator().manual_seed(0)
    for name in ("left", "right"):
        (folder / name).mkdir(parents=True)
        for number in range(CLIPS):
            wave = 0.1 * torch.randn(16000, generator=generator)
            soundfile.write(folder / name / f"{number}.wav", wave.numpy(), 16000)


def whole_run(runs: int) -> dict[str, float]:
    """The seconds of a short run as a process, and of what is not its search and training."""
    walls, outside = [], []
    for _ in range(runs):
        with TemporaryDirectory() as folder:
            root = Path(folder)
            recordings(root / "data")
            options = [f"--data=folder:{root / 'data'}", f"--out={root / 'run'}", "--preset=quick"]
            sizes = [f"--set={stage}.steps={STEPS}" for stage in ("search", "train")]
            code = "from dslnas.cli.app import app; app()"
            started = time.perf_counter()
            command = [sys.executable, "-c", code, "run", "ss1", *options, *sizes]
            subprocess.run(command, check=True, capture_output=True)
            walls.append(time.perf_counter() - started)
            times = json.loads((root / "run" / METRICS).read_text(encoding="utf-8"))["time"]
            outside.append(walls[-1] - times["search"] - times["train"])
    return {"run, seconds": median(walls), "run outside of search and training, seconds": median(outside)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = {**front_end(max(1, given.runs)), **whole_run(max(1, given.runs))}
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:46} {value:10,.2f}")


if __name__ == "__main__":
    main()
