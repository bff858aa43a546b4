"""Layers of pairs of channels in the forms of ONNX models: they compute what the layers compute."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from dslnas.export import Export, export_onnx
from dslnas.export.complex_parts import ComplexMaxPool2d
from dslnas.export.deploy.pairs import PairedConv2d, PairedMaxPool2d, by_channels
from dslnas.runs.load import load
from dslnas.runs.request import Request

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
windows = st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda kernel: kernel != (1, 1))
strides = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(sizes, windows, strides, st.booleans(), st.booleans(), st.integers(1, 3), st.integers(0, 2**32))
def test_the_largest_modulus_is_that_of_the_layer(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padded: bool,
    ceil: bool,
    values: int,
    seed: int,
) -> None:
    """To the last bit; few different values, so that several of a window are the largest, of other phases."""
    padding = (kernel[0] // 2, kernel[1] // 2) if padded else (0, 0)
    assume(all(one + 2 * more >= k for one, more, k in zip(size, padding, kernel, strict=True)))
    pool = ComplexMaxPool2d(kernel, stride, padding, ceil_mode=ceil)
    drawn = torch.randint(-values, values + 1, (2, 6, *size), generator=torch.Generator().manual_seed(seed))
    x = drawn.float()
    assert torch.equal(PairedMaxPool2d(pool)(x), pool(x))


def test_a_window_without_a_number_has_a_value_all_the_same() -> None:
    pool = PairedMaxPool2d(ComplexMaxPool2d(3, 1, 1))
    assert pool(torch.full((1, 2, 1, 4), torch.nan)).isnan().all()


@given(
    st.integers(4, 9),
    st.sampled_from([(3, 3), (1, 5), (2, 1)]),
    strides,
    st.integers(0, 2),
    st.integers(1, 2),
    st.booleans(),
)
def test_two_depthwise_convolutions_are_one_of_pairs(
    pairs: int, kernel: tuple[int, int], stride: tuple[int, int], padding: int, dilation: int, bias: bool
) -> None:
    layer = nn.Conv2d(
        2 * pairs, 2 * pairs, kernel, stride, padding, dilation=dilation, groups=pairs, bias=bias
    )
    x = torch.randn(2, 2 * pairs, 9, 11)
    with torch.no_grad():
        torch.testing.assert_close(PairedConv2d(layer)(x), layer(x), rtol=1e-5, atol=1e-6)


def test_only_what_is_slow_is_rewritten() -> None:
    """Not single pixels, few channels, or groups of another size; the network that was given stays."""
    kept = [nn.Conv2d(8, 8, 1, groups=4), nn.Conv2d(4, 4, 3, groups=2), nn.Conv2d(8, 8, 3, groups=2)]
    network = nn.Sequential(*kept, ComplexMaxPool2d(1, 2), nn.Conv2d(8, 8, 3, groups=4), ComplexMaxPool2d(2))
    kinds = [type(one) for one in by_channels(network)]
    assert kinds == [nn.Conv2d, nn.Conv2d, nn.Conv2d, ComplexMaxPool2d, PairedConv2d, PairedMaxPool2d]
    assert type(network[4]) is nn.Conv2d


POOLED = """
space Pooled(domain = complex) {
    network = input -> conv(3, 4) -> bn -> maxpool(3, 2) -> dwconv(3) -> maxpool(2)
        -> global_pool -> real_imag -> linear(classes)
}
"""


def test_a_model_has_them(tmp_path: Path) -> None:
    """No operator that says where a maximum lies, no groups of two; onnxruntime computes the same."""
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    (tmp_path / "pooled.nas").write_text(POOLED, encoding="utf-8")
    experiment = load(tmp_path / "pooled.nas", Request(data="fsdd"))
    assert experiment.only_genotype is not None
    export = Export.of_genotype(experiment, experiment.only_genotype)
    (path,) = export_onnx(export, tmp_path / "pooled.onnx", features=True).files
    nodes = onnx.load(path).graph.node
    convolutions = [node for node in nodes if node.op_type == "Conv"]
    groups = [one.i for node in convolutions for one in node.attribute if one.name == "group"]
    assert "MaxPool" not in {node.op_type for node in nodes} and groups.count(8) == 2 and 4 not in groups
    x = torch.randn(3, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    (found,) = onnxruntime.InferenceSession(path.read_bytes()).run(None, {"features": x.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(found), export.network(x), rtol=1e-4, atol=1e-5)
