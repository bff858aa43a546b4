"""How long checking takes: `python benchmarks/check.py [--runs N] [--json]`.

Medians of several runs, in milliseconds of wall time and of processor time (the second is what a busy machine
leaves comparable): the largest shipped space as a process and within one, its load and its plan, the largest
hand-made network, and layer-wise spaces of 250 to 2,000 choice points, which should take time in proportion.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from dslnas.check.check import check_file
from dslnas.resolve.library import shipped
from dslnas.runs.load import load
from dslnas.runs.plan import plan

POINTS = (250, 500, 1000, 2000)
Figures = dict[str, float]


def measured(work: Callable[[], object], runs: int) -> Figures:
    """The medians of some work, after one run that warms caches."""
    work()
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), _processor()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(_processor() - cpu)
    return {"wall_ms": round(1000 * median(walls), 1), "cpu_ms": round(1000 * median(cpus), 1)}


def _processor() -> float:
    """Seconds of processor time of this process and of those it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def as_process(name: str) -> None:
    """`dslnas check NAME` from nothing."""
    command = [sys.executable, "-c", "from dslnas.cli.app import app; app()", "check", name]
    subprocess.run(command, check=True, capture_output=True)


def largest(folder: Path) -> str:
    """The space of those in a folder, and below it, that takes longest to check."""
    taken = {}
    for path in folder.rglob("*.nas"):
        check_file(path)
        started = time.process_time()
        check_file(path)
        taken[path.stem] = time.process_time() - started
    return max(taken, key=taken.__getitem__)


def layers(points: int) -> str:
    """A layer-wise space of so many choice points, each of two operations."""
    stages = "\n        ".join(["-> choose {sep_conv(3), dil_conv(5)}"] * points)
    return f"""use "lib/darts.nas"
space Layers(channels = 16) {{
    network = input
        -> conv(3, channels)
        {stages}
        -> global_pool -> linear(classes)
}}
"""


@contextmanager
def files() -> Iterator[dict[int, Path]]:
    """The layer-wise spaces as files, by their choice points."""
    with TemporaryDirectory() as folder:
        paths = {points: Path(folder) / f"layers{points}.nas" for points in POINTS}
        for points, path in paths.items():
            path.write_text(layers(points), encoding="utf-8")
        yield paths


def figures(runs: int) -> dict[str, Figures]:
    """Everything that is measured, by what it is."""
    space, network = largest(shipped()), largest(shipped() / "handmade")
    experiment = load(space)
    by_hand = shipped() / "handmade" / f"{network}.nas"
    found = {
        f"check {space}, a process": measured(lambda: as_process(space), runs),
        f"check {space}": measured(lambda: check_file(shipped() / f"{space}.nas"), runs),
        f"check {network}, made by hand": measured(lambda: check_file(by_hand), runs),
        f"load {space}": measured(lambda: load(space), runs),
        f"plan {space}, once it is loaded": measured(lambda: plan(experiment), runs),
    }
    with files() as paths:
        for points, path in paths.items():
            found[f"check {points} choice points"] = measured(lambda path=path: check_file(path), runs)
        found[f"load {POINTS[2]} choice points"] = measured(lambda: load(paths[POINTS[2]]), 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="runs of which the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    found = figures(max(1, arguments.runs))
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    width = max(map(len, found))
    print(f"{'':{width}}  {'wall':>10}  {'processor':>10}")
    for name, one in found.items():
        print(f"{name:{width}}  {one['wall_ms']:7.1f} ms  {one['cpu_ms']:7.1f} ms")


if __name__ == "__main__":
    main()
