"""The hash of a file is that of its bytes, and is taken anew where the file has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dslnas.data.own.contents import FOLDER, contents


def test_a_hash_is_of_the_bytes_and_follows_them(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b", "missing")]
    files[0].write_bytes(b"one")
    files[1].write_bytes(b"two")
    paths = [str(path) for path in files]
    cache = tmp_path / "cache"
    first = contents(paths, tmp_path, cache)
    assert first == [hashlib.blake2b(text, digest_size=16).hexdigest() for text in (b"one", b"two")] + [""]
    assert contents(paths, tmp_path, cache) == first
    files[1].write_bytes(b"three")
    assert contents(paths, tmp_path, cache)[0] == first[0]
    assert contents(paths, tmp_path, cache)[1] == hashlib.blake2b(b"three", digest_size=16).hexdigest()


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    first = contents([str(tmp_path / "a")], tmp_path, tmp_path / "cache")
    (kept,) = (tmp_path / "cache" / FOLDER).iterdir()
    kept.write_bytes(bytes(range(256)))
    assert contents([str(tmp_path / "a")], tmp_path, tmp_path / "cache") == first
