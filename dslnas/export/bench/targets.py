"""The forms of a network that are measured beside each other: PyTorch, ONNX with 32 and 8 bits, C.

Each takes waves (or images) and hands out probabilities, so that all do the same work.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...base.diagnostics import DslnasError
from ...data.features import Prepared
from ..deploy.code import PACKAGE
from ..waves import WaveClassifier
from ..writing import Export, export_c, export_int8, export_onnx

Call = Callable[[Tensor], object]  # of a batch of waves or images
SECONDS = 600  # that a compiler may take


@dataclass(frozen=True)
class Form:
    """One form of a network, ready to run on so many threads.

    size: the bytes of its files, None where it has none. threads: which numbers of threads it can run on;
    empty for any.
    """

    name: str
    size: int | None
    make: Callable[[int], Call]
    threads: tuple[int, ...] = ()


@dataclass(frozen=True)
class Unavailable:
    """A form that cannot be measured here, and why."""

    name: str
    reason: str


Made = Form | Unavailable


def eager(export: Export, folder: Path) -> Made:
    """The network as dslnas runs it."""
    whole = WaveClassifier(export.experiment.frontend, export.network.eval()).eval()

    def make(threads: int) -> Call:
        def call(x: Tensor) -> object:
            with torch.no_grad():
                return whole(x)

        return call

    return Form("PyTorch", None, make)


def onnx(export: Export, folder: Path) -> Made:
    """The ONNX model of 32 bits."""
    name = "ONNX"
    if find_spec("onnxruntime") is None:
        return Unavailable(name, 'onnxruntime is not installed: `pip install "dslnas[onnx]"`')
    try:
        (path,) = export_onnx(export, folder / "network.onnx").files
    except DslnasError as error:
        return Unavailable(name, _reason(error))
    return _session(name, path)


def int8(export: Export, folder: Path, prepared: Callable[[], Prepared]) -> Made:
    """The ONNX model of 8 bits, whatever it loses. prepared: reads the data that tells its ranges."""
    name = "ONNX, 8 bits"
    if find_spec("onnxruntime") is None:
        return Unavailable(name, 'onnxruntime is not installed: `pip install "dslnas[onnx]"`')
    try:
        exported, _ = export_int8(export, prepared(), folder / "network.int8.onnx", 100.0)
    except DslnasError as error:
        return Unavailable(name, _reason(error))
    return _session(name, exported.files[0])


def c(export: Export, folder: Path) -> Made:
    """The C code, compiled with `gcc -O2` and called clip by clip, on one thread."""
    name = "C"
    gcc = shutil.which("gcc")
    if find_spec(PACKAGE) is None:
        return Unavailable(name, 'emx-onnx-cgen is not installed: `pip install "dslnas[c]"`')
    if gcc is None:
        return Unavailable(name, "gcc is not installed")
    try:
        exported, _ = export_c(export, folder / "network.c")
    except DslnasError as error:
        return Unavailable(name, _reason(error))
    library = folder / "network.so"
    command = [gcc, "-std=c99", "-O2", "-shared", "-fPIC", str(exported.files[0]), "-lm", "-o", str(library)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        return Unavailable(name, f"gcc does not compile it: {error}")
    function = ctypes.CDLL(str(library)).network
    pointer = ctypes.POINTER(ctypes.c_float)
    found = np.zeros(len(export.experiment.classes), dtype=np.float32)

    def call(x: Tensor) -> object:
        rows = x.contiguous().numpy()
        for row in rows:
            function(row.ctypes.data_as(pointer), found.ctypes.data_as(pointer))
        return found

    return Form(name, library.stat().st_size, lambda threads: call, (1,))


def _session(name: str, path: Path) -> Form:
    import onnxruntime

    def make(threads: int) -> Call:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(path), options)
        (input,) = session.get_inputs()
        return lambda x: session.run(None, {input.name: x.numpy()})

    return Form(name, path.stat().st_size, make)


def _reason(error: DslnasError) -> str:
    return error.diagnostics[0].message
