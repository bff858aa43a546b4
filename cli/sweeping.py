"""The work of `dslnas sweep`: creating the folder, running trials with progress, estimates, results."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .options import Preset

if TYPE_CHECKING:
    from dslnas.runs.sweep.folder import SweepFolder
    from dslnas.runs.sweep.work import Engine

# What the terminal shows, but for figures that are missing or zero in every row; the files have all.
SHOWN = ("accuracy (%)", "95 % interval", "live (M)", "gap", "polynomials (%)")
BESIDE_NAMES = 41  # characters: what a line of a trial says beside its name, with two digits of an hour


def laid_out(
    file: str,
    preset: Preset | None,
    device: str,
    data_root: Path | None,
    settings: Sequence[str],
    out: Path | None,
) -> SweepFolder:
    """The folder of the sweeps of a file, new or to be continued."""
    from dslnas.runs.request import Request
    from dslnas.runs.sweep.folder import lay_out
    from dslnas.runs.sweep.trials import load_sweeps

    from .running import preset_for

    request = Request(data_root=data_root, preset=preset_for(preset, device), overrides=settings)
    found = load_sweeps(file, request)
    folder = out or Path("runs") / f"{found.path.stem}-sweep"
    return lay_out(found, folder, device=device, command=shlex.join(["dslnas", *sys.argv[1:]]))


def engine_for(name: str, jobs: int, threads: int | None, plugins: Sequence[str]) -> Engine:
    """The engine of a name. threads: of each trial; None: the processors that are ours, divided by `jobs`.

    What others use counts for nothing here, so that all trials of a comparison have as many.
    """

    from dslnas.runs.sweep.cluster import Cluster
    from dslnas.runs.sweep.processes import Processes
    from dslnas.runs.sweep.work import Here
    from dslnas.runs.threads import Threads, usable_threads

    each = Threads(threads or max(1, usable_threads() // jobs), stated=threads is not None)
    if name == "ray":
        return Cluster(each, tuple(plugins))
    if jobs > 1:
        return Processes(jobs, each, tuple(plugins))
    return Here(each)


def execute(folder: SweepFolder, only: str, engine: Engine, *, in_turn: bool) -> dict[str, str]:
    """Run the trials that are left; returns the errors by trial. Ctrl-C prints how to go on.

    in_turn: whether the engine runs one trial after another, so that the stages of each are shown.
    """
    from dslnas.base.lock import locked
    from dslnas.runs.sweep.work import jobs_of

    from .terminal import say
    from .watching import InTurn, SideBySide

    with locked(folder.path):
        pending = folder.pending(only)
        watch = InTurn(len(pending)) if in_turn else SideBySide(len(pending))
        try:
            with watch:
                for outcome in engine(jobs_of(folder, pending), watch):
                    folder.record(outcome.job.name, outcome.error)
                    watch.ended(outcome)
        except KeyboardInterrupt:
            say(f"interrupted; go on with: dslnas sweep {shlex.quote(str(folder.path))}")
            raise typer.Exit(130) from None
    names = {one.name for one in pending}
    return {name: error for name, error in folder.failed().items() if name in names}


def show(folder: SweepFolder, failed: Mapping[str, str], as_json: bool, measurement: Path | None) -> None:
    """Write the tables and figures, and print results and errors.

    measurement: the JSON file to which the results are published as well.
    """
    from dslnas.runs.sweep.measurement import publish_measurement
    from dslnas.runs.sweep.publish import publish
    from dslnas.runs.sweep.results import architectures
    from dslnas.runs.sweep.tables import EMPTY, FIGURES, record

    from .terminal import out, print_json, say, table

    found = {sweep: architectures(folder, sweep) for sweep in folder.sweeps}
    written = publish(folder)
    if measurement is not None:
        written += publish_measurement(folder, measurement)
    for name, error in failed.items():
        say(f"{name} failed:\n{error}\n")
    if as_json:
        sweeps = {sweep: [record(one) for one in rows] for sweep, rows in found.items()}
        left = [one.name for one in folder.pending()]
        print_json({"folder": str(folder.path), "sweeps": sweeps, "left": left, "failed": dict(failed)})
        return
    console = out()
    for sweep, rows in found.items():
        columns = [
            (f"{name}#", cell)
            for name, cell in FIGURES
            if name == SHOWN[0] or (name in SHOWN and any(cell(one) not in EMPTY for one in rows))
        ]
        lines = [
            (" ".join(filter(None, (*one.row, one.letter))), *(cell(one) for _, cell in columns))
            for one in rows
        ]
        heads = ("", *(name for name, _ in columns))
        console.print(table(sweep, heads, lines))
        console.print()
    if remaining := len(folder.pending()):
        console.print(
            f"{remaining} of {len(folder.trials)} trials are left: dslnas sweep {folder.path}", soft_wrap=True
        )
    for path in written:
        console.print(str(path), soft_wrap=True)


def dry(
    file: str,
    preset: Preset | None,
    device: str,
    data_root: Path | None,
    settings: Sequence[str],
    only: str,
    as_json: bool,
) -> None:
    """Print the trials with their sizes and estimated times."""
    from fnmatch import fnmatch

    from dslnas.base.figures import millions
    from dslnas.runs.request import Request
    from dslnas.runs.sweep.estimate import estimates
    from dslnas.runs.sweep.trials import load_sweeps

    from .running import preset_for
    from .terminal import duration, out, print_json, say, table, tail_of

    request = Request(data_root=data_root, preset=preset_for(preset, device), overrides=settings)
    found = load_sweeps(file, request)
    trials = [one for one in found.trials() if fnmatch(one.name, only)]
    say(f"{len(trials)} trials: sizing their networks, and timing a few steps of the first one searched here")
    listed = estimates(found, trials, device)
    timed = [one.seconds for one in listed if one.seconds is not None]
    if as_json:
        sizes = [{"name": one.trial.name, "parameters": one.params, "seconds": one.seconds} for one in listed]
        print_json({"trials": sizes, "seconds": sum(timed) if timed else None})
        return
    console = out()
    rows = [
        (
            tail_of(one.trial.name, console.width - BESIDE_NAMES),
            "search" if one.trial.searches else "retraining",
            millions(one.params),
            "" if one.seconds is None else duration(one.seconds),
        )
        for one in listed
    ]
    console.print(
        table(
            f"{len(rows)} trials, of so many parameters at most", ("trial", "", "parameters#", "about#"), rows
        )
    )
    console.print(_in_all(timed, len(listed)), soft_wrap=True)


def _in_all(timed: Sequence[float], trials: int) -> str:
    """How long some trials take, of which those without a search may not have been timed."""
    from .terminal import duration

    if not timed:
        return "no step was timed, since none of them is searched: how long they take is not known"
    others = f", without the {trials - len(timed)} that were not timed" if len(timed) < trials else ""
    return f"in all about {duration(sum(timed))} on this machine, at the pace of its first steps{others}"
