"""Exports a network as an ONNX model, with metadata: from waves or images, or from features."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from ..base.diagnostics import fail
from ..base.places import without_places
from ..ir.genotype import Genotype
from ..runs.experiment import Experiment
from .deploy.transform import Floats, counted, tabulated
from .waves import (
    ClipClassifier,
    Convolved,
    Signature,
    WaveClassifier,
    clip_signature,
    features_signature,
    whole_signature,
)

# The lowest set of operators that PyTorch writes: onnxruntime reads it from 1.14 (February 2023) on.
OPSET = 18
SCOPES = "pkg.torch.onnx.name_scopes"  # the attributes of modules that lead to a node


def features_model(
    network: nn.Module, experiment: Experiment, facts: Mapping[str, str], opset: int = OPSET
) -> Model:
    """The model of a network: `features` (N, C, F, T) to `logits` (N, classes), for any N.

    network: of PyTorch's own layers. facts: its metadata. opset: its set of operators; it is of the lowest
    version of the format (IR) that has it. Raises DslnasError N0702 where `onnx` or `onnxscript` is not
    installed, or the network cannot be written in that set.
    """
    signature = features_signature(experiment.frontend)
    return _model(network, signature, facts, opset)


def whole_model(
    network: nn.Module, experiment: Experiment, facts: Mapping[str, str], opset: int = OPSET
) -> Model:
    """The model of a front end and a network, with the inputs and outputs of `whole_signature`.

    Raises DslnasError N0702 as `features_model` does.
    """
    frontend = experiment.frontend
    return _model(WaveClassifier(frontend, network), whole_signature(frontend), facts, opset, tables=True)


def clip_model(network: nn.Module, experiment: Experiment, features: bool) -> Model:
    """The model of one clip or image whose sizes are all fixed, as generators of code need it.

    features: of the features of a clip to logits. Raises DslnasError N0702 as `features_model` does.
    """
    frontend = experiment.frontend
    if features:
        whole = features_signature(frontend)
        return _model(network, Signature(whole.input, whole.output, whole.example[:1], {}), {}, OPSET)
    return _model(ClipClassifier(frontend, network), clip_signature(frontend), {}, OPSET)


@dataclass(frozen=True)
class Model:
    """A model as the bytes of its file. network: the names of its nodes that are not of the front end."""

    data: bytes
    network: tuple[str, ...]


def needs(*packages: str) -> None:
    """Raise DslnasError N0702 where a package of the extra `onnx` is not installed."""
    for package in packages:
        if find_spec(package) is None:
            help = 'install it: `pip install "dslnas[onnx]"`'
            raise fail("N0702", f"an ONNX model needs the package `{package}`", help=help)


def _model(
    module: nn.Module, signature: Signature, facts: Mapping[str, str], opset: int, tables: bool = False
) -> Model:
    """tables: whether a runtime computes the kernels of the transform from a table at its start."""
    needs("onnx", "onnxscript")
    _check_known(opset)
    with quiet():
        program = torch.onnx.export(
            module.eval(),
            (signature.example,),
            dynamo=True,
            opset_version=opset,
            input_names=[signature.input],
            output_names=[signature.output],
            dynamic_shapes=(signature.sizes,) if signature.sizes else None,
            custom_translation_table={torch.ops.prims.hypot.default: _hypot},
            verbose=False,
        )
    assert program is not None, "a program, as no file was named"
    nodes = list(program.model.graph.all_nodes())
    network = tuple(node.name or "" for node in nodes if "'network'" in node.metadata_props.get(SCOPES, ""))
    _strip(program.model)
    program.model.metadata_props.update(facts)
    proto = program.model_proto
    if tables:
        tabulated(proto, _windows(module))
        counted(proto)
    return Model(_finished(proto, opset).SerializeToString(), network)


def _windows(module: nn.Module) -> dict[str, Floats]:
    """The windows of the transforms of a module, by the names of their kernels."""
    found = {name: one for name, one in module.named_modules() if isinstance(one, Convolved)}
    return {f"{name}.kernels": one.window.numpy() for name, one in found.items()}


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


def _strip(model: Any) -> None:
    """Take out what no runtime needs, which is more than the weights of a small network.

    It is the lines of Python that nodes were made of, with their folders, and the types between the nodes.
    """
    outputs = {id(value) for value in model.graph.outputs}
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        for value in node.outputs:
            value.metadata_props.clear()
            if id(value) not in outputs:
                value.shape = value.type = None


def _hypot(a: Any, b: Any) -> Any:
    """The modulus of complex numbers, whose squares may be too small for a float."""
    from onnxscript import opset18 as op

    greatest = op.Max(op.Abs(a), op.Abs(b), torch.finfo(torch.float32).tiny)
    a, b = op.Div(a, greatest), op.Div(b, greatest)
    return op.Mul(greatest, op.Sqrt(op.Add(op.Mul(a, a), op.Mul(b, b))))


def facts_of(
    experiment: Experiment, genotype: Genotype, about: str, accuracy: float | None
) -> dict[str, str]:
    """The metadata of a model, as text: what a program needs to run it, and what it is.

    about: its weights. accuracy: in the test, None where there was none.
    """
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
        **({} if accuracy is None else {"test_accuracy": f"{accuracy:.4f}"}),
    }


@contextmanager
def quiet() -> Iterator[None]:
    """A context without the log messages and warnings of PyTorch to the authors of exporters."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
