"""The words that the language keeps for itself: units, literals, and names with a meaning at a place."""

from __future__ import annotations

# Suffix -> (base unit, factor).
UNITS: dict[str, tuple[str, float]] = {
    "Hz": ("hertz", 1.0), "kHz": ("hertz", 1e3), "s": ("seconds", 1.0), "ms": ("seconds", 1e-3),
    "dB": ("decibels", 1.0), "%": ("fraction", 1e-2),
}  # fmt: skip
LITERALS = {"true": True, "false": False}
WORDS = frozenset(("time", "frequency", "real", "complex"))
PLACE = ("x", "stride", "C", "C_in")  # what the place of use gives an operation
NETWORK = ("input", "classes", "stride", "C")
FUNCTIONS = ("concat", "sum", "size")  # what the language itself does with tensors
