"""Examples on disk: the same as in memory, whatever is asked of them; a damaged file is told and removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from recordings import refused
from torch import Tensor

from dslnas.data.cache.ahead import Ahead
from dslnas.data.cache.limit import memory_limit
from dslnas.data.cache.rows import HEAD, StoredRows, joined, open_rows, some, write_rows
from dslnas.data.cache.stored import entries

TENSORS = [
    torch.arange(60, dtype=torch.int16).view(10, 6) - 30,
    torch.linspace(-1, 1, 70).view(7, 2, 5),
    torch.zeros(0, 3),
    torch.arange(240, 256, dtype=torch.uint8).view(8, 1, 2),
]


def stored(path: Path, whole: Tensor, block: int = 3) -> StoredRows:
    def make(add: Callable[[Tensor], None]) -> dict[str, int]:
        for start in range(0, len(whole), block):
            add(whole[start : start + block])
        return {"told": 7}

    write_rows(path, "waves", whole.shape[1:], whole.dtype, make, "mine")
    found = open_rows(path, "waves", whole.shape[1:], whole.dtype)
    assert found is not None and found[1] == {"told": 7}
    return found[0]


@pytest.mark.parametrize("whole", TENSORS)
def test_rows_are_those_of_the_tensor(whole: Tensor, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    rows = stored(tmp_path / "x.safetensors", whole)
    assert rows.shape == whole.shape and torch.equal(rows[:], whole)
    assert torch.equal(load_file(tmp_path / "x.safetensors")["waves"], whole)
    places = torch.randperm(len(whole), generator=torch.Generator().manual_seed(0))
    for asked in (places, places[:2], slice(2, 5), slice(0, 0), torch.cat([places, places])):
        assert torch.equal(rows[asked], whole[asked])
        for inner in (slice(1, 3), slice(None)):
            part = some(rows, asked)
            assert isinstance(part, StoredRows) and len(part) == len(whole[asked])
            assert torch.equal(part[inner], whole[asked][inner])
    front, back = some(rows, slice(0, 4)), some(rows, slice(4, None))
    both = joined(front, back)
    assert isinstance(both, StoredRows) and torch.equal(both[:], whole)
    assert torch.equal(some(joined(front[:], back), slice(None))[:], whole)


def test_other_rows_are_not_taken_for_those_wanted(tmp_path: Path) -> None:
    path = tmp_path / "features" / "x.safetensors"
    stored(path, TENSORS[0])
    assert open_rows(path, "waves", (7,), torch.int16) is None
    assert open_rows(path, "waves", (6,), torch.float32) is None
    assert open_rows(path, "features", (6,), torch.int16) is None
    assert open_rows(tmp_path / "none", "waves", (6,), torch.int16) is None
    assert [(one.data, one.path) for one in entries(tmp_path)] == [("mine", path)]


@pytest.mark.parametrize("cut", [0, 5, HEAD + 10, -1])
def test_a_file_that_ends_early_is_none(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.safetensors"
    stored(path, TENSORS[0])
    path.write_bytes(path.read_bytes()[:cut])
    assert open_rows(path, "waves", (6,), torch.int16) is None


def test_damage_is_told_when_it_is_read_and_the_file_removed(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    rows = stored(path, TENSORS[0])
    content = bytearray(path.read_bytes())
    content[HEAD + 12 * 4] ^= 1
    path.write_bytes(content)
    assert torch.equal(rows[:4], TENSORS[0][:4])
    assert "--resume" in refused("N0701", "it is damaged", lambda: rows[4:5])
    assert not path.exists()
    refused("N0701", "cannot be read", lambda: rows[:1])


def test_what_follows_is_made_ahead_and_nothing_else() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        if number == 9:
            raise ValueError(number)
        return number * number

    ahead = Ahead(make)
    assert [ahead.at(number) for number in (0, 1, 2, 7)] == [0, 1, 4, 49]
    assert ahead.at(8) == 64
    with pytest.raises(ValueError, match="9"):
        ahead.at(9)
    assert made[:4] == [0, 1, 2, 3] and made.count(1) == made.count(7) == made.count(8) == 1


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("2000", 2000), ("4G", 4 << 30), ("1.5 MiB", 3 << 19), ("12kb", 12 << 10)]
)
def test_the_limit_is_what_the_environment_says(
    text: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_MEMORY", text)
    assert memory_limit() == size
    monkeypatch.setenv("DSLNAS_MEMORY", "much")
    assert "4G" in refused("N0603", "`much`, which is no size", memory_limit)
    monkeypatch.delenv("DSLNAS_MEMORY")
    assert memory_limit() > 1 << 20
