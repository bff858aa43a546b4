"""`dslnas run`: search, retraining, test and report of a space."""

from __future__ import annotations

from dataclasses import dataclass
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
    Log,
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
    from dslnas.runs.request import Request

EXAMPLE = "Example: dslnas run sspolasym5 --data fsdd --data-root ~/data --seed 1"

SpaceArgument = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A space: a .nas file, or the name of a shipped one such as ss1."),
]
FoldsOption = Annotated[
    int | None,
    typer.Option(
        "--folds",
        min=3,
        metavar="K",
        help="Cross-validate: a run for each of K folds of the data, and what they say together.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")]
ResumeOption = Annotated[
    Path | None, typer.Option("--resume", metavar="RUN", help="Go on with an interrupted run.")
]


@dataclass(frozen=True)
class How:
    """How a run is done, whatever it is of: the options that are no settings of its search or training."""

    data_root: Path | None
    device: Device
    threads: int | None
    engine: Engine
    log: Log | None
    as_json: bool


def run(
    file: SpaceArgument = None,
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
    folds: FoldsOption = None,
    dry_run: DryRunOption = False,
    resume: ResumeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search a space, prune it, retrain what was found, test it, and write a report.

    Everything lands in one folder under runs/, from which an interrupted run goes on; where its recordings
    have moved since, `--data` says where to. With `--folds`, each clip is tested once, by a network that has
    not heard it.
    """
    from dslnas.runs.request import Request

    from .running import check_log, checked_device, preset_for

    check_log(log)
    where = checked_device(device)
    how = How(data_root, device, threads, engine, log, as_json)
    if resume is not None:
        given = {
            "FILE": file,
            "--preset": preset,
            "--seed": seed,
            "--out": out,
            "--set": settings,
            "--folds": folds,
            "--baseline": baseline,
            "--dry-run": dry_run,
        }
        _only_resume([name for name, value in given.items() if value])
        _go_on(resume, data, how)
        return
    if file is None:
        raise typer.BadParameter("name a space, such as ss1, or a run to go on with: --resume RUN")
    request = Request(data, data_root, preset_for(preset, where), tuple(settings or ()), seed)
    if folds is not None:
        _cross_validate(file, request, folds, out, baseline, dry_run, how)
    else:
        _run(file, request, out, baseline, dry_run, how)


def _go_on(path: Path, data: str | None, how: How) -> None:
    """Go on with a run, or with the runs of a cross-validation. data: where the recordings lie now."""
    from dslnas.runs.folds.folder import Continued, FoldsFolder

    from . import folds as cross
    from .running import checked_device, execute_rest, finish, opened

    if FoldsFolder.is_one(path):
        _check_engine(how.engine)
        device = None if how.device == Device.AUTO else checked_device(how.device)
        going_on = Continued(how.data_root, device, data)
        cross.execute(FoldsFolder.open(path), going_on, how.threads, how.log, how.as_json)
        return
    run = opened(path, how.data_root, how.device, how.engine, data)
    finish(path, execute_rest(run, how.threads, how.log), how.as_json)


def _cross_validate(
    file: str, request: Request, folds: int, out: Path | None, baseline: str | None, dry_run: bool, how: How
) -> None:
    """A run for each fold of the data; with `dry_run`, their plan."""
    from dslnas.runs.folds.folder import Continued
    from dslnas.runs.run import Run

    from . import folds as cross
    from .running import ask, asked_baseline

    _check_engine(how.engine)
    found = cross.experiments(file, request, folds)
    asked = asked_baseline(baseline, found[0])
    if dry_run:
        cross.dry(found, how.data_root, how.as_json)
        return
    laid_out = cross.started(found, out, how.data_root, how.device.value)
    for name in laid_out.names:
        ask(asked, Run.open(laid_out.run(name)))
    cross.execute(laid_out, Continued(), how.threads, how.log, how.as_json)


def _run(
    file: str, request: Request, out: Path | None, baseline: str | None, dry_run: bool, how: How
) -> None:
    """One run, from its search to its test; with `dry_run`, its plan."""
    from .running import ask, asked_baseline, execute, finish, started
    from .subject import subject_of

    experiment = subject_of(file, request).experiment
    if dry_run:
        _show_plan(experiment, how.as_json)
        return
    asked = asked_baseline(baseline, experiment)
    new = started(experiment, out, how.data_root, how.device.value, engine=how.engine)
    ask(asked, new)
    finish(new.path, execute(new, "test", how.threads, how.log), how.as_json)


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
