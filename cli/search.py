"""`dslnas search`: the first part of a run, up to the genotype."""

from __future__ import annotations

from .options import (
    DataOption,
    DeviceOption,
    FileArgument,
    JsonOption,
    OutOption,
    PresetOption,
    RootOption,
    SeedOption,
    SetOption,
)

EXAMPLE = "Example: dslnas search ss1 --data fsdd --data-root ~/data --set method=forcedarts"


def search(
    file: FileArgument,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    device: DeviceOption = "auto",
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search a space and stop once the genotype is found; `dslnas run --resume RUN` trains it."""
    from dslnas import runs

    from .run import finish
    from .running import command_line, execute, folder_for, preset_for
    from .subject import Wish, subject_of
    from .terminal import print_diagnostics, say

    wish = Wish(data, data_root, preset_for(preset, device), tuple(settings or ()), seed)
    experiment = subject_of(file, wish).experiment
    print_diagnostics(experiment.warnings)
    folder = folder_for(experiment, out)
    started = runs.start(experiment, folder, data_root=data_root, device=device, command=command_line())
    finish(started.path, execute(started, "search", data_root, device), as_json)
    say(f"genotype: {started.path / 'genotype.json'}; train it with: dslnas run --resume {started.path}")
