"""The primitives: importing this package fills the registry, without importing torch."""

from . import frontend, network, recurrent
from .registry import REGISTRY

__all__ = ["REGISTRY", "frontend", "network", "recurrent"]
