"""`dslnas run --folds K`: a run for each fold of the data, one after another, and what they say together."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .options import Log

if TYPE_CHECKING:
    from dslnas.runs.experiment import Experiment
    from dslnas.runs.folds.folder import Continued, FoldsFolder
    from dslnas.runs.request import Request
    from dslnas.train.observer import Observer


def experiments(file: str, request: Request, folds: int) -> list[Experiment]:
    """The experiment of each fold, that of fold 1 first; raises DslnasError where it has an error."""
    from dataclasses import replace

    from dslnas.resolve.settings import parse_override
    from dslnas.runs.folds.folder import fold_settings, of_fold

    from .subject import subject_of

    if any(parse_override(text).key in ("data.fold", "data.folds") for text in request.overrides):
        raise typer.BadParameter("--folds does every fold: leave out `--set data.fold`")
    first = subject_of(
        file, replace(request, overrides=(*request.overrides, *fold_settings(folds, 1)))
    ).experiment
    return [of_fold(first, fold) for fold in range(1, folds + 1)]


def dry(found: Sequence[Experiment], data_root: Path | None, as_json: bool) -> None:
    """Print the plan of a fold, which is that of each, and how many clips do what in each of them."""
    from dslnas.data import SPLITS
    from dslnas.runs import plan as plans
    from dslnas.runs.experiment import check_decided
    from dslnas.runs.folds.folder import clips_of

    from .plan import show
    from .terminal import out, print_json, table

    check_decided(found[0])
    planned = plans.plan(found[0], free=plans.free_memory())
    clips = clips_of(found, data_root)
    if as_json:
        folds = [{"fold": number, **counts} for number, counts in enumerate(clips, start=1)]
        print_json({**plans.to_json(planned), "folds": folds})
        return
    show(planned)
    rows = [(f"fold{number}", *(str(one[split]) for split in SPLITS)) for number, one in enumerate(clips, 1)]
    console = out()
    console.print(table("clips of each fold", ("run", *(f"{split}#" for split in SPLITS)), rows))
    console.print(f"{len(rows)} folds, each a run as above, one after another", soft_wrap=True)


def started(
    found: Sequence[Experiment], out: Path | None, data_root: Path | None, device: str
) -> FoldsFolder:
    """Create the folder of a cross-validation, once its data is known to serve; prints the warnings."""
    from dslnas.runs.folds.folder import clips_of, lay_out
    from dslnas.train.observer import reporting

    from .progress import watcher
    from .running import folder_for
    from .terminal import print_diagnostics

    print_diagnostics(found[0].warnings)
    folder = folder_for(found[0], out, f"-{len(found)}folds")
    with watcher() as observer:
        clips_of(found, data_root, reporting(observer, "data"))
    command = shlex.join(["dslnas", *sys.argv[1:]])
    return lay_out(found, folder, data_root=data_root, device=device, command=command)


def execute(folder: FoldsFolder, how: Continued, threads: int | None, log: Log | None, as_json: bool) -> None:
    """Do the folds that are left, with progress, and show the results; Ctrl-C prints how to go on.

    Ends with exit code 1 where a fold has failed.
    """
    from dslnas.base.lock import locked
    from dslnas.runs.folds import folder as cross
    from dslnas.runs.folds.results import results_of, write_results
    from dslnas.runs.sweep.work import Job, JobResult
    from dslnas.runs.threads import Threads, free_threads

    from .terminal import say
    from .watching import InTurn

    taken = free_threads() if threads is None else Threads(threads)
    jobs = {name: Job(name, folder.run(name), None, False) for name in folder.names}
    with locked(folder.path):
        shown = InTurn(len(folder.left))

        def watch(name: str) -> AbstractContextManager[Observer]:
            return shown.job(jobs[name])

        try:
            for attempt in cross.execute(folder, watch, how, taken, log is not None):
                shown.ended(JobResult(jobs[attempt.name], attempt.error))
                write_results(folder, results_of(folder))
        except KeyboardInterrupt:
            say(f"interrupted; go on with: dslnas run --resume {shlex.quote(str(folder.path))}")
            raise typer.Exit(130) from None
    show(folder, as_json)


def show(folder: FoldsFolder, as_json: bool) -> None:
    """Write the summary and the page, and print the results; exit code 1 where a fold has failed."""
    from dslnas.base.figures import from_to, millions, percent, wilson
    from dslnas.runs.folds.results import results_of, write_results

    from .terminal import out, print_json, say, table

    found = results_of(folder)
    page = write_results(folder, found)
    for name, error in found.failed.items():
        say(f"{name} failed:\n{error}\n")
    if as_json:
        print_json({"folder": str(folder.path), **found.to_json()})
    else:
        rows = [
            (
                fold.name,
                percent(fold.accuracy),
                from_to(wilson(fold.accuracy, fold.recordings)),
                percent(fold.macro_f1),
                str(fold.clips),
                "" if fold.parameters is None else millions(fold.parameters),
            )
            for fold in found.folds
        ]
        console = out()
        console.print(str(folder.path), style="bold", soft_wrap=True)
        heads = ("run", "accuracy#", "95 % interval#", "macro F1#", "clips#", "live#")
        console.print(table("", heads, rows))
        left = f"{len(found.left)} folds are left: dslnas run --resume {shlex.quote(str(folder.path))}"
        for line in [*found.lines, *([left] if found.left else []), f"report: {page}"]:
            console.print(line, soft_wrap=True)
    if found.failed:
        raise typer.Exit(1)
