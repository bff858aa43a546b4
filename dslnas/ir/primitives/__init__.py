"""The built-in operations (primitives): signatures, type rules, costs; importing fills the registry."""

from . import casts, frontend, joins, network, recurrent
from .registry import REGISTRY

__all__ = ["REGISTRY", "casts", "frontend", "joins", "network", "recurrent"]
