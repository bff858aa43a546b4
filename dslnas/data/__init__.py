"""Data sets of recordings and images, the front ends that read them, and features ready for training."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..base.cache import cache_folder
from .catalog import KNOWN, Known, Spec, parse_spec
from .classes import class_names, profile_name
from .dataset import SPLITS, Clip, DataOptions, DataSet, OnProgress
from .locations import locate

if TYPE_CHECKING:
    from .features import Prepared, Split, load_recordings, prepare
    from .frontend.frontend import FrontEndModule
    from .opening import open_data

_LAZY = {
    "FrontEndModule": "frontend.frontend",
    "Prepared": "features",
    "Split": "features",
    "load_recordings": "features",
    "open_data": "opening",
    "prepare": "features",
}

__all__ = [
    "KNOWN",
    "SPLITS",
    "Clip",
    "DataOptions",
    "DataSet",
    "FrontEndModule",
    "Known",
    "OnProgress",
    "Prepared",
    "Spec",
    "Split",
    "cache_folder",
    "class_names",
    "load_recordings",
    "locate",
    "open_data",
    "parse_spec",
    "prepare",
    "profile_name",
]


def __getattr__(name: str) -> Any:
    """Imports what needs torch when it is first used."""
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
