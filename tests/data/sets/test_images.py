"""Data sets of images: official layouts and splits, and files that are damaged or mean harm."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from making_images import (
    front_end,
    make_cifar10,
    make_mnist,
    some_images,
)

from dslnas.base.diagnostics import DslnasError
from dslnas.data import DataOptions, load_recordings, open_data, prepare
from dslnas.data.sets.cifar import pixels
from dslnas.data.sets.mnist import read_idx
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.fixture(scope="session")
def images_root(data_root: Path) -> Path:
    root = next((r for r in (data_root, data_root / "images") if (r / "cifar-10-batches-py").is_dir()), None)
    if root is None:
        pytest.skip(f"no images at {data_root}")
    return root


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
    (tmp_path / "a.wav").write_bytes(b"RIFF....WAVEfmt ")
    images, skipped = load_recordings([tmp_path / "a.wav"], front_end("cifar10"))
    assert not len(images) and skipped[0][1] == "it holds no picture in a format that is known"


def test_images_have_no_speakers(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="no speakers"):
        open_data("cifar10", make_cifar10(tmp_path), DataOptions(split="speaker"))


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
