"""Writes an exported network to files, after a check of its logits against those of the original."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..base.diagnostics import fail
from ..base.files import write_atomically
from ..base.run_folder import WEIGHTS
from ..data.features import Prepared
from ..ir.genotype import Genotype
from ..lower.pruned import PrunedNetwork
from ..runs.experiment import Experiment
from .deploy.code import Code, code_of, needs_generator
from .deploy.executorch import needs_executorch, program_of
from .deploy.folding import folded
from .deploy.header import Described, function_name, header_of, source_of
from .deploy.pairs import by_channels
from .int8 import Int8, int8_model
from .onnx import OPSET, clip_model, facts_of, features_model, needs, quiet, whole_model
from .python import PythonFile, python_file
from .waves import WaveClassifier, short_signature, whole_signature

if TYPE_CHECKING:
    from ..runs.run import Run

CODE = "N0702"  # of the diagnostics of what cannot be exported
TOLERANCE = 1e-4  # of the logits: far beyond rounding, far below a mistake


@dataclass(frozen=True)
class Export:
    """A network to export, with its experiment, its genotype, and whether it is trained.

    accuracy: in the test of its run; None where there was none. temperature: by what logits are divided
    before they become probabilities.
    """

    experiment: Experiment
    genotype: Genotype
    network: PrunedNetwork
    trained: bool
    accuracy: float | None = None
    temperature: float = 1.0

    @staticmethod
    def of_run(run: Run) -> Export:
        """The trained network of a run; before it is trained, that of its genotype.

        Raises DslnasError N0701 where the folder holds no genotype or its weights cannot be used.
        """
        if not run.folder.has(WEIGHTS):
            return Export.of_genotype(run.experiment, run.genotype)
        accuracy = run.folder.metrics().get("test", {}).get("accuracy")
        network = run.network(torch.device("cpu"))
        return Export(run.decided.experiment, run.genotype, network, True, accuracy, run.temperature)

    @staticmethod
    def of_genotype(experiment: Experiment, genotype: Genotype) -> Export:
        """The network of a genotype, with untrained weights drawn from the seed."""
        network = PrunedNetwork(experiment.evaluation, genotype, experiment.settings.seed)
        return Export(experiment.decided_by(genotype), genotype, network, False)

    @property
    def about(self) -> str:
        """A sentence on the weights: trained, or drawn from the seed."""
        if self.trained:
            return "The weights are those of the trained network."
        return f"The weights are not trained: seed {self.experiment.settings.seed} draws them."

    @property
    def parameters(self) -> int:
        """The number of weights of the network."""
        return sum(parameter.numel() for parameter in self.network.parameters())


@dataclass(frozen=True)
class Exported:
    """The files written. difference: the largest one between their logits and the network's, on noise."""

    files: tuple[Path, ...]
    difference: float


def export_python(export: Export, out: Path) -> Exported:
    """Write a network as a PyTorch file, and its weights beside it, under the name of the file with `.pt`.

    Raises DslnasError N0702 where a primitive has no form outside dslnas or the files cannot be written.
    """
    beside = out.with_suffix(".pt")
    file = python_file(export.experiment, export.genotype, beside.name, export.about, export.temperature)
    weights, copy = _module(file, export.network)
    difference = _difference(export, copy)
    buffer = io.BytesIO()
    torch.save(weights, buffer)
    write_atomically(beside, buffer.getvalue(), CODE)
    write_atomically(out, file.text.encode("utf-8", "backslashreplace"), CODE)
    return Exported((out, beside), difference)


def export_onnx(export: Export, out: Path, features: bool = False, opset: int = OPSET) -> Exported:
    """Write a network as an ONNX model from waves to probabilities, with its front end inside.

    It takes `wave` (N, length), of any length, at the rate that its metadata names, and fits it as `dslnas
    predict` does; `image` (N, C, H, W) of a space of images. features: it takes `features` (N, C, F, T) in
    place of that, and returns `logits`. N is any. The metadata names the classes, the rate in hertz, the
    length of a clip in seconds, the front end and, of complex features, from where their phases count; of a
    trained network the accuracy in the test. opset: its set of operators. Raises DslnasError N0702 as
    `export_python` does, where `onnx` is not installed, and where the network has no form in that set.
    """
    copy, difference = _folded(export, apart=True)
    facts = _facts(export)
    if features:
        model = features_model(copy, export.experiment, facts, opset)
    else:
        model = whole_model(_calibrated(export, copy), export.experiment, facts, opset)
    write_atomically(out, model.data, CODE)
    return Exported((out,), difference)


def export_torch(export: Export, out: Path) -> Exported:
    """Write a network as a program of `torch.export` (.pt2), from waves or images to probabilities.

    `torch.export.load(FILE).module()` takes what `export_onnx` says, without a line of Python of its own.
    Raises DslnasError N0702 as `export_python` does.
    """
    copy, difference = _copied(export)
    frontend = export.experiment.frontend
    signature = whole_signature(frontend)
    whole = WaveClassifier(frontend, _calibrated(export, copy), by_value=True).eval()
    with quiet():
        program = torch.export.export(whole, (signature.example,), dynamic_shapes=(signature.sizes,))
        buffer = io.BytesIO()
        facts = _facts(export)
        torch.export.save(program, buffer, extra_files={"facts.json": json.dumps(facts, ensure_ascii=False)})
    write_atomically(out, buffer.getvalue(), CODE)
    return Exported((out,), difference)


