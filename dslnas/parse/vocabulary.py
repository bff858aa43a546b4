"""The predefined words of the language: units, literals, and names that the place of use gives a value."""

from __future__ import annotations

# Suffix -> (base unit, factor).
UNITS: dict[str, tuple[str, float]] = {
    "Hz": ("hertz", 1.0), "kHz": ("hertz", 1e3), "s": ("seconds", 1.0), "ms": ("seconds", 1e-3),
    "dB": ("decibels", 1.0), "%": ("fraction", 1e-2),
}  # fmt: skip
LITERALS = {"true": True, "false": False}
WORDS = frozenset(("time", "frequency", "real", "complex"))
PLACE = ("x", "stride", "C", "C_in")  # names with a value in an operation, given by its place of use
NETWORK = ("input", "classes", "stride", "C")
FUNCTIONS = ("concat", "sum", "size")  # operations on tensors that are built into the language
