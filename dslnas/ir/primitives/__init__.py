"""The primitives: importing this package fills the registry, without importing torch."""

from . import casts, frontend, joins, network, recurrent
from .registry import REGISTRY

__all__ = ["REGISTRY", "casts", "frontend", "joins", "network", "recurrent"]
