"""`dslnas run`: from a text file to a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    DataOption,
    DeviceOption,
    JsonOption,
    OutOption,
    Preset,
    PresetOption,
    RootOption,
    SeedOption,
    SetOption,
)

EXAMPLE = "Example: dslnas run sspolasym5 --data fsdd --data-root ~/data --seed 1"


def run(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A space: a .nas file, or the name of a shipped one such as ss1."),
    ] = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    device: DeviceOption = "auto",
    settings: SetOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with an interrupted run.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search a space, prune it, retrain what was found, test it, and write a report.

    Everything lands in one folder under runs/, from which an interrupted run goes on.
    """
    if resume is not None:
        given = {"FILE": file, "--data": data, "--preset": preset, "--seed": seed, "--out": out, "--set": settings}
        _resume(resume, [name for name, value in given.items() if value], data_root, device, as_json)
        return
    if file is None:
        raise typer.BadParameter("name a space, such as ss1, or a run to go on with: --resume RUN")
    _start(file, data, data_root, preset, seed, out, device, settings or [], dry_run, as_json)


def _start(
    file: str,
    data: str | None,
    data_root: Path | None,
    preset: Preset | None,
    seed: int,
    out: Path | None,
    device: str,
    settings: list[str],
    dry_run: bool,
    as_json: bool,
) -> None:
    from .plan import show
    from .running import command_line, execute, folder_for, preset_for
    from .subject import Wish, subject_of
    from .terminal import print_diagnostics, print_json

    wish = Wish(data, data_root, preset_for(preset, device), tuple(settings), seed)
    experiment = subject_of(file, wish).experiment
    if dry_run:
        from dslnas import plan as plans

        planned = plans.plan(experiment)
        print_json(plans.to_json(planned)) if as_json else show(planned)
        return
    print_diagnostics(experiment.warnings)
    folder = folder_for(experiment, out)
    from dslnas import runs

    started = runs.start(experiment, folder, data_root=data_root, device=device, command=command_line())
    finish(started.path, execute(started, "test", data_root, device), as_json)


def _resume(path: Path, given: list[str], data_root: Path | None, device: str, as_json: bool) -> None:
    if given:
        raise typer.BadParameter(f"a resumed run keeps its own settings: leave out {', '.join(given)}")
    from dslnas.runs import Run

    from .running import execute

    finish(path, execute(Run.open(path), "test", data_root, device), as_json)


def finish(path: Path, metrics: dict[str, object], as_json: bool) -> None:
    """The metrics as JSON, or as the table at the end."""
    from .running import summarise
    from .terminal import print_json

    print_json({"run": str(path), **metrics}) if as_json else summarise(path, metrics)
