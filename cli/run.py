"""`dslnas run`: search, retraining, test and report of a space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    BaselineOption,
    DataOption,
    Device,
    DeviceOption,
    Engine,
    EngineOption,
    JsonOption,
    LogOption,
    OutOption,
    PresetOption,
    RootOption,
    SeedOption,
    SetOption,
    ThreadsOption,
)

if TYPE_CHECKING:
    from dslnas.runs.experiment import Experiment

EXAMPLE = "Example: dslnas run sspolasym5 --data fsdd --data-root ~/data --seed 1"


def run(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="A space: a .nas file, or the name of a shipped one such as ss1."
        ),
    ] = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.HERE,
    log: LogOption = None,
    baseline: BaselineOption = None,
    settings: SetOption = None,
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            min=3,
            metavar="K",
            help="Cross-validate: a run for each of K folds of the data, and what they say together.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with an interrupted run.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search a space, prune it, retrain what was found, test it, and write a report.

    Everything lands in one folder under runs/, from which an interrupted run goes on; where its recordings
    have moved since, `--data` says where to. With `--folds`, each clip is tested once, by a network that has
    not heard it.
    """
    from dslnas.runs.folds.folder import Continued, FoldsFolder
    from dslnas.runs.request import Request
    from dslnas.runs.run import Run

    from . import folds as cross
    from .running import (
        ask,
        asked_baseline,
        check_log,
        checked_device,
        execute,
        execute_rest,
        finish,
        opened,
        preset_for,
        started,
    )
    from .subject import subject_of

    check_log(log)
    where = checked_device(device)
    if resume is not None:
        given = {
            "FILE": file,
            "--preset": preset,
            "--seed": seed,
            "--out": out,
            "--set": settings,
            "--folds": folds,
            "--baseline": baseline,
        }
        _only_resume([name for name, value in given.items() if value] + ["--dry-run"] * dry_run)
        if FoldsFolder.is_one(resume):
            _check_engine(engine)
            how = Continued(data_root, None if device == Device.AUTO else checked_device(device), data)
            cross.execute(FoldsFolder.open(resume), how, threads, log, as_json)
            return
        going_on = opened(resume, data_root, device, engine, data)
        finish(resume, execute_rest(going_on, threads, log), as_json)
        return
    if file is None:
        raise typer.BadParameter("name a space, such as ss1, or a run to go on with: --resume RUN")
    request = Request(data, data_root, preset_for(preset, where), tuple(settings or ()), seed)
    if folds is not None:
        _check_engine(engine)
        found = cross.experiments(file, request, folds)
        asked = asked_baseline(baseline, found[0])
        if dry_run:
            cross.dry(found, data_root, as_json)
        else:
            laid_out = cross.started(found, out, data_root, where)
            for name in laid_out.names:
                ask(asked, Run.open(laid_out.run(name)))
            cross.execute(laid_out, Continued(), threads, log, as_json)
        return
    experiment = subject_of(file, request).experiment
    if dry_run:
        _show_plan(experiment, as_json)
        return
    asked = asked_baseline(baseline, experiment)
    new = started(experiment, out, data_root, where, engine=engine)
    ask(asked, new)
    finish(new.path, execute(new, "test", threads, log), as_json)


def _only_resume(given: list[str]) -> None:
    if given:
        raise typer.BadParameter(f"a resumed run keeps its own settings: leave out {', '.join(given)}")


def _check_engine(engine: Engine) -> None:
    if engine != Engine.HERE:
        raise typer.BadParameter("the runs of --folds are done here: leave out --engine")


def _show_plan(experiment: Experiment, as_json: bool) -> None:
    from dslnas.runs import plan as plans
    from dslnas.runs.experiment import check_decided

    from .plan import show
    from .terminal import print_json

    check_decided(experiment)
    planned = plans.plan(experiment, free=plans.free_memory())
    if as_json:
        print_json(plans.to_json(planned))
    else:
        show(planned)
