"""An ONNX model whose network computes with whole numbers of 8 bits: static quantisation, measured.

The ranges of values between the nodes are those of training clips (Jacob et al., 2018). Scales of weights are
one for a tensor or one for each output channel, whichever keeps more of the accuracy on validation: more
scales do not serve every network. The front end keeps 32 bits, since a logarithm of what 8 bits hold of a
spectrum is not that of the spectrum. Ranges that are measured anew for each clip (dynamic quantisation) are
not offered: they ruin depthwise convolutions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..data.cache.rows import Examples
from ..data.features import Prepared, Split
from ..data.frontend.spectrum import to_float
from ..train.testing import recognised
from .onnx import Model, needs, quiet

CALIBRATED = 200  # training clips at most, evenly over the classes
BATCH = 50


@dataclass(frozen=True)
class Int8:
    """A model of 8 bits. per_channel: whether each output channel has a scale of its own.

    before, after: the accuracies by split, 0 .. 1, of the model of 32 and of that of 8 bits.
    """

    data: bytes
    per_channel: bool
    before: Mapping[str, float]
    after: Mapping[str, float]

    @property
    def lost(self) -> float:
        """The points of accuracy on validation that are lost; negative where it is better."""
        return 100 * (self.before["validation"] - self.after["validation"])

    @property
    def figures(self) -> dict[str, Any]:
        """What it costs, for programs."""
        return {"per_channel": self.per_channel, "float": dict(self.before), "int8": dict(self.after)}

    @property
    def said(self) -> str:
        """Both accuracies of each split, for people."""
        texts = [
            f"{100 * self.before[name]:.1f} % with 32 bits and {100 * self.after[name]:.1f} % with 8 ({name})"
            for name in self.before
        ]
        return ", ".join(texts)


def int8_model(model: Model, prepared: Prepared) -> Int8:
    """The model with a network of 8 bits, and what that costs.

    Raises DslnasError N0702 where `onnxruntime` is not installed.
    """
    needs("onnxruntime")
    validation, test = prepared.validation, prepared.test
    found = []
    for per_channel in (False, True):
        data = _quantized(model, prepared.train, per_channel)
        found.append((_accuracy(data, validation), per_channel, data))
    judged, per_channel, data = max(found, key=lambda one: one[0])  # of equal ones the simpler
    before = {"validation": _accuracy(model.data, validation), "test": _accuracy(model.data, test)}
    return Int8(data, per_channel, before, {"validation": judged, "test": _accuracy(data, test)})


def _quantized(model: Model, split: Split, per_channel: bool) -> bytes:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """The clips, batch by batch."""

        def __init__(self) -> None:
            self.batches = _batches(model.data, _even(split))

        def get_next(self) -> dict[str, Any] | None:
            """The next batch by the name of the input; None after the last."""
            return next(self.batches, None)

    whole = onnx.load_from_string(model.data)
    facts = {one.key: one.value for one in whole.metadata_props}
    with TemporaryDirectory(prefix="dslnas-int8-") as scratch, quiet():
        out = Path(scratch) / "int8.onnx"
        quantize_static(
            whole,
            out,
            Reader(),
            per_channel=per_channel,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,  # sums of products overflow on processors without VNNI
            nodes_to_quantize=list(model.network),
        )
        small = onnx.load(out)
    del small.metadata_props[:]
    onnx.helper.set_model_props(small, facts)
    data: bytes = small.SerializeToString()
    return data


def _even(split: Split) -> Tensor:
    """Clips from the whole of a split, which stands in order of its classes."""
    number = min(CALIBRATED, len(split))
    return split.raw[torch.linspace(0, len(split) - 1, number).round().long()]


def _batches(model: bytes, raw: Examples) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    import onnx

    (input,) = onnx.load_from_string(model).graph.input
    for start in range(0, len(raw), BATCH):
        yield {input.name: to_float(raw[start : start + BATCH]).numpy()}


def _accuracy(model: bytes, split: Split) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(model)
    parts = [torch.from_numpy(session.run(None, batch)[0]) for batch in _batches(model, split.raw)]
    return recognised(torch.cat(parts), split.labels)
