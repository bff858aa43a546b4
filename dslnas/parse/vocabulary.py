"""The predefined words of the language: units, literals, and names that the place of use gives a value."""

from __future__ import annotations

# Suffix -> (base unit, factor).
UNITS: dict[str, tuple[str, float]] = {
    "Hz": ("hertz", 1.0), "kHz": ("hertz", 1e3), "s": ("seconds", 1.0), "ms": ("seconds", 1e-3),
    "dB": ("decibels", 1.0), "%": ("fraction", 1e-2), "KB": ("bytes", 1024.0), "MB": ("bytes", 1024.0**2),
}  # fmt: skip
# Suffix -> factor of a plain number. A parameter of that name comes first: `2k` in `op mb(k)` is twice `k`.
MAGNITUDES: dict[str, int] = {"k": 10**3, "M": 10**6, "G": 10**9}
LITERALS = {"true": True, "false": False}
WORDS = frozenset(("time", "frequency", "real", "complex"))
PHASES = ("centre", "relative", "start")  # words as well, but operations and cells may be called so
PLACE = ("x", "stride", "C", "C_in")  # names with a value in an operation, given by its place of use
NETWORK = ("input", "classes", "stride", "C")
FUNCTIONS = ("concat", "sum", "size")  # operations on tensors that are built into the language
# Names that have a value in some places alone: where.
MISPLACED = {
    "input": "it is known in the network alone: `network { let a = input -> ... }`",
    "x": "it is the input of an operation: write `op name = x -> ...`, or in a space `let name = x -> ...`",
    "C": "it is known in operations, cells and the network, where the place of use gives it",
}
