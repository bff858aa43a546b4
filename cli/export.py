"""`dslnas export`: a network as a PyTorch file, a program or an ONNX model that needs no dslnas."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    DataOption,
    JsonOption,
    OwnSeedOption,
    PresetOption,
    RootOption,
    SetOption,
    SpaceOption,
)

if TYPE_CHECKING:
    from dslnas.export import Export, Exported, Int8
    from dslnas.runs.request import Request

EXAMPLE = "Example: dslnas export runs/ss1-digits-darts-s0 --to onnx -o digits.onnx"


class Target(StrEnum):
    """The format of the exported network."""

    PYTHON = "python"
    ONNX = "onnx"
    TORCH = "torch"
    WEB = "web"


SUFFIX = {Target.PYTHON: ".py", Target.ONNX: ".onnx", Target.TORCH: ".pt2", Target.WEB: ""}


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN|GENOTYPE",
            help="A run: its trained network. A genotype (.json or .nas): its network, not trained.",
        ),
    ],
    to: Annotated[
        Target,
        typer.Option(
            "--to",
            help="python: a file that needs torch alone; onnx: a model; torch: a .pt2 program; web: a page.",
        ),
    ] = Target.PYTHON,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="Where to write it. Default: network.py or .onnx in the run."
        ),
    ] = None,
    features: Annotated[
        bool,
        typer.Option(
            "--features",
            help="With --to onnx: the network alone, from features to logits, without its front end.",
        ),
    ] = False,
    opset: Annotated[
        int | None,
        typer.Option(
            "--opset", min=1, metavar="N", help="With --to onnx: its set of operators. Default: 18."
        ),
    ] = None,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="With --to onnx: the network in 8 bits, calibrated on training clips."),
    ] = False,
    most_lost: Annotated[
        float,
        typer.Option(
            "--most-lost", metavar="POINTS", min=0, help="Of accuracy on validation that 8 bits may lose."
        ),
    ] = 1.0,
    runtime: Annotated[
        Path | None,
        typer.Option(
            "--runtime",
            metavar="DIR",
            help="With --to web: onnxruntime-web, unpacked. Default: the cache, or the npm registry.",
        ),
    ] = None,
    space: SpaceOption = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: OwnSeedOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a network so that it runs without dslnas, as a PyTorch file or an ONNX model.

    Both take waves, or images, and return the probabilities of the classes: their front end is inside. The
    PyTorch file has its weights beside it (.pt). A web page listens to a microphone or a recording, and needs
    no network when it is opened. With --data, --preset, --seed or --set a run stands for its genotype, and
    its network is not trained.
    """
    from dslnas.runs.request import Request

    from .terminal import out as console
    from .terminal import print_json

    _check_options(to, features, int8, opset, runtime)
    request = Request(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    export = _taken(source, request, space)
    folder = Path(source) if Path(source).is_dir() else Path()
    path = out or folder / f"network{'.int8' if int8 else ''}{SUFFIX[to]}"
    if to is Target.WEB:
        from dslnas.export.web import export_web

        from .terminal import say

        exported, small = export_web(export, out or folder / "web", runtime, say), None
    else:
        exported, small = _written(export, to, path, features, data_root, most_lost if int8 else None, opset)
    if as_json:
        print_json(
            {
                "files": [str(file) for file in exported.files],
                "format": to.value,
                "trained": export.trained,
                "parameters": export.parameters,
                "classes": list(export.experiment.classes),
                "difference": exported.difference,
                **({} if small is None else small.figures),
            }
        )
        return
    for file in exported.files:
        console().print(str(file), soft_wrap=True)
    console().print(
        f"{export.parameters:,} parameters; its outputs differ from ours by {exported.difference:.1e} at most"
    )
    console().print(export.about, soft_wrap=True)
    if to is Target.WEB:
        size = exported.files[0].stat().st_size / 1e6
        console().print(
            f"{size:.1f} MB, all in {exported.files[0].name}: open it in a browser", soft_wrap=True
        )
    if small is not None:
        scales = "a scale for each channel" if small.per_channel else "a scale for each tensor"
        console().print(f"accuracy: {small.said}; {scales}", soft_wrap=True)


def _check_options(to: Target, features: bool, int8: bool, opset: int | None, runtime: Path | None) -> None:
    """Raise DslnasError N0702 where options do not go together."""
    from dslnas.base.diagnostics import fail

    for option, given in (("--features", features), ("--int8", int8), ("--opset", opset)):
        if given and to is not Target.ONNX:
            raise fail("N0702", f"{option} is of ONNX models", help="say `--to onnx` too, or leave it out")
    if runtime is not None and to is not Target.WEB:
        raise fail("N0702", "--runtime is of web pages", help="say `--to web` too, or leave it out")
    if features and int8:
        help = "leave one of them out"
        raise fail("N0702", "a model of 8 bits has its front end inside, and --features has none", help=help)


def _written(
    export: Export,
    to: Target,
    path: Path,
    features: bool,
    data_root: Path | None,
    most_lost: float | None,
    opset: int | None,
) -> tuple[Exported, Int8 | None]:
    """The files of a network; of one of 8 bits also what it costs. most_lost: None where it keeps 32."""
    from dslnas.export import OPSET, export_int8, export_onnx, export_python, export_torch
    from dslnas.runs.prepared import prepare_data

    from .progress import watcher

    if to is not Target.ONNX:
        return (export_python if to is Target.PYTHON else export_torch)(export, path), None
    if most_lost is None:
        return export_onnx(export, path, features, opset or OPSET), None
    with watcher() as observer:
        prepared = prepare_data(export.experiment, data_root, observer)
    return export_int8(export, prepared, path, most_lost, opset or OPSET)


def _taken(source: str, request: Request, space: str | None) -> Export:
    """The network of a run or of a genotype; raises DslnasError N0501 where there is none."""
    from dslnas.base.diagnostics import fail
    from dslnas.export import Export
    from dslnas.prune.validate import validate

    from .options import Device
    from .running import opened
    from .subject import subject_of

    changed = request.preset or request.overrides or request.data or request.seed is not None
    if Path(source).is_dir() and not changed:
        return Export.of_run(opened(Path(source), request.data_root, Device.AUTO))
    subject = subject_of(source, request, space)
    genotype = subject.genotype or subject.experiment.only_genotype
    if genotype is None:
        raise fail("N0501", f"{source} holds no genotype", help="search one: `dslnas search FILE`")
    return Export.of_genotype(subject.experiment, validate(genotype, subject.experiment.evaluation, source))
