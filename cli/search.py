"""`dslnas search`: the search of a run, up to the genotype."""

from __future__ import annotations

from shlex import quote

from .options import (
    DataOption,
    Device,
    DeviceOption,
    Engine,
    EngineOption,
    FileArgument,
    JsonOption,
    LogOption,
    OutOption,
    PresetOption,
    RootOption,
    SeedOption,
    SetOption,
    ThreadsOption,
)

EXAMPLE = "Example: dslnas search ss1 --data fsdd --data-root ~/data --set method=forcedarts"


def search(
    file: FileArgument,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    engine: EngineOption = Engine.HERE,
    log: LogOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search a space and stop once the genotype is found; `dslnas run --resume RUN` trains it."""
    from dslnas.base.run_folder import GENOTYPE
    from dslnas.runs.request import Request

    from .running import check_log, checked_device, execute, finish, preset_for, started
    from .subject import subject_of
    from .terminal import say

    check_log(log)
    where = checked_device(device)
    request = Request(data, data_root, preset_for(preset, where), tuple(settings or ()), seed)
    run = started(subject_of(file, request).experiment, out, data_root, where, engine=engine)
    finish(run.path, execute(run, "search", threads, log), as_json)
    say(f"genotype: {run.path / GENOTYPE}; train it with: dslnas run --resume {quote(str(run.path))}")
