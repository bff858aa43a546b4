"""Whether networks that were made by hand compute the same as PyTorch files and as ONNX models.

    python benchmarks/handmade.py              # all of them, a few minutes
    python benchmarks/handmade.py KWT1 CRNN

Each is checked, planned, drawn and trained for a step on random features first. The features of eight
examples then go through the network, its exported PyTorch file and onnxruntime, and a wave or an image
through the model that has the front end inside. `cats_vs_dogs`, for which the networks for large pictures are
built, needs its recordings nowhere: what is read is random.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dslnas.check.check import check_file
from dslnas.data import FrontEndModule
from dslnas.export import Export, export_onnx, export_python
from dslnas.report.reader.layers import drawings_of_layers
from dslnas.report.render.drawing import check
from dslnas.resolve.library import find_space, shipped
from dslnas.resolve.resolve import resolve
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

WORDS, IMAGES, PICTURES = "sc35", "cifar10", "cats_vs_dogs"
BASELINES = {"lenet": IMAGES, "resnet18": IMAGES, "resnet18_pictures": PICTURES, "vgg16": PICTURES}
BATCH = 8


@dataclass(frozen=True)
class Compared:
    """One network: its parameters, and how far what is exported is from it.

    python, onnx: the largest difference of a logit; largest: the largest logit; whole: the largest difference
    of a probability, from waves or images on; labels: whether the classes are the same.
    """

    space: str
    parameters: int
    python: float
    onnx: float
    largest: float
    whole: float
    labels: bool

    def __str__(self) -> str:
        differences = f"python {self.python:.1e}  onnx {self.onnx:.1e}  of {self.largest:.2f}"
        labels = "same" if self.labels else "OTHER"
        return (
            f"{self.space:18} {self.parameters:>11,}  {differences}  whole {self.whole:.1e}  labels {labels}"
        )


def networks() -> Iterator[tuple[str, str, str]]:
    """Every network without choices: its file, its space, the data for which it is built."""
    for path in sorted((shipped() / "handmade").glob("*.nas")):
        found = resolve(path)[0]
        data = WORDS if found.experiment is not None else IMAGES
        yield from ((path.stem, space, data) for space in found.own_spaces)
    for name, data in BASELINES.items():
        yield from ((name, space, data) for space in resolve(find_space(name))[0].own_spaces)


def compare(file: str, space: str, data: str, folder: Path) -> Compared:
    """What a network computes after a step of training, and what becomes of it as files in a folder.

    Raises AssertionError where it is not sound, or does not learn.
    """
    import onnxruntime

    path = find_space(file)
    assert check_file(path) == []
    experiment = load(path, Request(data=data, overrides=(f"space={space}",)))
    assert plan(experiment).size == 1
    for drawing in drawings_of_layers(experiment.space):
        check(drawing)
    genotype = experiment.only_genotype
    assert genotype is not None
    export = Export.of_genotype(experiment, genotype)
    source = torch.Generator().manual_seed(0)
    shape = experiment.frontend.output.stored
    train_a_step(export.network, torch.randn(BATCH, *shape, generator=source))
    x = torch.randn(BATCH, *shape, generator=source)
    raw = (torch.rand(2, *experiment.frontend.raw_shape, generator=source) * 32768).round() / 32768
    with torch.no_grad():
        wanted = export.network(x)
        likely = export.network(FrontEndModule(experiment.frontend).features(raw)).softmax(1)
        copied = copy_of(export, folder / "network.py")(x)

    def answer(path: Path, given: Tensor) -> Tensor:
        threads = onnxruntime.SessionOptions()
        threads.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), threads)
        return torch.from_numpy(session.run(None, {session.get_inputs()[0].name: given.numpy()})[0])

    logits = answer(export_onnx(export, folder / "network.onnx", features=True).files[0], x)
    waves = raw if data != WORDS else raw.flatten(1)
    probabilities = answer(export_onnx(export, folder / "whole.onnx").files[0], waves)
    return Compared(
        space,
        sum(one.numel() for one in export.network.parameters()),
        (copied - wanted).abs().max().item(),
        (logits - wanted).abs().max().item(),
        wanted.abs().max().item(),
        (probabilities - likely).abs().max().item(),
        all(torch.equal(one.argmax(1), wanted.argmax(1)) for one in (copied, logits)),
    )


def train_a_step(network: torch.nn.Module, x: Tensor) -> None:
    """One step of gradient descent on the classes 0 and 1 by turns; the network is then ready to answer."""
    optimizer = torch.optim.SGD(network.train().parameters(), lr=0.01)
    F.cross_entropy(network(x), torch.arange(len(x)) % 2).backward()
    grads = [one.grad for one in network.parameters()]
    assert all(grad is not None and grad.isfinite().all() for grad in grads)
    optimizer.step()
    optimizer.zero_grad()
    network.eval()


def copy_of(export: Export, path: Path) -> torch.nn.Module:
    """The network of an exported PyTorch file with its weights."""
    export_python(export, path)
    names: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), names)
    made = names["Network"]()
    made.load_state_dict(torch.load(path.with_suffix(".pt"), weights_only=True))
    assert isinstance(made, torch.nn.Module)
    return made.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("spaces", nargs="*", metavar="SPACE", help="default: all")
    wanted = parser.parse_args(arguments).spaces
    torch.set_num_threads(1)
    for file, space, data in networks():
        if not wanted or space in wanted:
            with tempfile.TemporaryDirectory() as folder:
                print(compare(file, space, data, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
