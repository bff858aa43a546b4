"""CIFAR-10 and CIFAR-100 in their official layouts, made here."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making_images import (
    front_end,
    make_cifar10,
    some_images,
    write_batch,
)

from dslnas.base.diagnostics import DslnasError
from dslnas.data import KNOWN, DataOptions, open_data, prepare
from dslnas.data.sets.cifar import pixels, read_cifar


def test_what_is_written_is_read(tmp_path: Path) -> None:
    data = open_data("cifar10", make_cifar10(tmp_path))
    assert [data.count(split) for split in ("train", "validation", "test")] == [180, 20, 40]
    prepared = prepare(data, front_end("cifar10"), tmp_path)
    for split in (prepared.train, prepared.validation, prepared.test):
        for path, raw, label in zip(split.paths, split.raw, split.labels, strict=True):
            file, _, row = path.rpartition("#")
            number = 5 if file.endswith("test_batch") else int(file[-1]) - 1
            assert np.array_equal(raw.numpy(), some_images(40, seed=number)[int(row)])
            assert int(label) == (int(row) * 3 + number) % 10


def test_the_hundred_classes_are_the_fine_ones(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-100-python"
    for name, count in (("train", 300), ("test", 100)):
        write_batch(folder / name, some_images(count), [row % 100 for row in range(count)], "fine_labels")
    data = open_data("cifar100", tmp_path)
    assert len(data.classes) == len(set(data.classes)) == 100
    assert [data.count(split) for split in ("train", "validation", "test")] == [200, 100, 100]


def test_a_missing_batch_is_told(tmp_path: Path) -> None:
    make_cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(DslnasError, match="lacks data_batch_3"):
        open_data("cifar10", tmp_path)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([1, 2], "holds no names"),
        ({"labels": [0]}, "holds no `data`"),
        ({"data": np.zeros((1, 5), np.uint8), "labels": [0]}, "holds no `data` of 3072"),
        ({"data": np.zeros((1, 3072), np.float32), "labels": [0]}, "no pickle of plain data"),
        ({"data": np.zeros((1, 3072), np.uint8), "labels": ["cat"]}, "no list `labels`"),
        ({"data": np.zeros((1, 3072), np.uint8), "labels": [10]}, "label 10"),
    ],
)
def test_a_batch_of_another_form_is_told(batch: Any, message: str, tmp_path: Path) -> None:
    folder = make_cifar10(tmp_path) / "cifar-10-batches-py"
    (folder / "test_batch").write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(DslnasError, match=message):
        read_cifar(KNOWN["cifar10"], folder, DataOptions())
        pixels(folder / "test_batch")
