"""A text language for neural-architecture-search spaces, and its compiler to PyTorch supernets.

From Python:

    import dslnas

    space = dslnas.load("ss1", data="fsdd", settings={"nodes": 3})
    space.check()
    net = space.supernet()
    g = net.genotype()
    g.network()
    space.start("runs/first").execute()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from .api import Genotype, Space, load
    from .base.diagnostics import DslnasError
    from .check.check import check_file
    from .ir.primitives.registry import Cost
    from .ir.tensortype import TensorType
    from .lower.own_primitives import Axis, Channels, Count, Fraction, Kernel, primitive
    from .runs.begin import start, train_genotype
    from .runs.experiment import Experiment
    from .runs.predict import predict
    from .runs.run import Run

_HOMES = {
    "Axis": "lower.own_primitives",
    "Channels": "lower.own_primitives",
    "Cost": "ir.primitives.registry",
    "Count": "lower.own_primitives",
    "DslnasError": "base.diagnostics",
    "Experiment": "runs.experiment",
    "Fraction": "lower.own_primitives",
    "Genotype": "api",
    "Kernel": "lower.own_primitives",
    "Run": "runs.run",
    "Space": "api",
    "TensorType": "ir.tensortype",
    "check_file": "check.check",
    "load": "api",
    "predict": "runs.predict",
    "primitive": "lower.own_primitives",
    "start": "runs.begin",
    "train_genotype": "runs.begin",
}

__all__ = [
    "Axis",
    "Channels",
    "Cost",
    "Count",
    "DslnasError",
    "Experiment",
    "Fraction",
    "Genotype",
    "Kernel",
    "Run",
    "Space",
    "TensorType",
    "__version__",
    "check_file",
    "load",
    "predict",
    "primitive",
    "start",
    "train_genotype",
]


def __getattr__(name: str) -> Any:
    """Import each public name when it is first used, so that `import dslnas` itself is quick."""
    if name == "__version__":
        return import_module(".base.version", __name__).dslnas_version()
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
