"""dslnas: a small text language for neural-architecture-search spaces, and its compiler.

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
    from .ir.primitives.own import Axis, Channels, Count, Fraction, Kernel, primitive
    from .ir.primitives.registry import Cost
    from .ir.tensortype import TensorType
    from .runs.experiment import Experiment
    from .runs.run import Run, predict, start, train_genotype

_HOMES = {
    "Axis": "ir.primitives.own",
    "Channels": "ir.primitives.own",
    "Cost": "ir.primitives.registry",
    "Count": "ir.primitives.own",
    "DslnasError": "base.diagnostics",
    "Experiment": "runs.experiment",
    "Fraction": "ir.primitives.own",
    "Genotype": "api",
    "Kernel": "ir.primitives.own",
    "Run": "runs.run",
    "Space": "api",
    "TensorType": "ir.tensortype",
    "check_file": "check.check",
    "load": "api",
    "predict": "runs.predict",
    "primitive": "ir.primitives.own",
    "start": "runs.run",
    "train_genotype": "runs.run",
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


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("dslnas")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0+unknown"


def __getattr__(name: str) -> Any:
    """Each name is imported when it is first used, so that importing dslnas costs nothing."""
    if name == "__version__":
        return _version()
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
