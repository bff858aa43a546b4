"""Small files of images in the official layouts, made for these tests."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dslnas.ir.frontend import FrontEnd
from dslnas.runs.load import load
from dslnas.runs.request import Request

Images = npt.NDArray[np.uint8]


def some_images(count: int, channels: int = 3, size: int = 32, seed: int = 0) -> Images:
    shape = (count, channels, size, size)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write_batch(path: Path, images: Images, labels: Sequence[int], key: str = "labels") -> Path:
    """A CIFAR batch as Python 2 left it, but for the bytes that its names are there."""
    batch = {b"data": images.reshape(len(images), -1), key.encode(): list(labels)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(batch, protocol=2))
    return path


def make_cifar10(root: Path, images: int = 40) -> Path:
    """So many images in every batch, their classes in turn."""
    for number, name in enumerate((*(f"data_batch_{n}" for n in range(1, 6)), "test_batch")):
        labels = [(row * 3 + number) % 10 for row in range(images)]
        write_batch(root / "cifar-10-batches-py" / name, some_images(images, seed=number), labels)
    return root


def write_idx(path: Path, array: npt.NDArray[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def make_mnist(root: Path, images: int = 60) -> Path:
    for part, count in (("train", images), ("t10k", images // 3)):
        raw = root / "MNIST" / "raw"
        write_idx(raw / f"{part}-images-idx3-ubyte.gz", some_images(count, 1, 28)[:, 0])
        write_idx(raw / f"{part}-labels-idx1-ubyte", (np.arange(count) % 10).astype(np.uint8))
    return root


def front_end(data: str) -> FrontEnd:
    return load("ss1", Request(data=data)).frontend
