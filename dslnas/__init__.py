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
    from .diagnostics import DslnasError
    from .experiment import Experiment
    from .primitives.own import Axis, Channels, Count, Fraction, Kernel, primitive
    from .primitives.registry import Cost
    from .runs import Run, predict, start, train_genotype
    from .tensortype import TensorType
    from .typecheck import check_file

_HOMES = {
    "Axis": "primitives.own",
    "Channels": "primitives.own",
    "Cost": "primitives.registry",
    "Count": "primitives.own",
    "DslnasError": "diagnostics",
    "Experiment": "experiment",
    "Fraction": "primitives.own",
    "Genotype": "api",
    "Kernel": "primitives.own",
    "Run": "runs",
    "Space": "api",
    "TensorType": "tensortype",
    "check_file": "typecheck",
    "load": "api",
    "predict": "runs",
    "primitive": "primitives.own",
    "start": "runs",
    "train_genotype": "runs",
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
