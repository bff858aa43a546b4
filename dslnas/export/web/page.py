"""Puts the page together: the network, onnxruntime-web, and what listens and draws, in one file of HTML."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ...base.diagnostics import fail
from ...base.files import write_atomically
from ...base.places import without_places
from ...report.render.palette import ROLES
from .. import writing
from .runtime import VERSION, Runtime, runtime_for

if TYPE_CHECKING:
    from ..writing import Export, Exported

CODE = "N0702"
PAGE, MODEL = "index.html", "network.onnx"


def export_web(
    export: Export,
    folder: Path,
    runtime: Path | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Exported:
    """Write a folder with a page that listens to a microphone or a file, and the ONNX model that is inside.

    The page needs no other file and no network, and may be opened where it lies. runtime: a folder with the
    package `onnxruntime-web`; None: it is taken from the cache, or fetched from the npm registry. tell: is
    told so. Raises DslnasError N0702 where the network sees pictures, where onnxruntime-web cannot be had,
    and as `export_onnx` does.
    """
    if export.experiment.frontend.sees_images:
        help = "`--to onnx` writes a model for other programs"
        raise fail(CODE, "the page listens, and this network sees pictures", help=help)
    program = runtime_for(runtime, tell)
    with TemporaryDirectory(prefix="dslnas-web-") as scratch:
        exported = writing.export_onnx(export, Path(scratch) / MODEL)
        model = (Path(scratch) / MODEL).read_bytes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(CODE, f"{folder} cannot be made: {error.strerror or error}") from None
    write_atomically(folder / MODEL, model, CODE)
    write_atomically(folder / PAGE, page(export, model, program).encode("utf-8", "backslashreplace"), CODE)
    return writing.Exported((folder / PAGE, folder / MODEL), exported.difference)


def page(export: Export, model: bytes, runtime: Runtime) -> str:
    """The page as text."""
    frontend = export.experiment.frontend
    about = {
        "classes": list(export.experiment.classes),
        "rate": frontend.rate,
        "clip": frontend.clip,
        "samples": frontend.samples,
    }
    here = files(__package__)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(here.joinpath("page.html.j2").read_text("utf-8"))
    accuracy = "" if export.accuracy is None else f"{100 * export.accuracy:.1f} %"
    return template.render(
        space=export.genotype.space,
        data=without_places(export.experiment.data),
        trained=export.trained,
        accuracy=accuracy,
        parameters=f"{export.parameters:,}",
        rate=f"{frontend.rate:,}",
        clip=f"{frontend.clip:g}",
        version=VERSION,
        light=_colours(0),
        dark=_colours(1),
        css=Markup(here.joinpath("page.css").read_text("utf-8")),
        js=Markup(here.joinpath("page.js").read_text("utf-8")),
        about=Markup(json.dumps(about).replace("<", "\\u003c")),
        parts={
            name: Markup(_packed(data))
            for name, data in (("script", runtime.script), ("wasm", runtime.wasm), ("model", model))
        },
    )


def _colours(place: int) -> Markup:
    """The colours of all pictures as variables of CSS, for light pages or for dark ones."""
    return Markup(" ".join(f"--{role}: {colours[place]};" for role, colours in ROLES.items()))


def _packed(data: bytes) -> str:
    """Bytes as text of a page: compressed, the same every time, in base64."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
