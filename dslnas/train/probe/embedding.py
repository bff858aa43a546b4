"""The embedding of recordings by a model that the user has: an ONNX file, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ...base.diagnostics import DslnasError
from ...data.cache.rows import Examples
from ...data.features import Split
from ...ir.frontend import FrontEnd

Heard = Literal["wave", "features"]
Refused = Callable[[str, str], DslnasError]  # from a message and a help
_BATCH = 64


@dataclass(frozen=True)
class Embedding:
    """A model from waves or features to vectors.

    input: its name; heard: what it takes; rank: of the input; single: it takes one example at a time.
    """

    session: Any
    input: str
    heard: Heard
    rank: int
    single: bool
    refused: Refused

    def of(self, split: Split) -> Tensor:
        """The vectors of a split, (N, D) float64; of outputs (N, frames, D) the means, then the deviations.

        Raises what `refused` makes where the model fails, or hands out something else.
        """
        examples: Examples = split.raw if self.heard == "wave" else split.features
        step = 1 if self.single else _BATCH
        return torch.cat([self._run(examples[at : at + step]) for at in range(0, len(split), step)])

    def _run(self, examples: Tensor) -> Tensor:
        x = examples.float() / 32768 if self.heard == "wave" else examples.float()
        if self.heard == "wave" and self.rank == 3:
            x = x[:, None]
        if self.rank == 1:
            x = x[0]
        try:
            found = np.asarray(self.session.run(None, {self.input: x.numpy()})[0])
        except Exception as error:  # of any kind: the model is the user's
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self.refused(f"the model fails on a recording: {first}", "") from None
        return self._vectors(torch.from_numpy(found).double(), len(examples))

    def _vectors(self, found: Tensor, count: int) -> Tensor:
        if self.rank == 1:  # of one wave: frames, or a single vector
            found = found[None] if found.dim() < 3 else found
        if found.dim() == 3 and len(found) == count:
            found = torch.cat([found.mean(1), found.std(1, correction=0)], dim=1)
        if found.dim() != 2 or len(found) != count:
            shape = " x ".join(map(str, found.shape))
            help = "its first output is (N, D), or (N, frames, D)"
            raise self.refused(f"of {count} recordings the model makes {shape}, and no vector of each", help)
        if not bool(found.isfinite().all()):
            raise self.refused("the model hands out values that are not finite", "")
        return found


def load_embedding(path: Path, frontend: FrontEnd, threads: int, refused: Refused) -> Embedding:
    """The model in an ONNX file, for what a front end hears.

    Raises what `refused` makes where onnxruntime is not installed, the file is no model, or it takes neither
    the waves (samples), (N, samples), (N, 1, samples) nor the features (N, C, F, T).
    """
    if find_spec("onnxruntime") is None:
        raise refused("onnxruntime is not installed", 'pip install "dslnas[onnx]"')
    import onnxruntime

    if not path.is_file():
        raise refused(f"there is no file {path}", "")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has many kinds
        raise refused(
            f"{path} is no model that onnxruntime reads: {str(error).splitlines()[0]}", ""
        ) from None
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)":
        kinds = ", ".join(f"{one.name}: {one.type}" for one in inputs)
        raise refused(f"the model takes {kinds}", "a probe gives it one tensor of float32")
    return _fitted(session, inputs[0].name, list(inputs[0].shape), frontend, refused)


def _fitted(session: Any, name: str, shape: list[Any], frontend: FrontEnd, refused: Refused) -> Embedding:
    wave, stored = (frontend.samples,), tuple(frontend.output.stored)
    known: dict[int, tuple[Heard, tuple[int, ...]]] = {
        1: ("wave", wave),
        2: ("wave", wave),
        3: ("wave", (1, *wave)),
        4: ("features", stored),
    }
    shown = " x ".join(map(str, shape)) or "a number"
    if len(shape) not in known:
        help = "waves are (N, samples) or (N, 1, samples), features (N, C, F, T)"
        raise refused(f"the model takes {shown}: neither waves nor features", help)
    heard, ours = known[len(shape)]
    theirs = shape if len(shape) == 1 else shape[1:]
    if any(isinstance(size, int) and size != own for size, own in zip(theirs, ours, strict=True)):
        sizes = " x ".join(map(str, ours))
        help = "samples follow from `clip` and `rate` of the front end, features from its steps"
        raise refused(f"the model takes {shown}, and the {heard} of a recording here is {sizes}", help)
    single = len(shape) == 1 or shape[0] == 1
    if len(shape) > 1 and isinstance(shape[0], int) and shape[0] > 1:
        raise refused(f"the model takes {shape[0]} recordings at a time", "export it for any number N")
    return Embedding(session, name, heard, len(shape), single, refused)
