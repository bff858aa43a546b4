"""Data sets larger than memory: `python -m benchmarks.large_sets [--clips 10000] [--quick] [--folder DIR]`.

A set of noises of ten seconds at 16 kHz is made, in two classes, and prepared with nothing held in memory
(`DSLNAS_MEMORY=0`), in processes of their own:

- peak memory of preparing, some training steps and a test, for a quarter, a half and all of the clips;
- the seconds of the first start, and of a start that finds everything in the cache;
- steps from disk beside the same steps from memory, one of these, one of those: seconds of each, whether
  their losses are the same to the last bit, and whether a training goes on from its middle to the same.

Each row is printed as it comes. In a folder that is named the set and the figures stay (`measured.jsonl`),
and the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
import torch

from benchmarks.balance import NETWORK
from benchmarks.rows import Row, append, in_columns, rows_with
from dslnas.base.files import replacing
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.trainees import retraining
from dslnas.train.observer import Silent
from dslnas.train.retraining import Retraining
from dslnas.train.testing import accuracy

RATE, SECONDS, BATCH = 16_000, 10, 16
TESTED = 25  # clips: a test takes up to 256 at once, and its memory would grow until there are so many
WAV_BYTES = 44 + 2 * RATE * SECONDS  # a head, and samples of 16 bits
CPU = torch.device("cpu")
MEASURED = "measured.jsonl"
HEADER = ["clips", "first start s", "peak MB", "warm start s", "peak MB"]

Measure = Callable[[Path, Path, int, int], Row]  # of the set, an empty cache, clips and steps


def generate(folder: Path, clips: int) -> None:
    """Make a set of so many clips: noises, of which those of one class are louder in their first half.

    Clips that are there stay; one that is cut off is made again.
    """
    envelope = np.linspace(1.5, 0.5, RATE * SECONDS)
    for label in ("falls", "rises"):
        (folder / label).mkdir(parents=True, exist_ok=True)
    for number in range(clips):
        label = ("falls", "rises")[number % 2]
        path = folder / label / f"{number}.wav"
        if path.exists() and path.stat().st_size == WAV_BYTES:
            continue
        noise = np.random.default_rng(number).integers(-8000, 8000, RATE * SECONDS)
        shaped = noise * (envelope if label == "falls" else envelope[::-1])
        with replacing(path) as temporary:
            soundfile.write(temporary, shaped.astype(np.int16), RATE, format="WAV")


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


def course(folder: Path, clips: int, steps: int) -> Row:
    """One start with some steps and a test: seconds and peak memory. For a process of its own."""
    trainee, spent = begun(folder, clips, "0")
    for step in range(steps):
        trainee.step(step)
    tested = trainee.validation.part(torch.arange(min(TESTED, len(trainee.validation))))
    accuracy(trainee.network, tested, CPU)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"clips": clips, "seconds": spent, "peak": peak}


def compared(folder: Path, clips: int, steps: int) -> Row:
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


def in_process(folder: Path, cache: Path, kind: str, clips: int, steps: int) -> Row:
    """What `course` or `compared` measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large_sets", "--folder", str(folder), "--measure", kind]
    environment = {**os.environ, "DSLNAS_CACHE": str(cache)}
    more = ["--clips", str(clips), "--steps", str(steps)]
    done = subprocess.run([*command, *more], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: Row = json.loads(done.stdout.splitlines()[-1])
    return found


def starts(folder: Path, cache: Path, clips: int, steps: int) -> Row:
    """A first start, and one that finds everything in the cache."""
    first, warm = (in_process(folder, cache, "course", clips, steps) for _ in range(2))
    return {"first": first, "warm": warm}


def steps_of_both(folder: Path, cache: Path, clips: int, steps: int) -> Row:
    """Twice as many steps from memory and from disk."""
    return in_process(folder, cache, "compared", clips, 2 * steps)


def known(folder: Path, measure: Measure, clips: int, steps: int) -> Row:
    """What was measured before, or else is measured now with an empty cache, and stored."""
    told = {"measured": measure.__name__, "clips": clips, "steps": steps}
    if found := rows_with(folder / MEASURED, told):
        return found[-1]
    cache = folder / "cache-of-one-row"
    shutil.rmtree(cache, ignore_errors=True)  # left by a measurement that was ended
    row = {**told, **measure(folder, cache, clips, steps)}
    shutil.rmtree(cache, ignore_errors=True)
    append(folder / MEASURED, row)
    return row


def measured(folder: Path, clips: int, steps: int) -> Iterator[str]:
    """Everything, in lines of text as they come."""
    generate(folder, clips)
    yield in_columns([HEADER])
    for count in (clips // 4, clips // 2, clips):
        row = known(folder, starts, count, steps)
        figures = [row[start][name] for start in ("first", "warm") for name in ("seconds", "peak")]
        yield in_columns([HEADER, [str(count), *(f"{one:.1f}" for one in figures)]]).splitlines()[1]
    few = min(clips, 400)
    both = known(folder, steps_of_both, few, steps)
    yield (
        f"a step of {few} clips in batches of {BATCH}: {1000 * both['memory']:.0f} ms from memory, "
        f"{1000 * both['disk']:.0f} ms from disk, {100 * (both['ratio'] - 1):+.1f} %"
    )
    yield f"same losses: {both['same']}; gone on with from the middle: {both['resumed']}"


def main() -> None:
    """Make the set, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the set and the figures stay; default: nowhere")
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="400 clips")
    parser.add_argument("--measure", choices=("course", "compared"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        kind = course if given.measure == "course" else compared
        print(json.dumps(kind(given.folder, given.clips, given.steps)))
        return
    with nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory() as folder:
        for line in measured(Path(folder), 400 if given.quick else given.clips, given.steps):
            print(line, flush=True)


if __name__ == "__main__":
    main()
