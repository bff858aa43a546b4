"""`dslnas export`: a network as a PyTorch file or an ONNX model that needs no dslnas."""

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
    from dslnas.export import Export
    from dslnas.runs.request import Request

EXAMPLE = "Example: dslnas export runs/ss1-digits-darts-s0 --to onnx -o digits.onnx"


class Target(StrEnum):
    """The format of the exported network."""

    PYTHON = "python"
    ONNX = "onnx"


SUFFIX = {Target.PYTHON: ".py", Target.ONNX: ".onnx"}


def export(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN|GENOTYPE",
            help="A run: its trained network. A genotype (.json or .nas): its network, not trained.",
        ),
    ],
    to: Annotated[
        Target, typer.Option("--to", help="python: one file that needs torch alone; onnx: a model.")
    ] = Target.PYTHON,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="Where to write it. Default: network.py or .onnx in the run."
        ),
    ] = None,
    opset: Annotated[
        int | None,
        typer.Option(
            "--opset", min=1, metavar="N", help="The set of operators of an ONNX model. Default: 18."
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

    The PyTorch file has its weights beside it (.pt), and a front end from waves to features. With --data,
    --preset, --seed or --set a run stands for its genotype, and its network is not trained.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.export import export_onnx, export_python
    from dslnas.runs.request import Request

    from .terminal import out as console
    from .terminal import print_json

    if opset is not None and to is Target.PYTHON:
        raise fail("N0702", "a PyTorch file has no opset", help="write `--to onnx` as well")
    request = Request(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    export = _taken(source, request, space)
    folder = Path(source) if Path(source).is_dir() else Path()
    path = out or folder / f"network{SUFFIX[to]}"
    if to is Target.PYTHON:
        exported = export_python(export, path)
    else:
        exported = export_onnx(export, path, opset) if opset else export_onnx(export, path)
    if as_json:
        print_json(
            {
                "files": [str(file) for file in exported.files],
                "format": to.value,
                "trained": export.trained,
                "parameters": export.parameters,
                "classes": list(export.experiment.classes),
                "difference": exported.difference,
            }
        )
        return
    for file in exported.files:
        console().print(str(file), soft_wrap=True)
    console().print(
        f"{export.parameters:,} parameters; its outputs differ from ours by {exported.difference:.1e} at most"
    )
    console().print(export.about, soft_wrap=True)


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
