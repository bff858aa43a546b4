"""Exports networks: as a PyTorch file that needs torch alone, or as an ONNX model."""

from .writing import Export, Exported, export_onnx, export_python

__all__ = ["Export", "Exported", "export_onnx", "export_python"]
