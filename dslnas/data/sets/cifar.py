"""CIFAR-10 and CIFAR-100 (Krizhevsky, 2009) in their official layout for Python: a pickle a batch.

The files are read here and not by torchvision, which refuses batches with fewer rows than the official ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import DataOptions, DataSet
from ..plain_pickle import load_plain
from .image_clips import image_set

SHAPE = (3, 32, 32)
_TRAIN = {"cifar10": tuple(f"data_batch_{number}" for number in range(1, 6)), "cifar100": ("train",)}
_TEST = {"cifar10": "test_batch", "cifar100": "test"}
_LABELS = {"cifar10": "labels", "cifar100": "fine_labels"}


def read_cifar(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The images in `folder`. DslnasError N0604 where a batch is missing, N0605 where one cannot be read."""
    key = _LABELS[known.name]
    train = {folder / name: _labels(folder / name, key) for name in _TRAIN[known.name]}
    test = folder / _TEST[known.name]
    return image_set(known, options, train, {test: _labels(test, key)})


def pixels(file: Path) -> npt.NDArray[np.uint8]:
    """The images of a batch: (N, 3, 32, 32)."""
    data = _batch(file).get("data")
    if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != np.prod(SHAPE):
        raise fail("N0605", f"{file} holds no `data` of {np.prod(SHAPE)} numbers an image")
    return data.reshape(-1, *SHAPE)


def _labels(file: Path, key: str) -> list[int]:
    labels = _batch(file).get(key)
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise fail("N0605", f"{file} holds no list `{key}` of whole numbers")
    return labels


def _batch(file: Path) -> dict[str, Any]:
    """What a batch holds by its names, which Python 2 wrote as bytes."""
    if not file.is_file():
        raise fail("N0604", f"{file.parent} lacks {file.name}", help="unpack the archive anew")
    batch = load_plain(file)
    if not isinstance(batch, dict):
        raise fail("N0605", f"{file} is no batch of images: it holds no names")
    return {key.decode("latin1") if isinstance(key, bytes) else str(key): batch[key] for key in batch}
