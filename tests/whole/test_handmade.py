"""Shipped networks without choices: they cost and compute what those of their authors do, and are of use."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from odd_network import HEADS, SPACE
from torch import Tensor, nn

from benchmarks.handmade import compare, networks
from dslnas.data import FrontEndModule
from dslnas.elaborate.space import Setup, build
from dslnas.export import Export, export_onnx
from dslnas.export.python import python_file
from dslnas.ir.graph import Program
from dslnas.ir.tensortype import tensor
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.network import GraphModule, initialise
from dslnas.report.reader.layers import drawings_of_layers
from dslnas.report.render.pictures import render
from dslnas.resolve.library import find_space, shipped
from dslnas.resolve.resolve import resolve
from dslnas.resolve.settings import symbolic
from dslnas.runs.load import load
from dslnas.runs.request import Request

FILES = sorted((shipped() / "handmade").glob("*.nas"))


def program(file: str, space: str, shape: tuple[int, ...], classes: int) -> Program:
    definitions, found = resolve(find_space(file))
    assert not found
    one = definitions.spaces[space]
    setup = Setup(symbolic(one), tensor("real", *shape), classes)
    built, found = build(one, definitions.ops, setup)
    assert built is not None, found
    return built


def network(of: Program) -> GraphModule:
    made = GraphModule(of.network, of, Chosen({}, {}))
    initialise(made, 0)
    return made.eval()


# --- parameters and multiply-accumulates, by the sizes of layers -------------------------------------------


class Layers:
    """Adds up layers over (frequency, time): weights of convolutions and their uses, and norms."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size, self.params, self.macs = size, 0, 0

    def conv(self, into: int, out: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> Layers:
        rows, columns = self.size
        self.size = (-(-rows // stride[0]), -(-columns // stride[1]))
        weights = into * out * prod(kernel)
        self.params, self.macs = self.params + weights, self.macs + weights * prod(self.size)
        return self

    def norm(self, channels: int, bands: int = 1) -> Layers:
        self.params += 2 * channels * bands
        return self

    def linear(self, into: int, out: int) -> Layers:
        self.params, self.macs = self.params + into * out + out, self.macs + into * out
        return self


def bc_resnet(base: int, bands: int, frames: int, classes: int) -> Layers:
    """Table 1 of the paper, with the strides and dilations of the code."""
    layers = Layers((bands, frames)).conv(1, 2 * base, (5, 5), (2, 1)).norm(2 * base)
    channels = 2 * base
    for out, count, stride in ((base, 2, 1), (3 * base // 2, 2, 2), (2 * base, 4, 2), (5 * base // 2, 4, 1)):
        for place in range(count):
            if place == 0:
                layers.conv(channels, out, (1, 1)).norm(out)
            layers.conv(1, out, (3, 1), (stride if place == 0 else 1, 1)).norm(out, bands=5)
            rows, layers.size = layers.size, (1, frames)
            layers.conv(1, out, (1, 3)).norm(out).conv(out, out, (1, 1))
            layers.size = rows
        channels = out
    assert layers.size[0] == 5
    layers.size = (1, frames)
    layers.conv(1, channels, (5, 5)).conv(channels, 4 * base, (1, 1)).norm(4 * base)
    return layers.linear(4 * base, classes)


def ds_cnn(width: int, first: tuple[int, int], strides: tuple[int, ...], classes: int) -> Layers:
    layers = Layers((10, 49)).conv(1, width, (4, 10), first).norm(width)
    for stride in strides:
        layers.conv(1, width, (3, 3), (stride, stride)).norm(width).conv(width, width, (1, 1)).norm(width)
    return layers.linear(width, classes)


def tc_resnet(widths: tuple[int, ...], frames: int, classes: int) -> Layers:
    layers = Layers((1, frames)).conv(40, widths[0], (1, 3)).norm(widths[0])
    for into, out in pairwise(widths):
        if into != out:
            before = layers.size
            layers.conv(into, out, (1, 1), (1, 2)).norm(out)
            layers.size = before
        layers.conv(into, out, (1, 9), (1, 1 if into == out else 2)).norm(out).conv(out, out, (1, 9)).norm(
            out
        )
    return layers.linear(widths[-1], classes)


def matchboxnet(repeat: int, frames: int, classes: int) -> Layers:
    layers = Layers((1, frames)).conv(1, 64, (1, 11)).conv(64, 128, (1, 1)).norm(128)
    channels = 128
    for kernel in (13, 15, 17):
        layers.conv(channels, 64, (1, 1)).norm(64)
        for _ in range(repeat):
            layers.conv(1, channels, (1, kernel)).conv(channels, 64, (1, 1)).norm(64)
            channels = 64
    layers.conv(1, 64, (1, 29)).conv(64, 128, (1, 1)).norm(128).conv(128, 128, (1, 1)).norm(128)
    return layers.linear(128, classes)


def kwt(width: int, frames: int, classes: int) -> Layers:
    """Figure 1 of the paper: a token, positions, 12 blocks over frames + 1 steps."""
    layers = Layers((1, frames)).linear(40, width)
    layers.macs *= frames
    steps = frames + 1
    layers.params += width + width * steps
    for _ in range(12):
        layers.params += 3 * width**2 + (width + 1) * width + 2 * 4 * width**2 + 5 * width + 2 * 2 * width
        layers.macs += 12 * width**2 * steps + 2 * width * steps**2
    return layers.linear(width, classes)


def units(layers: Layers, into: int, hidden: int, steps: int, ways: int = 1) -> Layers:
    """Two layers of gated recurrent units, whose gates have matrices of what is read and of the state."""
    for read in (into, ways * hidden):
        weights = ways * 3 * hidden * (read + hidden)
        layers.params, layers.macs = (
            layers.params + weights + ways * 6 * hidden,
            layers.macs + weights * steps,
        )
    return layers


def crnn(classes: int) -> Layers:
    """Table 1 of Arik et al.: 151 frames of 40 bands, of which the convolution leaves 19 x 20."""
    layers = Layers((40, 151)).conv(1, 32, (5, 20), (2, 8))
    layers.params += 32
    assert layers.size == (20, 19)
    return units(layers, 20 * 32, 32, 19, ways=2).linear(19 * 64, 64).linear(64, classes)


def hello_crnn(filters: int, step: int, hidden: int, features: int, classes: int) -> Layers:
    """A convolution without padding, over 10 coefficients of 49 frames."""
    rows, columns = 6 // step + 1, 20
    layers = Layers((rows, columns)).conv(1, filters, (4, 10))
    layers.params += filters
    return units(layers, rows * filters, hidden, columns).linear(hidden, features).linear(features, classes)


# Parameters in thousands and multiply-accumulates in millions, as papers round them; 0 where none is known.
TC8, TC14 = (16, 24, 32, 48), (16, 24, 24, 32, 32, 48, 48)
PUBLISHED: list[tuple[str, str, tuple[int, int, int], int, Layers, tuple[float, float]]] = [
    *(
        ("bc_resnet", f"BCResNet{name}", (1, 40, 101), 12, bc_resnet(base, 40, 101, 12), (params, 0))
        for name, base, params in (
            ("", 8, 9.2),
            ("1_5", 12, 0),
            ("2", 16, 0),
            ("3", 24, 0),
            ("6", 48, 188),
            ("8", 64, 321),
        )
    ),
    ("ds_cnn", "DSCNNSmall", (1, 10, 49), 12, ds_cnn(64, (2, 2), (1,) * 4, 12), (0, 2.7)),
    ("ds_cnn", "DSCNNMedium", (1, 10, 49), 12, ds_cnn(172, (1, 2), (2, 1, 1, 1), 12), (0, 9.9)),
    ("ds_cnn", "DSCNNLarge", (1, 10, 49), 12, ds_cnn(276, (1, 2), (2, 1, 1, 1, 1), 12), (0, 28.4)),
    *(
        ("tc_resnet", f"TCResNet{name}", (1, 40, 98), 12, tc_resnet(widths, 98, 12), (params, 0))
        for name, widths, params in (
            ("8", TC8, 66),
            ("8Wide", tuple(3 * one // 2 for one in TC8), 145),
            ("14", TC14, 137),
            ("14Wide", tuple(3 * one // 2 for one in TC14), 305),
        )
    ),
    ("crnn", "CRNN", (1, 40, 151), 2, crnn(2), (229, 0)),
    ("crnn_edge", "CRNNSmall", (1, 10, 49), 12, hello_crnn(48, 2, 60, 84, 12), (0, 1.5)),
    ("crnn_edge", "CRNNMedium", (1, 10, 49), 12, hello_crnn(128, 2, 76, 164, 12), (0, 3.8)),
    ("crnn_edge", "CRNNLarge", (1, 10, 49), 12, hello_crnn(100, 1, 136, 188, 12), (0, 9.65)),
    *(
        ("kwt", f"KWT{number}", (1, 40, 98), 12, kwt(64 * number, 98, 12), (params, 0))
        for number, params in ((1, 607.308), (2, 2394.252), (3, 5360.844))  # of its models' summaries
    ),
    ("matchboxnet", "MatchboxNet", (1, 64, 128), 30, matchboxnet(1, 128, 30), (77, 0)),
    ("matchboxnet", "MatchboxNet2", (1, 64, 128), 30, matchboxnet(2, 128, 30), (93, 0)),
]


@pytest.mark.parametrize(("file", "space", "shape", "classes", "layers", "published"), PUBLISHED)
def test_a_network_costs_what_its_layers_cost(
    file: str,
    space: str,
    shape: tuple[int, int, int],
    classes: int,
    layers: Layers,
    published: tuple[float, float],
) -> None:
    found = cost(program(file, space, shape, classes), Everything())
    assert (found.params, found.macs) == (layers.params, layers.macs)
    params, macs = published
    assert not params or found.params / 1e3 == pytest.approx(params, rel=0.02)
    assert not macs or found.macs / 1e6 == pytest.approx(macs, rel=0.02)


# What the trained models of ARM-software/ML-KWS-for-MCU hold, of 12 words, and the units of their two
# layers, whose three gates do without a second bias.
TRAINED = [
    ("ds_cnn", "DSCNNSmall", 23_180, 0),
    ("ds_cnn", "DSCNNMedium", 136_580, 0),
    ("ds_cnn", "DSCNNLarge", 413_736, 0),
    ("crnn_edge", "CRNNSmall", 75_432, 60),
    ("crnn_edge", "CRNNMedium", 189_032, 76),
    ("crnn_edge", "CRNNLarge", 485_004, 136),
]


@pytest.mark.parametrize(("file", "space", "held", "units"), TRAINED)
def test_a_network_has_the_parameters_of_its_trained_model(
    file: str, space: str, held: int, units: int
) -> None:
    found = cost(program(file, space, (1, 10, 49), 12), Everything())
    assert found.params - 2 * 3 * units == held


def test_mobilenet_v2_has_the_parameters_of_torchvisions() -> None:
    """Those that its documentation names, and 300 million multiply-accumulates."""
    found = cost(program("mobilenet_v2", "MobileNetV2", (3, 224, 224), 1000), Everything())
    assert found.params == 3_504_872
    assert found.macs / 1e6 == pytest.approx(300.8, abs=0.1)


def test_mobilenet_v3_has_the_parameters_and_products_of_torchvisions() -> None:
    """Those that its documentation names, and the 56 million multiply-accumulates of the paper."""
    found = cost(program("mobilenet_v3", "MobileNetV3Small", (3, 224, 224), 1000), Everything())
    assert found.params == 2_542_856
    assert found.macs / 1e6 == pytest.approx(56.5, abs=0.1)


# --- outputs, beside networks that are written in torch ----------------------------------------------------


class Bands(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        n, c, f, t = x.shape
        return super().forward(x.reshape(n, 5 * c, f // 5, t)).reshape(n, c, f, t)


class Broadcasted(nn.Module):
    """A block of BC-ResNet, from figure 2 of the paper."""

    def __init__(self, into: int, out: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.moves = into != out
        widen = [nn.Conv2d(into, out, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()] if self.moves else []
        window = {"stride": (stride, 1), "padding": (1, 0), "groups": out, "bias": False}
        self.over_frequency = nn.Sequential(*widen, nn.Conv2d(out, out, (3, 1), **window), Bands(5 * out))
        along = {"padding": (0, dilation), "dilation": (1, dilation), "groups": out, "bias": False}
        self.over_time = nn.Sequential(
            nn.Conv2d(out, out, (1, 3), **along),
            nn.BatchNorm2d(out),
            nn.SiLU(),
            nn.Conv2d(out, out, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        f = self.over_frequency(x)
        both = f + self.over_time(f.mean(dim=2, keepdim=True))
        return F.relu(both if self.moves else both + x)


def torch_bc_resnet(base: int, classes: int) -> nn.Module:
    stages: list[nn.Module] = [
        nn.Conv2d(1, 2 * base, 5, (2, 1), 2, bias=False), nn.BatchNorm2d(2 * base), nn.ReLU(),
    ]  # fmt: skip
    channels = 2 * base
    for place, (out, count, stride) in enumerate(
        ((base, 2, 1), (3 * base // 2, 2, 2), (2 * base, 4, 2), (5 * base // 2, 4, 1))
    ):
        for number in range(count):
            stages.append(Broadcasted(channels, out, stride if number == 0 else 1, 2**place))
            channels = out
    return nn.Sequential(
        *stages,
        nn.Conv2d(channels, channels, 5, padding=(0, 2), groups=channels, bias=False),
        nn.Conv2d(channels, 4 * base, 1, bias=False), nn.BatchNorm2d(4 * base), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * base, classes),
    )  # fmt: skip


class Jasper(nn.Module):
    """A residual block of MatchboxNet, from figure 1 of the paper."""

    def __init__(self, into: int, out: int, kernel: int, repeat: int) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        channels = into
        for _ in range(repeat):
            parts += [nn.ReLU()] if parts else []
            parts += separable(channels, out, kernel)
            channels = out
        self.parts = nn.Sequential(*parts)
        self.skip = nn.Sequential(nn.Conv1d(into, out, 1, bias=False), nn.BatchNorm1d(out))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.parts(x) + self.skip(x))


def separable(into: int, out: int, kernel: int, dilation: int = 1) -> list[nn.Module]:
    around = {"padding": dilation * (kernel // 2), "dilation": dilation, "groups": into, "bias": False}
    return [
        nn.Conv1d(into, into, kernel, **around),  # type: ignore[arg-type]
        nn.Conv1d(into, out, 1, bias=False),
        nn.BatchNorm1d(out),
    ]


def torch_matchboxnet(repeat: int, classes: int) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(1, 2), *separable(64, 128, 11), nn.ReLU(),
        Jasper(128, 64, 13, repeat), Jasper(64, 64, 15, repeat), Jasper(64, 64, 17, repeat),
        *separable(64, 128, 29, dilation=2), nn.ReLU(),
        nn.Conv1d(128, 128, 1, bias=False), nn.BatchNorm1d(128), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(128, classes),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "space", "shape", "theirs"),
    [
        ("bc_resnet", "BCResNet", (1, 40, 21), lambda: torch_bc_resnet(8, 5)),
        ("matchboxnet", "MatchboxNet2", (1, 64, 21), lambda: torch_matchboxnet(2, 5)),
    ],
)
@pytest.mark.parametrize("training", [False, True])
def test_a_network_computes_what_torch_computes_with_its_weights(
    file: str, space: str, shape: tuple[int, int, int], theirs: Callable[[], nn.Module], training: bool
) -> None:
    ours, wanted = network(program(file, space, shape, 5)).train(training), theirs().train(training)
    weights = zip(ours.parameters(), wanted.parameters(), strict=True)
    source = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for own, other in weights:
            assert own.numel() == other.numel()
            own.add_(0.1 * torch.randn(own.shape, generator=source))
            other.copy_(own.view(other.shape))
        x = torch.randn(4, *shape, generator=source)
        torch.testing.assert_close(ours([x]), wanted(x), rtol=1e-3, atol=1e-4)


# --- what is done to networks ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_network_is_trained_drawn_and_written(path: Path, tmp_path: Path) -> None:
    experiment = load(path, Request(data="sc35"))
    genotype = experiment.only_genotype
    assert genotype is not None
    export = Export.of_genotype(experiment, genotype)
    x = torch.randn(2, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    made = export.network.train()
    F.cross_entropy(made(x), torch.tensor([1, 2])).backward()
    assert all(one.grad is not None and one.grad.isfinite().all() for one in made.parameters())
    file = python_file(experiment, genotype, "network.pt", "New.")
    names: dict[str, Any] = {}
    exec(compile(file.text, "network.py", "exec"), names)
    copy = names["Network"]()
    copy.load_state_dict(file.weights(made.state_dict()))
    torch.testing.assert_close(copy.eval()(x), made.eval()(x), rtol=1e-4, atol=1e-4)
    raw = torch.rand(1, *experiment.frontend.raw_shape, generator=torch.Generator().manual_seed(0)) - 0.5
    features = FrontEndModule(experiment.frontend).features(raw)
    torch.testing.assert_close(names["FrontEnd"]()(raw), features, rtol=1e-4, atol=1e-4)
    picture = tmp_path / "network.dot"
    render(drawings_of_layers(experiment.space), picture, experiment.space.name)
    assert "linear" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "sizes"), [("kwt", ("depth=1", "width=16"))])
def test_a_network_of_waves_is_one_model(file: str, sizes: tuple[str, ...], tmp_path: Path) -> None:
    """From waves to probabilities in ONNX, the front end inside, for any batch."""
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    experiment = load(shipped() / "handmade" / f"{file}.nas", Request(data="fsdd", overrides=list(sizes)))
    assert experiment.only_genotype is not None
    export = Export.of_genotype(experiment, experiment.only_genotype)
    (path,) = export_onnx(export, tmp_path / "network.onnx").files
    waves = torch.rand(3, experiment.frontend.samples, generator=torch.Generator().manual_seed(0)) - 0.5
    waves = (waves * 32768).round() / 32768
    with torch.no_grad():
        logits = export.network.eval()(FrontEndModule(experiment.frontend).features(waves))
    (found,) = onnxruntime.InferenceSession(path.read_bytes()).run(None, {"wave": waves.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), torch.softmax(logits, 1), rtol=0, atol=1e-4)


COMPARED = ("TCResNet8",)


@pytest.mark.parametrize("network", COMPARED)
def test_a_network_computes_the_same_wherever_it_is_exported_to(network: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    (file, space, data) = next(one for one in networks() if one[1] == network)
    found = compare(file, space, data, tmp_path)
    assert found.labels and max(found.python, found.onnx, found.whole) < 1e-4


def test_every_primitive_of_these_networks_is_held_against_onnxruntime() -> None:
    """In the odd network of the tests of ONNX models, or in one of those above."""

    def used(program: Program) -> set[str]:
        return {node.primitive for graph in program.graphs() for node in graph if node.primitive}

    text = " ".join((SPACE, *HEADS.values()))
    compared = set(re.findall(r"\w+", text)) | {"add", "multiply", "subtract"}
    made = {
        space: load(find_space(file), Request(data=data, overrides=(f"space={space}",))).evaluation
        for file, space, data in networks()
    }
    compared = compared.union(*(used(made[space]) for space in COMPARED))
    for space, program in made.items():
        assert used(program) - compared == set(), space
