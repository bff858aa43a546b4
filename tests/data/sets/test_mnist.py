"""MNIST in its official layout, made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_images import (
    front_end,
    make_mnist,
    write_idx,
)

from dslnas.base.diagnostics import DslnasError
from dslnas.data import open_data, prepare
from dslnas.data.sets.mnist import read_idx


def test_handwriting_has_one_channel(tmp_path: Path) -> None:
    prepared = prepare(open_data("mnist", make_mnist(tmp_path)), front_end("mnist"), tmp_path)
    assert prepared.train.features.shape == (50, 1, 28, 28)
    assert len(prepared.test) == 20


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
