"""The arguments and options that several commands share, with one name and one help text each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Preset(StrEnum):
    """The presets: sizes of the search and of the training."""

    QUICK = "quick"
    PAPER = "paper"


class Log(StrEnum):
    """What a run is logged for, beside its own history."""

    TENSORBOARD = "tensorboard"


class Device(StrEnum):
    """The devices on which networks are trained; `auto` takes the fastest."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Confidence(StrEnum):
    """By what a sound is told from those of no class."""

    PROBABILITY = "probability"
    ENERGY = "energy"


class Engine(StrEnum):
    """Where the work of a command is done: on this machine, or on a Ray cluster."""

    HERE = "here"
    RAY = "ray"


FileArgument = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A space: a .nas file, or the name of a shipped one such as ss1."),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DATA",
        help="digits, fsdd, sc09, sc35, audiomnist, esc10, esc50, dcase2018, folder:PATH or csv:PATH. "
        "Default: what the file says, else digits.",
    ),
]
MovedOption = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="DATA", help="Where the recordings of the run lie now: folder:PATH or csv:PATH."
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option("--data-root", metavar="DIR", help="Where data sets lie. Default: $DSLNAS_DATA."),
]
PresetOption = Annotated[
    Preset | None,
    typer.Option(
        "--preset",
        help="quick fits two processor cores, paper is the published size. Default: quick on a CPU.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set what a file can say: search.epochs=4, method=forcedarts, data.split=speaker. Repeatable.",
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="The seed of all chance.")]
OwnSeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, metavar="N", help="The seed of all chance. Default: the run's own, or 0."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The run folder. Default: a new one under runs/."),
]
DeviceOption = Annotated[Device, typer.Option("--device", help="Where to train; auto takes the fastest.")]
EngineOption = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="Where a search by sampling evaluates its candidates: here, or on a Ray cluster (RAY_ADDRESS).",
    ),
]
BaselineOption = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="BASELINE",
        help="What the network has to beat, fitted first: probe (a linear classifier of log-mels and MFCCs), "
        "or onnx:FILE (of the embedding of a model).",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        metavar="N",
        help="Processor threads. Default: $OMP_NUM_THREADS, else as many as processors are free.",
    ),
]
LogOption = Annotated[
    Log | None,
    typer.Option("--log", help="Write TensorBoard's event files too, into the run folder."),
]
UnknownOption = Annotated[
    Confidence | None,
    typer.Option(
        "--unknown",
        help="Call a sound unknown below the threshold that the run keeps: of the highest probability, or of "
        "the energy of the logits.",
    ),
]
HopOption = Annotated[
    float | None,
    typer.Option(
        "--hop", min=0.001, metavar="SECONDS", help="Between windows. Default: a quarter of a clip."
    ),
]
SmoothOption = Annotated[
    int, typer.Option("--smooth", min=1, metavar="N", help="The mean of so many windows, an odd number.")
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="CLASS", help="A class that is no event. Repeatable."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
SpaceOption = Annotated[
    str | None,
    typer.Option("--space", metavar="FILE", help="The space of the genotype, where it is not beside it."),
]
