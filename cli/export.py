"""`dslnas export`: a network as a PyTorch file, a program, an ONNX model or C code that needs no dslnas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from dslnas.export import Export, Exported
    from dslnas.runs.request import Request

EXAMPLE = "Example: dslnas export runs/ss1-digits-darts-s0 --to onnx -o digits.onnx"


class Target(StrEnum):
    """The format of the exported network."""

    PYTHON = "python"
    ONNX = "onnx"
    TORCH = "torch"
    EXECUTORCH = "executorch"
    WEB = "web"
    C = "c"


SUFFIX = {
    Target.PYTHON: ".py",
    Target.ONNX: ".onnx",
    Target.TORCH: ".pt2",
    Target.EXECUTORCH: ".pte",
    Target.WEB: "",
    Target.C: ".c",
}
FORMATS = (
    "python: a file that needs torch alone; onnx: a model; torch: a .pt2 program; executorch: a .pte program "
    "for phones; web: a page; c: C99 without libraries."
)

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN|GENOTYPE",
        help="A run: its trained network. A genotype (.json or .nas): its network, not trained.",
    ),
]
ToOption = Annotated[Target, typer.Option("--to", help=FORMATS)]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "-o", "--out", metavar="FILE", help="Where to write it. Default: network.py, .onnx, ... in the run."
    ),
]
FeaturesOption = Annotated[
    bool,
    typer.Option(
        "--features",
        help="With --to onnx or c: the network alone, from features to logits, without its front end.",
    ),
]
OpsetOption = Annotated[
    int | None,
    typer.Option("--opset", min=1, metavar="N", help="With --to onnx: its set of operators. Default: 18."),
]
Int8Option = Annotated[
    bool,
    typer.Option("--int8", help="With --to onnx: the network in 8 bits, calibrated on training clips."),
]
LostOption = Annotated[
    float,
    typer.Option(
        "--most-lost", metavar="POINTS", min=0, help="Of accuracy on validation that 8 bits may lose."
    ),
]
RuntimeOption = Annotated[
    Path | None,
    typer.Option(
        "--runtime",
        metavar="DIR",
        help="With --to web: onnxruntime-web, unpacked. Default: the cache, or the npm registry.",
    ),
]


@dataclass(frozen=True)
class Asked:
    """What is to be written. most_lost: the points that 8 bits may lose; None: the network keeps 32."""

    to: Target
    path: Path
    features: bool
    opset: int | None
    most_lost: float | None
    data_root: Path | None
    runtime: Path | None


@dataclass(frozen=True)
class Written:
    """The files, and what there is to say of them: figures for programs, lines for people."""

    exported: Exported
    figures: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


def export(
    source: SourceArgument,
    to: ToOption = Target.PYTHON,
    out: OutOption = None,
    features: FeaturesOption = False,
    opset: OpsetOption = None,
    int8: Int8Option = False,
    most_lost: LostOption = 1.0,
    runtime: RuntimeOption = None,
    space: SpaceOption = None,
    data: DataOption = None,
    data_root: RootOption = None,
    preset: PresetOption = None,
    seed: OwnSeedOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a network so that it runs without dslnas: as a PyTorch file, an ONNX model, a page or C.

    Each takes waves, or images, and returns the probabilities of the classes: its front end is inside. The
    PyTorch file has its weights beside it (.pt), the C code its header (.h). A web page listens to a
    microphone or a recording, and needs no network when it is opened. With --data, --preset, --seed or --set
    a run stands for its genotype, and its network is not trained.
    """
    from dslnas.runs.request import Request

    _check_options(to, features, int8, opset, runtime)
    request = Request(data, data_root, preset and preset.value, tuple(settings or ()), seed)
    taken = _taken(source, request, space)
    folder = Path(source) if Path(source).is_dir() else Path()
    name = "web" if to is Target.WEB else f"network{'.int8' if int8 else ''}{SUFFIX[to]}"
    lost = most_lost if int8 else None
    asked = Asked(to, out or folder / name, features, opset, lost, data_root, runtime)
    _tell(taken, to, _written(taken, asked), as_json)


