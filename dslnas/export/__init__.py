"""Exports networks: as a PyTorch file that needs torch alone, as a program of PyTorch or as an ONNX model."""

from .int8 import Int8
from .onnx import OPSET
from .writing import Export, Exported, export_int8, export_onnx, export_python, export_torch

__all__ = [
    "OPSET",
    "Export",
    "Exported",
    "Int8",
    "export_int8",
    "export_onnx",
    "export_python",
    "export_torch",
]
