"""Data sets of images: official layouts and splits, and files that are damaged or mean harm."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from making_images import (
    make_cifar10,
    make_mnist,
    some_images,
    write_batch,
    write_idx,
)

from dslnas.base.diagnostics import DslnasError
from dslnas.data import KNOWN, DataOptions, load_recordings, open_data, prepare
from dslnas.data.plain_pickle import load_plain
from dslnas.data.sets.cifar import pixels, read_cifar
from dslnas.data.sets.mnist import read_idx
from dslnas.ir.frontend import FrontEnd
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.fixture(scope="session")
def images_root(data_root: Path) -> Path:
    root = next((r for r in (data_root, data_root / "images") if (r / "cifar-10-batches-py").is_dir()), None)
    if root is None:
        pytest.skip(f"no images at {data_root}")
    return root


def front_end(data: str) -> FrontEnd:
    return load("ss1", Request(data=data)).frontend


# --- what lies there ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cifar10", "mnist", "fashionmnist"])
def test_real_images_are_split_officially(name: str, images_root: Path) -> None:
    data = open_data(name, images_root)
    of_test = {Path(clip.path.partition("#")[0]).name for clip in data.clips if clip.split == "test"}
    assert of_test in ({"test_batch"}, {"t10k-images-idx3-ubyte.gz"})
    for label in range(10):
        counts = Counter(clip.split for clip in data.clips if clip.label == label)
        trained = counts["train"] + counts["validation"]
        assert counts["validation"] == max(1, trained // 10) and counts["test"]


def test_real_images_look_like_their_statistics(images_root: Path, tmp_path: Path) -> None:
    """After `normalize` the channels of CIFAR-10 have about mean 0 and deviation 1."""
    data = open_data("cifar10", images_root, DataOptions(clips=900))
    prepared = prepare(data, front_end("cifar10"), tmp_path)
    assert prepared.train.raw.dtype == torch.uint8
    features = prepared.train.features
    assert features.shape[1:] == (3, 32, 32)
    assert features.mean(dim=(0, 2, 3)).abs().max() < 0.1
    assert (features.std(dim=(0, 2, 3)) - 1).abs().max() < 0.1


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


def test_handwriting_has_one_channel(tmp_path: Path) -> None:
    prepared = prepare(open_data("mnist", make_mnist(tmp_path)), front_end("mnist"), tmp_path)
    assert prepared.train.features.shape == (50, 1, 28, 28)
    assert len(prepared.test) == 20


# --- what does not fit -------------------------------------------------------------------------------------


def test_the_front_end_begins_with_what_the_data_holds() -> None:
    for data, frontend in (("cifar10", "logmel"), ("fsdd", "photo")):
        with pytest.raises(DslnasError, match="begins with") as error:
            load("ss1", Request(data=data, overrides=[f"frontend={frontend}"]))
        assert error.value.diagnostics[0].code == "N0606"


def test_images_of_another_size_are_told(tmp_path: Path) -> None:
    data = open_data("mnist", make_mnist(tmp_path))
    with pytest.raises(
        DslnasError, match="holds images of 1 x 28 x 28, and the front end begins with 3 x 32"
    ):
        prepare(data, front_end("cifar10"), tmp_path)


def test_a_recording_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="sees images"):
        load_recordings([tmp_path / "a.wav"], front_end("cifar10"))


def test_images_have_no_speakers(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="no speakers"):
        open_data("cifar10", make_cifar10(tmp_path), DataOptions(split="speaker"))


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


class Harmful:
    """What runs a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("function", [Path.touch, eval, getattr, np.load, np.dtypes.Int8DType])
def test_a_pickle_that_runs_something_is_refused(function: Any, protocol: int, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "batch"
    argument = mark if function is Path.touch else f"__import__('pathlib').Path({str(mark)!r}).touch()"
    file.write_bytes(pickle.dumps({b"data": Harmful(function, argument)}, protocol=protocol))
    with pytest.raises(DslnasError, match="which images do not need"):
        load_plain(file)
    assert not mark.exists()


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_images_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: bool
) -> None:
    folder = tmp_path_factory.getbasetemp()
    batch = pickle.dumps({b"data": some_images(1).reshape(1, -1), b"labels": [3]}, protocol=2)
    (folder / "any").write_bytes(batch[: len(data)] + data + batch[2 * len(data) :] if cut else data)
    (folder / "any-idx").write_bytes(bytes((0, 0, 8, 1)) + data if cut else data)
    for read in (lambda: pixels(folder / "any"), lambda: read_idx(folder / "any-idx", 1)):
        try:
            assert read().dtype == np.uint8
        except DslnasError as error:
            assert error.diagnostics[0].code == "N0605"


@given(st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans(), st.integers(-3, 3))
def test_an_array_of_bytes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, shape: list[int], zipped: bool, change: int
) -> None:
    """Whatever its shape, packed or not; with bytes missing or too many it is refused."""
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    file = write_idx(tmp_path_factory.getbasetemp() / f"array{'.gz' if zipped else ''}", array)
    assert np.array_equal(read_idx(file, len(shape)), array)
    content = file.read_bytes()
    file.write_bytes(content[:change] if change < 0 else content + b"\1" * change)
    if change:
        with pytest.raises(DslnasError, match="cannot be read"):
            read_idx(file, len(shape))
    with pytest.raises(DslnasError, match="cannot be read"):
        read_idx(file, len(shape) + 1)
