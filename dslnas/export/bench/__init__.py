"""Measures a trained network in each of its forms on this machine: `dslnas bench`."""

from .measure import BATCHES, Bench, bench, stages
from .targets import Form, Unavailable

__all__ = ["BATCHES", "Bench", "Form", "Unavailable", "bench", "stages"]
