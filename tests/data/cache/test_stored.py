"""What the cache holds is told by data set; what a user has put there stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import torch

from dslnas.data.cache.made_once import cached
from dslnas.data.cache.stored import DIGITS, GRAMMAR, LEFTOVER, LEFTOVERS, UNNAMED, entries, remove
from dslnas.data.cache.tensors import store_tensors
from dslnas.data.catalog import KNOWN
from dslnas.data.download import MARK


def fill(folder: Path) -> dict[str, list[str]]:
    """A cache of everything that there may be, and what of it should be found, by data set."""
    features = folder / "features"
    for name, facts in (("a", {"data": "fsdd"}), ("a-1", {"data": "fsdd"}), ("b", {}), ("c", {"data": 3})):
        assert store_tensors(features / f"{name}.safetensors", {"x": torch.zeros(5)}, facts)
    (features / "broken.safetensors").write_bytes(b"\xff" * 20)
    (features / ".a.safetensors.lock").touch()
    (folder / "digits" / "v1-seed0-60" / "zero").mkdir(parents=True)
    (folder / "digits" / "v1-seed0-60" / "zero" / "1.wav").write_bytes(b"12345")
    (folder / "grammar-1.lark").write_text("x")
    for name in (KNOWN["cifar10"].folders[0], KNOWN["fsdd"].folders[0]):
        (folder / name).mkdir()
    (folder / KNOWN["cifar10"].folders[0] / MARK).touch()
    for name, age in ((".download-1", 2 * LEFTOVER), (".download-2", 60.0)):
        (folder / name).mkdir()
        os.utime(folder / name, (time.time() - age,) * 2)
    return {
        "fsdd": ["a-1.safetensors", "a.safetensors"],
        UNNAMED: ["b.safetensors", "broken.safetensors", "c.safetensors"],
        DIGITS: ["v1-seed0-60"],
        GRAMMAR: ["grammar-1.lark"],
        "cifar10": [KNOWN["cifar10"].folders[0]],
        LEFTOVERS: [".download-1"],
    }


def test_everything_that_was_made_is_found_by_its_data_set(tmp_path: Path) -> None:
    expected, found = fill(tmp_path), entries(tmp_path)
    assert {name: [one.path.name for one in found if one.data == name] for name in expected} == expected
    assert len(found) == sum(map(len, expected.values()))
    assert next(one for one in found if one.data == DIGITS).size == 5
    assert entries(tmp_path / "nowhere") == []


def test_what_is_removed_is_gone_and_what_a_user_put_there_stays(tmp_path: Path) -> None:
    fill(tmp_path)
    found = entries(tmp_path)
    assert remove(found) == found
    assert entries(tmp_path) == [] and remove(found) == found
    assert (tmp_path / KNOWN["fsdd"].folders[0]).is_dir() and (tmp_path / ".download-2").is_dir()


def test_what_is_found_counts_as_used(tmp_path: Path) -> None:
    path = tmp_path / "features" / "a.safetensors"
    store_tensors(path, {"x": torch.zeros(1)}, {"data": "fsdd"})
    os.utime(path, (1.0, 1.0))
    assert cached(path, lambda: "found", lambda: "made") == "found"
    assert entries(tmp_path)[0].used > time.time() - 100


def test_a_head_of_any_bytes_is_only_unnamed(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    heads = [b"", b"\1", b"[]", b"{}", json.dumps({"__metadata__": {"facts": "["}}).encode(), b"[" * 9000]
    for number, head in enumerate(heads):
        data = len(head).to_bytes(8, "little") + head
        (tmp_path / "features" / f"{number}.safetensors").write_bytes(data)
    assert {one.data for one in entries(tmp_path)} == {UNNAMED}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may remove anything")
def test_what_cannot_be_removed_is_not_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "grammar-1.lark").touch()
    tmp_path.chmod(0o555)
    assert remove(entries(tmp_path)) == []
    tmp_path.chmod(0o755)
