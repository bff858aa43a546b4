"""Latency of networks on this machine: a table of measured steps that predicts whole networks."""

from .latency import Latency, latency_of
from .table import LatencyTable

__all__ = ["Latency", "LatencyTable", "latency_of"]
