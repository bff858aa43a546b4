"""Exports networks: as PyTorch files, programs of PyTorch or ExecuTorch, ONNX models or C code."""

from .int8 import Int8
from .onnx import OPSET
from .writing import (
    Export,
    Exported,
    check_trained,
    export_c,
    export_executorch,
    export_int8,
    export_onnx,
    export_python,
    export_torch,
)

__all__ = [
    "OPSET",
    "Export",
    "Exported",
    "Int8",
    "check_trained",
    "export_c",
    "export_executorch",
    "export_int8",
    "export_onnx",
    "export_python",
    "export_torch",
]
