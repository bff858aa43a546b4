"""`dslnas train`: retrains the network of a genotype from scratch."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    BaselineOption,
    DataOption,
    Device,
    DeviceOption,
    JsonOption,
    Log,
    LogOption,
    OutOption,
    OwnSeedOption,
    PresetOption,
    RootOption,
    SetOption,
    SpaceOption,
    ThreadsOption,
)

if TYPE_CHECKING:
    from dslnas.ir.genotype import Genotype
    from dslnas.runs.found.pick import Pick
    from dslnas.runs.run import Run

    from .subject import Subject

EXAMPLE = "Example: dslnas train runs/ss1-fsdd-darts-s0/genotype.json --data sc09 --data-root ~/data"


GenotypeArgument = Annotated[
    str,
    typer.Argument(
        metavar="GENOTYPE",
        help="A genotype (.json or .nas), a run that found one, or a fixed space.",
    ),
]
PickOption = Annotated[
    str | None,
    typer.Option(
        "--pick",
        metavar="PICK",
        help="Of a search by sampling: knee, a number of its front, or the most accurate network within "
        "'params < 50k'.",
    ),
]
EnsembleOption = Annotated[
    bool,
    typer.Option("--ensemble", help="Train it for each official fold too, and test the mean of these."),
]
FoldsOption = Annotated[
    int | None,
    typer.Option(
        "--folds",
        min=2,
        metavar="N",
        help="For --ensemble: so many parts of the clips, not official folds.",
    ),
]


def train(
    genotype: GenotypeArgument,
    pick: PickOption = None,
    ensemble: EnsembleOption = False,
    folds: FoldsOption = None,
    space: SpaceOption = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: OwnSeedOption = None,
    out: OutOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    log: LogOption = None,
    baseline: BaselineOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the network of a genotype from scratch, on any data set; `dslnas test RUN` tests it then.

    A genotype in a run folder is trained as that run says, unless options say otherwise. An ensemble is
    tested at once, beside the single network; clips of the test train no member.
    """
    from dslnas.runs.request import Request

    from .running import ask, asked_baseline, check_log, checked_device, execute, finish, preset_for, started
    from .subject import subject_of
    from .terminal import say

    where = checked_device(device)
    request = Request(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    check_log(log)
    subject = subject_of(genotype, request, space, preset_for(None, where))
    if folds is not None and not ensemble:
        raise typer.BadParameter("--folds says how an --ensemble is made: say both")
    chosen = None if pick is None else _picked(genotype, pick, subject)
    found = chosen.genotype if chosen else _only(genotype, subject)
    if ensemble:
        _check_ensemble(subject, data_root, folds)
    asked = asked_baseline(baseline, subject.experiment)
    run = started(subject.experiment, out, data_root, where, found, searched=subject.searched)
    ask(asked, run)
    if chosen is not None:
        run.folder.update_metrics(pick=chosen.to_json(Path(genotype).resolve().name))
    if ensemble:
        _ensemble(run, folds, threads, log, as_json)
        return
    finish(run.path, execute(run, "train", threads, log), as_json)
    say(f"test it with: dslnas test {quote(str(run.path))}")


def _only(name: str, subject: Subject) -> Genotype:
    """The genotype of a subject, or the only one of its space; DslnasError N0501 where there is none."""
    from dslnas.base.diagnostics import fail

    found = subject.genotype or subject.experiment.only_genotype
    if found is None:
        raise fail("N0501", f"{name} holds no genotype", help="search one: `dslnas search FILE`")
    return found


def _picked(genotype: str, pick: str, subject: Subject) -> Pick:
    """The network that is picked; raises DslnasError N0701 where it is not from a search by sampling."""
    from dslnas.runs.found.pick import picked

    return picked(Path(genotype), pick, subject.experiment)


def _check_ensemble(subject: Subject, data_root: Path | None, folds: int | None) -> None:
    """Raise DslnasError where the ensemble cannot be made, before there is a run folder."""
    from dslnas.runs.found.ensemble import check

    check(subject.experiment, data_root, folds)


def _ensemble(run: Run, folds: int | None, threads: int | None, log: Log | None, as_json: bool) -> None:
    from dslnas.runs.found import ensemble

    from .running import execute_ensemble, finish

    ensemble.begin(run, folds)
    finish(run.path, execute_ensemble(run, threads, log), as_json)
