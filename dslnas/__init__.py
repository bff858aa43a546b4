"""dslnas: a small text language for neural-architecture-search spaces, and its compiler.

From Python:

    import dslnas
    experiment = dslnas.load("ss1", data="fsdd", data_root=Path("recordings"))
    run = dslnas.start(experiment, Path("runs/first"))
    metrics = run.execute()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from .diagnostics import DslnasError
    from .experiment import Experiment, load
    from .genotype import Genotype
    from .runs import Run, predict, start, train_genotype
    from .typecheck import check_file

_HOMES = {
    "DslnasError": "diagnostics",
    "Experiment": "experiment",
    "Genotype": "genotype",
    "Run": "runs",
    "check_file": "typecheck",
    "load": "experiment",
    "predict": "runs",
    "start": "runs",
    "train_genotype": "runs",
}

__all__ = [
    "DslnasError",
    "Experiment",
    "Genotype",
    "Run",
    "__version__",
    "check_file",
    "load",
    "predict",
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
