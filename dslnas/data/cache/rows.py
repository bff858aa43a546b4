"""Examples that stay on disk: rows of one shape in a file, of which those are read that are asked for.

The file is one of safetensors whose head is padded to a fixed length, so that rows can be added while their
number is unknown. Each row has a checksum, which is compared when it is first read.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...base.diagnostics import fail
from ...base.files import replacing

HEAD = 4096  # bytes before the rows
_TYPES = {torch.uint8: "U8", torch.int16: "I16", torch.float32: "F32"}


@dataclass(frozen=True)
class StoredRows:
    """Rows of a file as a tensor (N, *row) that is not in memory: `rows[3:7]`, `rows[places]` are read.

    places: which rows of the file it has, in order; None: all of them. checks: of each row of the file.
    """

    path: Path
    row: tuple[int, ...]
    dtype: torch.dtype
    checks: tuple[int, ...]
    places: Tensor | None = None
    _sound: bytearray = field(default_factory=bytearray, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self._sound:
            self._sound.extend(bytes(len(self.checks)))

    def __len__(self) -> int:
        return len(self.checks) if self.places is None else len(self.places)

    @property
    def shape(self) -> torch.Size:
        """The shape of the tensor that it stands for."""
        return torch.Size((len(self), *self.row))

    def part(self, places: Tensor | slice) -> StoredRows:
        """Some of the rows, not read yet."""
        own = torch.arange(len(self)) if self.places is None else self.places
        return StoredRows(self.path, self.row, self.dtype, self.checks, own[places], self._sound)

    def __getitem__(self, places: Tensor | slice) -> Tensor:
        """Some of the rows, read into memory: (n, *row).

        Raises DslnasError N0701 where the file is gone or damaged, which is then removed.
        """
        wanted = self.part(places).places
        assert wanted is not None
        found = torch.empty((len(wanted), *self.row), dtype=self.dtype)
        buffer = _bytes(found)
        size = prod(self.row) * self.dtype.itemsize
        try:
            with self.path.open("rb", buffering=0) as file:
                for place, row in enumerate(wanted.tolist()):
                    self._read(file, row, buffer[place * size : (place + 1) * size])
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from None
        return found

    def _read(self, file: FileIO, row: int, into: memoryview) -> None:
        file.seek(HEAD + row * len(into))
        filled = 0
        while filled < len(into):
            count = file.readinto(into[filled:])
            if not count:
                raise self._lost("it is too short")
            filled += count
        if not self._sound[row]:
            if zlib.crc32(into) != self.checks[row]:
                raise self._lost("it is damaged")
            self._sound[row] = 1

    def _lost(self, reason: str) -> Exception:
        self.path.unlink(missing_ok=True)
        message = f"{self.path}, which holds examples of the data set, cannot be read: {reason}"
        return fail("N0701", message, help="the next start makes it anew: `dslnas run --resume RUN`")


def _bytes(tensor: Tensor) -> memoryview:
    """The memory of a contiguous tensor."""
    return memoryview(tensor.view(torch.uint8).flatten().numpy().data) if tensor.numel() else memoryview(b"")


Examples = Tensor | StoredRows


def some(examples: Examples, places: Tensor | slice) -> Examples:
    """Some of the examples; of those on disk none is read."""
    return examples.part(places) if isinstance(examples, StoredRows) else examples[places]


def joined(one: Examples, other: Examples) -> Examples:
    """The examples of both, one after the other; parts of one file stay on disk."""
    if isinstance(one, StoredRows) and isinstance(other, StoredRows) and one.path == other.path:
        assert one.places is not None and other.places is not None, "each is a part"
        return StoredRows(
            one.path, one.row, one.dtype, one.checks, torch.cat([one.places, other.places]), one._sound
        )
    return torch.cat([one[:], other[:]])


def write_rows(
    path: Path,
    name: str,
    row: Sequence[int],
    dtype: torch.dtype,
    make: Callable[[Callable[[Tensor], None]], Mapping[str, Any]],
    data: str,
) -> None:
    """Write what `make` adds in blocks (n, *row), and the JSON facts that it returns, as a file of rows.

    data: the data set, for `dslnas cache`. Raises OSError where the file cannot be written.
    """
    checks: list[int] = []
    size = prod(row) * dtype.itemsize
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(b" " * HEAD)

        def add(block: Tensor) -> None:
            if not len(block):
                return
            whole = _bytes(block.contiguous())
            for start in range(0, len(whole), size):
                checks.append(zlib.crc32(whole[start : start + size]))
            file.write(whole)

        facts = make(add)
        rest = json.dumps({"facts": facts, "checks": checks}).encode()
        file.write(rest)
        end = len(checks) * size
        head = {
            "__metadata__": {"facts": json.dumps({"data": data}), "rest": str(zlib.crc32(rest))},
            name: {"dtype": _TYPES[dtype], "shape": [len(checks), *row], "data_offsets": [0, end]},
            "rest": {"dtype": "U8", "shape": [len(rest)], "data_offsets": [end, end + len(rest)]},
        }
        text = json.dumps(head).encode()
        assert len(text) <= HEAD - 8, "names are short"
        file.seek(0)
        file.write((HEAD - 8).to_bytes(8, "little") + text.ljust(HEAD - 8))


def open_rows(
    path: Path, name: str, row: Sequence[int], dtype: torch.dtype
) -> tuple[StoredRows, dict[str, Any]] | None:
    """The rows of a file and its facts; None where it is missing, damaged, or holds others."""
    try:
        with path.open("rb") as file:
            if int.from_bytes(file.read(8), "little") != HEAD - 8:
                return None
            head = json.loads(file.read(HEAD - 8))
            told, (start, end) = head[name], head["rest"]["data_offsets"]
            file.seek(HEAD + start)
            rest = file.read(end - start)
        if str(zlib.crc32(rest)) != head["__metadata__"]["rest"]:
            return None
        found = json.loads(rest)
        checks, facts = tuple(found["checks"]), found["facts"]
        if (
            told["dtype"] != _TYPES[dtype]
            or told["shape"] != [len(checks), *row]
            or not isinstance(facts, dict)
        ):
            return None
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return StoredRows(path, tuple(row), dtype, checks), facts
