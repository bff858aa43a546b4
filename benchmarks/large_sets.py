"""Data sets larger than memory: `python -m benchmarks.large_sets [--clips 10000] [--quick] [--folder DIR]`.

A set of noises of ten seconds at 16 kHz is made, in two classes, and prepared with nothing held in memory
(`DSLNAS_MEMORY=0`), in processes of their own:

- peak memory of preparing, some training steps and a test, for a quarter, a half and all of the clips;
- the seconds of the first start, and of a start that finds everything in the cache;
- steps from disk beside the same steps from memory, one of these, one of those: seconds of each, whether
  their losses are the same to the last bit, and whether a training goes on from its middle to the same.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
import torch

from benchmarks.balance import NETWORK
from benchmarks.rows import in_columns
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import prepare_data
from dslnas.runs.trainees import retraining
from dslnas.train.observer import Silent
from dslnas.train.retraining import Retraining
from dslnas.train.testing import accuracy

RATE, SECONDS, BATCH = 16_000, 10, 16
TESTED = 25  # clips: a test takes up to 256 at once, and its memory would grow until there are so many
CPU = torch.device("cpu")


def generate(folder: Path, clips: int) -> None:
    """Make a set of so many clips: noises, of which those of one class are louder in their first half."""
    chance = np.random.default_rng(0)
    envelope = np.linspace(1.5, 0.5, RATE * SECONDS)
    for label in ("falls", "rises"):
        (folder / label).mkdir(parents=True, exist_ok=True)
    for number in range(clips):
        label = ("falls", "rises")[number % 2]
        path = folder / label / f"{number}.wav"
        if path.exists():
            continue
        noise = chance.integers(-8000, 8000, RATE * SECONDS)
        shaped = noise * (envelope if label == "falls" else envelope[::-1])
        soundfile.write(path, shaped.astype(np.int16), RATE)


def listed(folder: Path, clips: int) -> Path:
    """A table of the first clips of the set."""
    names = [f"{('falls', 'rises')[number % 2]}/{number}.wav" for number in range(clips)]
    table = folder / f"{clips}.csv"
    table.write_text("\n".join(["file,label", *(f"{name},{name.split('/')[0]}" for name in names)]))
    return table


def experiment(folder: Path, clips: int) -> Experiment:
    """The training of a small network on the first clips of a set."""
    network = folder / "network.nas"
    network.write_text(NETWORK)
    overrides = (
        f"frontend=logmel(32, rate: {RATE}Hz, clip: {SECONDS}s)",
        f"train.batch={BATCH}",
        "train.steps=100000",
    )
    return load(network, Request(f"csv:{listed(folder, clips)}", overrides=overrides, seed=0))


def begun(folder: Path, clips: int, memory: str) -> tuple[Retraining, float]:
    """A training at its first step, and the seconds until its data was there. memory: what is held in it."""
    os.environ["DSLNAS_MEMORY"] = memory
    one = experiment(folder, clips)
    started = time.monotonic()
    prepared = prepare_data(one, None, Silent())
    spent = time.monotonic() - started
    genotype = one.only_genotype
    assert genotype is not None
    return retraining(one, genotype, prepared, CPU), spent


def course(folder: Path, clips: int, steps: int) -> dict[str, Any]:
    """One start with some steps and a test: seconds and peak memory. For a process of its own."""
    trainee, spent = begun(folder, clips, "0")
    for step in range(steps):
        trainee.step(step)
    tested = trainee.validation.part(torch.arange(min(TESTED, len(trainee.validation))))
    accuracy(trainee.network, tested, CPU)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"clips": clips, "seconds": spent, "peak": peak}


def compared(folder: Path, clips: int, steps: int) -> dict[str, Any]:
    """Steps from memory and from disk in turn, and the second half of the latter again from the middle."""
    held, stored = begun(folder, clips, "1T")[0], begun(folder, clips, "0")[0]
    spent: dict[str, list[float]] = {"memory": [], "disk": []}
    losses: dict[str, list[float]] = {"memory": [], "disk": []}
    middle: dict[str, Any] = {}
    for step in range(steps):
        if step == steps // 2:
            middle = copy.deepcopy(dict(stored.state_dict()))
        for name, trainee in (("memory", held), ("disk", stored)):
            started = time.monotonic()
            figures = trainee.step(step)
            losses[name].append(float(figures["loss"]))
            spent[name].append(time.monotonic() - started)
    resumed, _ = begun(folder, clips, "0")
    resumed.load_state_dict(middle)
    again = [float(resumed.step(step)["loss"]) for step in range(steps // 2, steps)]
    return {
        "memory": median(spent["memory"][2:]),
        "disk": median(spent["disk"][2:]),
        "ratio": median(two / one for one, two in zip(spent["memory"], spent["disk"], strict=True)),
        "same": losses["memory"] == losses["disk"],
        "resumed": again == losses["disk"][steps // 2 :],
    }


def in_process(folder: Path, cache: Path, kind: str, clips: int, steps: int) -> dict[str, Any]:
    """What `course` or `compared` measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large_sets", "--folder", str(folder), "--measure", kind]
    environment = {**os.environ, "DSLNAS_CACHE": str(cache)}
    more = ["--clips", str(clips), "--steps", str(steps)]
    done = subprocess.run([*command, *more], env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(folder: Path, clips: int, steps: int) -> list[str]:
    """Everything, as lines of text."""
    generate(folder, clips)
    rows = [["clips", "first start s", "peak MB", "warm start s", "peak MB"]]
    for count in (clips // 4, clips // 2, clips):
        with tempfile.TemporaryDirectory(dir=folder) as cache:
            first, warm = (in_process(folder, Path(cache), "course", count, steps) for _ in range(2))
            figures = (first["seconds"], first["peak"], warm["seconds"], warm["peak"])
            rows.append([str(count), *(f"{one:.1f}" for one in figures)])
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        few = min(clips, 400)
        steps_told = in_process(folder, Path(cache), "compared", few, 2 * steps)
    told = (
        f"a step of {few} clips in batches of {BATCH}: {1000 * steps_told['memory']:.0f} ms from memory, "
        f"{1000 * steps_told['disk']:.0f} ms from disk, {100 * (steps_told['ratio'] - 1):+.1f} %"
    )
    same = f"same losses: {steps_told['same']}; gone on with from the middle: {steps_told['resumed']}"
    return [*in_columns(rows).splitlines(), told, same]


def main() -> None:
    """Make the set, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the set is made and stays; default: nowhere")
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="400 clips")
    parser.add_argument("--measure", choices=("course", "compared"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        kind = course if given.measure == "course" else compared
        print(json.dumps(kind(given.folder, given.clips, given.steps)))
        return
    clips = 400 if given.quick else given.clips
    if given.folder is not None:
        print("\n".join(measure(given.folder, clips, given.steps)))
        return
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(measure(Path(folder), clips, given.steps)))


if __name__ == "__main__":
    main()
