"""The built-in operations (primitives): signatures, type rules, costs; importing fills the registry."""

from . import activations, attention, casts, dropping, frontend, joins, network, norms, recurrent, reductions
from .registry import REGISTRY

__all__ = [
    "REGISTRY",
    "activations",
    "attention",
    "casts",
    "dropping",
    "frontend",
    "joins",
    "network",
    "norms",
    "recurrent",
    "reductions",
]