def _tell(export: Export, to: Target, written: Written, as_json: bool) -> None:
    """Print which files there are, and what they hold."""
    from .terminal import out, print_json

    exported = written.exported
    if as_json:
        print_json(
            {
                "files": [str(file) for file in exported.files],
                "format": to.value,
                "trained": export.trained,
                "parameters": export.parameters,
                "classes": list(export.experiment.classes),
                "difference": exported.difference,
                **written.figures,
            }
        )
        return
    differ = f"its outputs differ from ours by {exported.difference:.1e} at most"
    lines = [*map(str, exported.files), f"{export.parameters:,} parameters; {differ}", export.about]
    for line in (*lines, *written.lines):
        out().print(line, soft_wrap=True)


def _check_options(to: Target, features: bool, int8: bool, opset: int | None, runtime: Path | None) -> None:
    """Raise DslnasError N0702 where options do not go together."""
    from dslnas.base.diagnostics import fail

    for option, given in (("--int8", int8), ("--opset", opset)):
        if given and to is not Target.ONNX:
            raise fail("N0702", f"{option} is of ONNX models", help="say `--to onnx` too, or leave it out")
    if runtime is not None and to is not Target.WEB:
        raise fail("N0702", "--runtime is of web pages", help="say `--to web` too, or leave it out")
    if features and to not in (Target.ONNX, Target.C):
        help = "say `--to onnx` or `--to c` too, or leave it out"
        raise fail("N0702", "--features is of ONNX models and C code", help=help)
    if features and int8:
        help = "leave one of them out"
        raise fail("N0702", "a model of 8 bits has its front end inside, and --features has none", help=help)


def _written(export: Export, asked: Asked) -> Written:
    """The files of a network in the format that is asked for."""
    from dslnas.export import (
        OPSET,
        export_c,
        export_executorch,
        export_onnx,
        export_python,
        export_torch,
    )

    if asked.to is Target.WEB:
        return _page(export, asked)
    if asked.to is Target.C:
        exported, code = export_c(export, asked.path, asked.features)
        said = f"flash: {code.flash:,} bytes of constants; RAM: {code.ram:,} bytes of buffers"
        return Written(exported, {"flash": code.flash, "ram": code.ram}, (said,))
    if asked.to is Target.ONNX and asked.most_lost is not None:
        return _small(export, asked, asked.most_lost)
    if asked.to is Target.ONNX:
        return Written(export_onnx(export, asked.path, asked.features, asked.opset or OPSET))
    plain = {
        Target.PYTHON: export_python,
        Target.TORCH: export_torch,
        Target.EXECUTORCH: export_executorch,
    }
    return Written(plain[asked.to](export, asked.path))


def _page(export: Export, asked: Asked) -> Written:
    """A web page, whose size matters to those who load it."""
    from dslnas.export.web import export_web

    from .terminal import say

    exported = export_web(export, asked.path, asked.runtime, say)
    size = exported.files[0].stat().st_size / 1e6
    return Written(exported, {}, (f"{size:.1f} MB, all in {exported.files[0].name}: open it in a browser",))


def _small(export: Export, asked: Asked, most_lost: float) -> Written:
    """A model of 8 bits, and what it costs; refused before any data is read where nothing is trained."""
    from dslnas.export import OPSET, check_trained, export_int8
    from dslnas.runs.prepared import prepare_data

    from .progress import watcher

    check_trained(export)
    with watcher() as observer:
        prepared = prepare_data(export.experiment, asked.data_root, observer)
    exported, small = export_int8(export, prepared, asked.path, most_lost, asked.opset or OPSET)
    scales = "a scale for each channel" if small.per_channel else "a scale for each tensor"
    return Written(exported, small.figures, (f"accuracy: {small.said}; {scales}",))


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
