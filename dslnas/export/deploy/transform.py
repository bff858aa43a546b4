"""Constants of an ONNX model that are computed when it is loaded, so that a file is not mostly cosines.

Kernel k at sample n of a frame is the cosine or the sine of `2 pi k n / window`, and there are only `window`
different ones: the model holds those, and says by operators of whole numbers which stands where. A runtime
computes what depends on no input once, when it loads a model, and then runs as it would with the kernels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

LONG = 256  # below this the operator and its inputs take as much as the list

Floats = npt.NDArray[np.float32]
Step = tuple[str, tuple[str, ...], str, dict[str, int]]  # an operator, its inputs, its output, attributes


def tabulated(model: Any, windows: dict[str, Floats]) -> None:
    """Put tables and the operators that read them in the place of kernels (2 bins, 1, window) in a model.

    windows: by the name of each weight what its kernels are times, (window,). They are built anew to the last
    bit of the cosines and one rounding more, of the window. Weights that are no such kernels stay.
    """
    import onnx

    graph = model.graph
    for weight in [one for one in graph.initializer if one.name in windows]:
        window = windows[weight.name]
        bins, length = weight.dims[0] // 2, len(window)
        if list(weight.dims) != [2 * bins, 1, length]:
            continue
        graph.initializer.remove(weight)
        _write(onnx, graph, weight.name, bins, window)


def counted(model: Any) -> None:
    """Say lists of the whole numbers from 0 on, as of the samples of a clip, by their lengths."""
    import onnx

    graph = model.graph
    lists = [one for one in graph.initializer if one.data_type == onnx.TensorProto.INT64 and _is_long(one)]
    for weight in lists:
        (length,) = weight.dims
        if not np.array_equal(onnx.numpy_helper.to_array(weight), np.arange(length)):
            continue
        graph.initializer.remove(weight)
        values = dict(zip(("none", "length", "one"), (0, length, 1), strict=True))
        named = {f"{weight.name}.{part}": np.array(value) for part, value in values.items()}
        _first(onnx, graph, named, [("Range", (*named,), weight.name, {})])


def _is_long(weight: Any) -> bool:
    return len(weight.dims) == 1 and weight.dims[0] >= LONG


def _write(onnx: Any, graph: Any, name: str, bins: int, window: Floats) -> None:
    length = len(window)
    constants = {
        "none": np.array(0),
        "one": np.array(1),
        "bins": np.array(bins),
        "length": np.array(length),
        "column": np.array([bins, 1]),
        "shape": np.array([2 * bins, 1, length]),
        "table": table_of(length),
        "window": window,
    }
    steps: list[Step] = [
        ("Range", ("none", "bins", "one"), "row", {}),
        ("Reshape", ("row", "column"), "bin", {}),
        ("Range", ("none", "length", "one"), "sample", {}),
        ("Mul", ("bin", "sample"), "product", {}),
        ("Mod", ("product", "length"), "turn", {}),
        ("Gather", ("table", "turn"), "waves", {"axis": 1}),
        ("Mul", ("waves", "window"), "windowed", {}),
        ("Reshape", ("windowed", "shape"), "", {}),
    ]

    def called(part: str) -> str:
        return f"{name}.{part}" if part else name

    named = {called(part): value for part, value in constants.items()}
    _first(
        onnx,
        graph,
        named,
        [(kind, (*map(called, read),), called(made), more) for kind, read, made, more in steps],
    )


def _first(onnx: Any, graph: Any, constants: dict[str, Any], steps: Sequence[Step]) -> None:
    """Put constants into a graph, and operators on them before all others."""
    graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in constants.items())
    nodes = [onnx.helper.make_node(kind, read, [made], made, **more) for kind, read, made, more in steps]
    others = [*graph.node]
    del graph.node[:]
    graph.node.extend([*nodes, *others])


def table_of(length: int) -> Floats:
    """The cosines and the negative sines of all parts of a turn, (2, length)."""
    turns = 2 * math.pi * np.arange(length) / length
    return np.stack((np.cos(turns), -np.sin(turns))).astype(np.float32)
