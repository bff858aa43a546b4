"""`dslnas train`: retrain the network of a genotype from scratch."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import (
    DataOption,
    DeviceOption,
    JsonOption,
    OutOption,
    PresetOption,
    RootOption,
    SeedOption,
    SetOption,
    SpaceOption,
)

EXAMPLE = "Example: dslnas train runs/ss1-fsdd-darts-s0/genotype.json --data sc09 --data-root ~/data"


def train(
    genotype: Annotated[
        str, typer.Argument(metavar="GENOTYPE", help="A genotype .json, or the folder of a run that found one.")
    ],
    space: SpaceOption = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    device: DeviceOption = "auto",
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the network of a genotype from scratch, on any data set; `dslnas test RUN` tests it then.

    A genotype in a run folder is trained as that run says, unless options say otherwise.
    """
    from dslnas import runs
    from dslnas.diagnostics import fail

    from .run import finish
    from .running import command_line, execute, folder_for, preset_for
    from .subject import Wish, subject_of
    from .terminal import print_diagnostics, say

    wish = Wish(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    subject = subject_of(genotype, wish, space, preset_for(None, device))
    if subject.genotype is None:
        raise fail("N0501", f"{genotype} holds no genotype", help="search one: `dslnas search FILE`")
    print_diagnostics(subject.experiment.warnings)
    folder = folder_for(subject.experiment, out)
    started = runs.train_genotype(
        subject.genotype,
        subject.experiment,
        folder,
        data_root=data_root,
        device=device,
        command=command_line(),
    )
    finish(started.path, execute(started, "train", data_root, device), as_json)
    say(f"test it with: dslnas test {started.path}")
