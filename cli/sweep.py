"""`dslnas sweep`: many searches and retrainings from one file, and the tables and figures of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Device, DeviceOption, Engine, JsonOption, PresetOption, RootOption

EXAMPLE = "Example: dslnas sweep docs/sweeps/methods.nas --data-root ~/data --out runs/methods"


SourceArgument = Annotated[
    str,
    typer.Argument(metavar="FILE|FOLDER", help="A .nas file with a sweep, or the folder of one."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The folder of the sweep. Default: runs/FILE-sweep."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set a key of every sweep of the file: searches=1, search.epochs=4. Repeatable.",
    ),
]
OnlyOption = Annotated[
    str,
    typer.Option("--only", metavar="PATTERN", help="The trials to do, and the searches they need: '*-A*'."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="List the trials with sizes and times, and stop.")
]
TablesOption = Annotated[
    bool, typer.Option("--tables", help="Make the tables and figures of what is done, and stop.")
]
EngineOption = Annotated[
    Engine,
    typer.Option("--engine", help="Where the trials are done: here, or on a Ray cluster (RAY_ADDRESS)."),
]
JobsOption = Annotated[
    int, typer.Option("--jobs", min=1, metavar="N", help="So many trials side by side on this machine.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        metavar="N",
        help="Processor threads of a trial. Default: all here, divided by --jobs.",
    ),
]
PublishOption = Annotated[
    Path | None,
    typer.Option(
        "--publish",
        metavar="FILE.json",
        help="Write all figures to a CSV, and beside it to FILE.json how they came about.",
    ),
]


def sweep(
    context: typer.Context,
    source: SourceArgument,
    data_root: RootOption = None,
    preset: PresetOption = None,
    out: OutOption = None,
    device: DeviceOption = Device.AUTO,
    settings: SetOption = None,
    only: OnlyOption = "*",
    dry_run: DryRunOption = False,
    tables: TablesOption = False,
    engine: EngineOption = Engine.HERE,
    jobs: JobsOption = 1,
    threads: ThreadsOption = None,
    publish: PublishOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do every search and retraining that the sweeps of a file name, and make tables and figures of them.

    The same command goes on where it was stopped: a trial that is done is never repeated, one that was
    interrupted is taken up, and one that fails is told at the end, after all others.
    """
    from dslnas.runs.sweep.folder import SweepFolder

    from .running import checked_device
    from .sweeping import dry, engine_for, execute, laid_out, show

    _check_options(engine, jobs, publish)
    where = checked_device(device)
    path = Path(source)
    if path.is_dir():
        _only_file({"--data-root": data_root, "--preset": preset, "--out": out, "--set": settings})
        folder = SweepFolder.open(path)
    elif tables:
        raise typer.BadParameter("--tables needs the folder of a sweep")
    elif dry_run:
        dry(source, preset, where, data_root, tuple(settings or ()), only, as_json)
        return
    else:
        folder = laid_out(source, preset, where, data_root, tuple(settings or ()), out)
    failed: dict[str, str] = {}
    if not tables:
        does = engine_for(engine.value, jobs, threads, context.find_root().params.get("plugins") or ())
        failed = execute(folder, only, does, in_turn=engine == Engine.HERE and jobs == 1)
    show(folder, failed, as_json, publish)
    if failed:
        raise typer.Exit(1)


def _check_options(engine: Engine, jobs: int, publish: Path | None) -> None:
    """Refuse options that cannot be followed, before anything is read or laid out."""
    if engine == Engine.RAY and jobs > 1:
        raise typer.BadParameter(
            "--jobs is of this machine: a Ray cluster does as many as it has processors for"
        )
    if publish is not None and publish.suffix != ".json":
        raise typer.BadParameter("--publish names a file that ends with .json; the CSV lies beside it")


def _only_file(given: dict[str, object]) -> None:
    if found := [name for name, value in given.items() if value]:
        raise typer.BadParameter(f"a sweep that is laid out keeps its settings: leave out {', '.join(found)}")
