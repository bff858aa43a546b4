"""Windows: what they leave of a size."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_modules import made

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Dim, tensor

WINDOWED = ("conv", "dwconv", "maxpool", "avgpool", "tilepool", "zero")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(WINDOWED),
    st.integers(5, 12),
    st.integers(5, 12),
    st.sampled_from([1, 3, 5]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, "time", "frequency"]),
)
def test_padded_windows_keep_the_size_up_to_the_stride(
    name: str, frequency: int, time: int, kernel: int, stride: int, dilation: int, along: str | None
) -> None:
    x = tensor("real", 4, frequency, time)
    attributes: dict[str, Any] = {"stride": stride} | (
        {} if name in ("tilepool", "zero") else {"kernel": kernel}
    )
    if name in ("conv", "dwconv"):
        attributes |= {"dilation": dilation, "along": along, "pad": None, "groups": 1}
        along_f, along_t = along in (None, "frequency"), along in (None, "time")
    else:
        along_f = along_t = True
    if name == "conv":
        attributes["out"] = Dim.of(6)
    output = made(name, (x,), **attributes)
    expected = (-(-frequency // (stride if along_f else 1)), -(-time // (stride if along_t else 1)))
    assert output.shape == (6 if name == "conv" else 4, *expected)


@pytest.mark.parametrize(("size", "stride"), [((40, 501), 2), ((5, 62), 2), ((9, 10), 3)])
def test_whole_tiles_round_the_size_down(size: tuple[int, int], stride: int) -> None:
    x = tensor("real", 4, *size)
    wanted = (4, size[0] // stride, size[1] // stride)
    assert made("tilepool", (x,), stride=stride, whole=True).shape == wanted
    with pytest.raises(TypeRuleError, match="larger than its input"):
        REGISTRY["tilepool"].type_rule((tensor("real", 4, 2, 9),), {"stride": 3, "whole": True}, "real")


@pytest.mark.parametrize("name", ["conv", "dwconv"])
def test_without_padding_the_size_shrinks_by_the_kernel(name: str) -> None:
    attributes: dict[str, Any] = {
        "kernel": (5, 1),
        "stride": 1,
        "dilation": 1,
        "along": None,
        "pad": 0,
        "groups": 1,
    }
    attributes |= {"out": Dim.of(3)} if name == "conv" else {}
    assert made(name, (tensor("real", 3, 5, 7),), **attributes).shape == (3, 1, 7)
    with pytest.raises(TypeRuleError, match="larger than its input"):
        REGISTRY[name].type_rule((tensor("real", 3, 4, 7),), attributes, "real")
