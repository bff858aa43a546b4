"""Safe unpickling of untrusted files: numbers, texts, lists, dictionaries and byte arrays, and no code."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ..base.diagnostics import fail

# What a broken pickle may raise, beside its own error.
_BROKEN = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError,
    ValueError, OverflowError, MemoryError, RecursionError,
)  # fmt: skip


def load_plain(file: Path) -> Any:
    """The plain data in a pickle. DslnasError N0605 where it cannot be read or asks for more than plain data.

    A pickle is a program. This one may name only what NumPy writes for an array and Python 3 for a bytes
    object of Python 2, and what it gets for these names are stand-ins: no code of others is ever called.
    """
    try:
        with file.open("rb") as opened:
            return _finished(_PlainUnpickler(opened, encoding="bytes").load())
    except OSError as error:
        raise fail("N0605", f"{file} cannot be read: {error.strerror or error}") from None
    except _BROKEN as error:
        raise fail("N0605", f"{file} is no pickle of plain data: {error}") from None


class _PlainUnpickler(pickle.Unpickler):
    """An unpickler that resolves nothing but the stand-ins, made anew for each file."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _stand_ins()[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"it names `{module}.{name}`, which images do not need") from None


def _stand_ins() -> dict[str, Callable[..., Any]]:
    class Array(_Array):
        pass

    def reconstruct(*arguments: object) -> _Array:
        return Array()

    def dtype(name: bytes | str, *arguments: object) -> _Type:
        return _Type(name)

    def encode(text: str, encoding: str) -> bytes:
        return text.encode("latin1")

    return {
        "numpy.core.multiarray._reconstruct": reconstruct,
        "numpy._core.multiarray._reconstruct": reconstruct,
        "numpy.ndarray": Array,
        "numpy.dtype": dtype,
        "_codecs.encode": encode,
    }


class _Type:
    """The type of an array's numbers, by the name that NumPy gives it."""

    def __init__(self, name: bytes | str) -> None:
        self.name = name

    def __setstate__(self, state: object) -> None:
        """Byte order and alignment: nothing that matters to bytes."""


class _Array:
    """An array as NumPy's pickles describe it: version, shape, type, order, memory."""

    def __setstate__(self, state: tuple[int, tuple[int, ...], _Type, bool, bytes]) -> None:
        _, self.shape, self.type, self.by_column, self.memory = state

    def numbers(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        if self.type.name not in (b"u1", "u1") or len(self.memory) != prod(self.shape):
            raise ValueError("an array of other numbers than bytes")
        flat = np.frombuffer(bytearray(self.memory), np.uint8)
        return flat.reshape(self.shape, order="F" if self.by_column else "C")


def _finished(value: Any) -> Any:
    """The value with its arrays made; only those at the top and in a dictionary there are."""
    if isinstance(value, dict):
        return {key: _finished(one) if isinstance(one, _Array) else one for key, one in value.items()}
    return value.numbers() if isinstance(value, _Array) else value
