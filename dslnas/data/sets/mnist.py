"""MNIST (LeCun et al., 1998) and Fashion-MNIST (Xiao et al., 2017): IDX files `raw/*-ubyte`, or `.gz`."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import DataOptions, DataSet
from .image_clips import image_set

NAMES = tuple(f"{part}-images-idx3-ubyte{end}" for part in ("train", "t10k") for end in ("", ".gz"))
_BYTES = 0x08  # the code of unsigned bytes in the header
_MOST = 2**30  # bytes of one file, unpacked


def read_mnist(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The images in `folder`. DslnasError N0604 where a file is missing, N0605 where one cannot be read."""
    train, test = (_labels(folder / "raw", part) for part in ("train", "t10k"))
    return image_set(known, options, train, test)


def pixels(file: Path) -> npt.NDArray[np.uint8]:
    """The images of a file: (N, 1, height, width)."""
    return read_idx(file, 3)[:, None]


def _labels(folder: Path, part: str) -> dict[Path, list[int]]:
    """The labels of the training or of the test images, by the file of the images."""
    labels = read_idx(_there(folder, f"{part}-labels-idx1-ubyte"), 1)
    return {_there(folder, f"{part}-images-idx3-ubyte"): labels.tolist()}


def _there(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise fail("N0604", f"{folder} lacks {name}.gz", help="put all four files of the data set there")


def read_idx(file: Path, axes: int) -> npt.NDArray[np.uint8]:
    """The array of bytes in an IDX file: two zeros, a type, the number of axes, the sizes, the numbers.

    DslnasError N0605 where the file is damaged, or has another type or other axes.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            head = opened.read(4 + 4 * axes)
            shape = np.frombuffer(head[4:], ">u4").tolist()
            if head[:4] != bytes((0, 0, _BYTES, axes)) or len(shape) != axes or prod(shape) > _MOST:
                raise ValueError(f"its header is not that of bytes along {axes} axes")
            numbers = opened.read(prod(shape) + 1)
        if len(numbers) != prod(shape):
            raise ValueError("its length is not what its header says")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise fail("N0605", f"{file} cannot be read: {error}") from None
    return np.frombuffer(bytearray(numbers), np.uint8).reshape(shape)
