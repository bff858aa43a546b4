"""Exports a network as an ONNX model, with metadata."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from ..base.diagnostics import fail
from ..base.places import without_places
from ..ir.genotype import Genotype
from ..runs.experiment import Experiment

NEEDED = ("onnx", "onnxscript")
# The lowest set of operators that PyTorch writes: onnxruntime reads it from 1.14 (February 2023) on.
OPSET = 18


def onnx_model(
    network: nn.Module, experiment: Experiment, genotype: Genotype, about: str, opset: int = OPSET
) -> bytes:
    """The model of a module of PyTorch's own layers, with the facts about it as metadata.

    It is of the lowest version of the format (IR) that has the set of operators `opset`. Raises DslnasError
    N0702 where `onnx` or `onnxscript` is not installed, or the network cannot be written in that set.
    """
    for package in NEEDED:
        if find_spec(package) is None:
            help = 'install it: `pip install "dslnas[onnx]"`'
            raise fail("N0702", f"an ONNX model needs the package `{package}`", help=help)
    _check_known(opset)
    # Two examples: a batch of one would be taken for a constant.
    example = torch.zeros(2, *experiment.frontend.output.stored)
    with _quiet():
        program = torch.onnx.export(
            network.eval(),
            (example,),
            dynamo=True,
            opset_version=opset,
            input_names=["features"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            verbose=False,
        )
    assert program is not None, "a program, as no file was named"
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # the lines of Python it was made of, with their folders
        for value in node.outputs:
            value.metadata_props.clear()
    program.model.metadata_props.update(_facts(experiment, genotype, about))
    model: bytes = _finished(program.model_proto, opset).SerializeToString()
    return model


def _check_known(opset: int) -> None:
    """Raise DslnasError N0702 for a set of operators that PyTorch or the installed `onnx` cannot write."""
    import onnx

    newest = onnx.defs.onnx_opset_version()
    if not OPSET <= opset <= newest:
        message = f"there is no opset {opset} to write, but {OPSET} to {newest}"
        help = f"leave `--opset` out for {OPSET}, which onnxruntime reads from 1.14 on"
        raise fail("N0702", message, help=help)


def _finished(model: Any, opset: int) -> Any:
    """A model that says the lowest version of the format that has its set of operators.

    Raises DslnasError N0702 where it is not of the set that was asked for.
    """
    import onnx

    found = next(int(one.version) for one in model.opset_import if not one.domain)
    if found != opset:
        message = f"the network has no form in opset {opset}"
        raise fail("N0702", message, help=f"leave `--opset` out for {OPSET}")
    model.ir_version = onnx.helper.find_min_ir_version_for(model.opset_import)
    onnx.checker.check_model(model)
    return model


def _facts(experiment: Experiment, genotype: Genotype, about: str) -> dict[str, str]:
    """The metadata that a program needs to run the model, as text."""
    frontend = experiment.frontend
    steps = [step.primitive for step in frontend.steps]
    waves = {} if frontend.sees_images else {"rate": str(frontend.rate), "clip": f"{frontend.clip:g}"}
    phase = {} if frontend.phase is None else {"phase": frontend.phase}
    return {
        "classes": json.dumps(list(experiment.classes), ensure_ascii=False),
        **waves,
        "frontend": f"{frontend.name}: {' -> '.join(steps)}",
        **phase,
        "space": genotype.space,
        "method": genotype.method,
        "data": without_places(experiment.data),
        "weights": about,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """A context without the log messages and warnings of PyTorch to the authors of exporters."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
