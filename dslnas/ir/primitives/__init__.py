"""The built-in operations (primitives): signatures, type rules, costs; importing fills the registry."""

from . import activations, casts, frontend, joins, network, recurrent
from .registry import REGISTRY

__all__ = ["REGISTRY", "activations", "casts", "frontend", "joins", "network", "recurrent"]
