"""`dslnas train`: retrains the network of a genotype from scratch."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from .options import (
    DataOption,
    Device,
    DeviceOption,
    JsonOption,
    LogOption,
    OutOption,
    OwnSeedOption,
    PresetOption,
    RootOption,
    SetOption,
    SpaceOption,
    ThreadsOption,
)

EXAMPLE = "Example: dslnas train runs/ss1-fsdd-darts-s0/genotype.json --data sc09 --data-root ~/data"


def train(
    genotype: Annotated[
        str,
        typer.Argument(
            metavar="GENOTYPE",
            help="A genotype (.json or .nas), a run that found one, or a fixed space.",
        ),
    ],
    space: SpaceOption = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: OwnSeedOption = None,
    out: OutOption = None,
    device: DeviceOption = Device.AUTO,
    threads: ThreadsOption = None,
    log: LogOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the network of a genotype from scratch, on any data set; `dslnas test RUN` tests it then.

    A genotype in a run folder is trained as that run says, unless options say otherwise.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.runs.request import Request

    from .running import check_log, checked_device, execute, finish, preset_for, started
    from .subject import subject_of
    from .terminal import say

    where = checked_device(device)
    request = Request(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    check_log(log)
    subject = subject_of(genotype, request, space, preset_for(None, where))
    found = subject.genotype or subject.experiment.only_genotype
    if found is None:
        raise fail("N0501", f"{genotype} holds no genotype", help="search one: `dslnas search FILE`")
    run = started(subject.experiment, out, data_root, where, found)
    finish(run.path, execute(run, "train", threads, log), as_json)
    say(f"test it with: dslnas test {quote(str(run.path))}")