def export_executorch(export: Export, out: Path) -> Exported:
    """Write a network as a program of ExecuTorch (.pte), from one wave or image to probabilities.

    `forward` takes `wave` (1, length), no longer than a clip, or `image` (1, C, H, W). Its method `facts`
    returns the metadata of `export_onnx` as JSON; of waves `rate` and `samples` return those of a clip.
    Raises DslnasError N0702 as `export_python` does, where `executorch` is not installed, and where the
    network has no form in it.
    """
    needs_executorch()
    copy, difference = _folded(export)
    frontend = export.experiment.frontend
    whole, taken = WaveClassifier(frontend, _calibrated(export, copy)).eval(), short_signature(frontend)
    numbers = {} if frontend.sees_images else {"rate": frontend.rate, "samples": frontend.samples}
    with quiet():
        data = program_of(whole, taken.example, taken.sizes, _facts(export), numbers)
    write_atomically(out, data, CODE)
    return Exported((out,), difference)


def export_int8(
    export: Export, prepared: Prepared, out: Path, most: float, opset: int = OPSET
) -> tuple[Exported, Int8]:
    """Write an ONNX model from waves to probabilities whose network computes with 8 bits.

    Its front end stays as it is. prepared: the data of the experiment, whose training clips tell the ranges
    of values. most: of the accuracy on validation, in points, may be lost. Raises DslnasError N0702 where
    more is lost, and N0702 as `export_onnx` does.
    """
    check_trained(export)
    copy, difference = _folded(export)
    facts = _facts(export)
    found = int8_model(whole_model(_calibrated(export, copy), export.experiment, facts, opset), prepared)
    if found.lost > most:
        message = f"8 bits lose {found.lost:.1f} points of the accuracy on validation: {found.said}"
        ask = f"`--most-lost {math.ceil(found.lost)}` writes it all the same"
        help = f"{ask}, without `--int8` the model keeps 32 bits"
        raise fail("N0702", message, help=help)
    write_atomically(out, found.data, CODE)
    return Exported((out,), difference), found


def check_trained(export: Export) -> None:
    """Raise DslnasError N0702 where a network is not trained, so that 8 bits cannot be judged."""
    if not export.trained:
        help = "train it, or leave `--int8` out"
        raise fail("N0702", "what 8 bits cost shows on a trained network, and this one is not", help=help)


def export_c(export: Export, out: Path, features: bool = False) -> tuple[Exported, Code]:
    """Write a network as C99 without libraries: a source file, and its header beside it (`.h`).

    The function is called as the file. It takes one clip as a mono wave at the rate of the header, one image,
    or with `features` the features of a clip, and hands out what `export_onnx` does. The second value says
    what it takes of flash and RAM. Raises DslnasError N0702 as `export_onnx` does, and where the generator is
    not installed.
    """
    needs_generator()
    needs("onnx", "onnxscript")
    copy, difference = _folded(export)
    name = function_name(out.stem)
    network = copy if features else _calibrated(export, copy)
    code = code_of(clip_model(network, export.experiment, features).data, name)
    experiment = export.experiment
    described = Described(name, experiment.frontend, experiment.classes, features, _facts(export))
    beside = out.with_name(f"{name}.h")
    write_atomically(beside, header_of(code, described).encode(), CODE)
    write_atomically(out, source_of(code, described).encode(), CODE)
    return Exported((out, beside), difference), code


class _Calibrated(nn.Module):
    """A network whose logits are divided by its temperature."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, x_NCFT: Tensor) -> Tensor:
        logits: Tensor = self.network(x_NCFT)
        return logits / self.temperature


def _calibrated(export: Export, network: nn.Module) -> nn.Module:
    """A network as its probabilities are made of it; itself where its logits are not divided."""
    return network if export.temperature == 1 else _Calibrated(network, export.temperature).eval()


def _folded(export: Export, apart: bool = False) -> tuple[nn.Module, float]:
    """As `_copied`, for models that are trained no more. apart: pairs of channels become single ones."""
    copy, _ = _copied(export)
    small = by_channels(folded(copy)) if apart else folded(copy)
    return small, _difference(export, small)


def _copied(export: Export) -> tuple[nn.Module, float]:
    """A network as torch's own layers, and the largest difference between the logits of both.

    Raises DslnasError N0702 where a primitive has no form outside dslnas.
    """
    _, copy = _module(python_file(export.experiment, export.genotype, "", export.about), export.network)
    return copy, _difference(export, copy)


def _facts(export: Export) -> dict[str, str]:
    return facts_of(export.experiment, export.genotype, export.about, export.accuracy)


def _module(file: PythonFile, network: PrunedNetwork) -> tuple[dict[str, Tensor], nn.Module]:
    """The weights under the names of the file, and its `Network` with them, in evaluation mode."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(file.text, "exported.py", "exec"), names)
    weights = file.weights({name: value.detach().clone() for name, value in network.state_dict().items()})
    module: nn.Module = names["Network"]()
    module.load_state_dict(weights)
    return weights, module.eval()


@torch.no_grad()
def _difference(export: Export, copy: nn.Module) -> float:
    """The largest difference between the logits of a network and of its copy, on two examples of noise."""
    shape = export.experiment.frontend.output.stored
    x_NCFT = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))
    ours, theirs = export.network.eval()(x_NCFT), copy(x_NCFT)
    difference = float((ours - theirs).abs().max())
    assert difference <= TOLERANCE * max(1.0, float(ours.abs().max())), "the file computes something else"
    return difference
