"""Decodes pictures to one tensor, each as a front end sees it; the result is cached on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from ...base.diagnostics import fail
from ...ir.frontend import FrontEnd
from ..cache.made_once import cached
from ..cache.tensors import load_tensors, store_tensors
from ..dataset import OnProgress
from ..waves import Decoded
from .reading import MODES, TRAITS, Pixels, UnusablePicture, fitted, read_picture

VERSION = 1  # of what is cached: raise it when reading or scaling changes
_BATCH = 64


def decode_pictures(paths: Sequence[str], frontend: FrontEnd, on_progress: OnProgress) -> Decoded:
    """The pictures that can be used, uint8 (N, channels, height, width), in order, and what was done to them.

    DslnasError N0605 where the front end sees neither one channel nor three.
    """
    shape, resize = frontend.raw_shape, frontend.source["resize"]
    if shape[0] not in MODES:
        message = f"the front end begins with {shape[0]} channels, and a picture has 1 or 3"
        raise fail("N0605", message, help="`image(3, HEIGHT, WIDTH)`")
    decoded = Decoded(torch.empty(len(paths), *shape, dtype=torch.uint8))

    def read(path: str) -> tuple[Pixels, tuple[str, ...]] | UnusablePicture:
        try:
            picture = read_picture(path)
        except UnusablePicture as error:
            return error
        pixels, traits = fitted(picture, shape, resize)
        return pixels, (*picture.traits, *traits)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for start in range(0, len(paths), _BATCH):
            batch = paths[start : start + _BATCH]
            for index, found in enumerate(pool.map(read, batch), start):
                if isinstance(found, UnusablePicture):
                    decoded.skipped.append((paths[index], str(found)))
                    continue
                decoded.raw[len(decoded.kept)] = torch.tensor(found[0])
                decoded.kept.append(index)
                decoded.traits.update(found[1])
            on_progress("reading pictures", start + len(batch), len(paths))
    decoded.raw = decoded.raw[: len(decoded.kept)]
    return decoded


def picture_notes(decoded: Decoded) -> list[str]:
    """What was done to pictures, in words."""
    total = len(decoded.kept)
    return [
        f"{decoded.traits[one]} of {total} pictures {text}"
        for one, text in TRAITS.items()
        if decoded.traits[one]
    ]


def cached_pictures(
    name: str, paths: Sequence[str], frontend: FrontEnd, folder: Path, on_progress: OnProgress
) -> Decoded:
    """The pictures of a data set, from the cache or from their files. folder: that of the features."""
    place = folder / f"{_key(paths, frontend)}.safetensors"

    def make() -> Decoded:
        decoded = decode_pictures(paths, frontend, on_progress)
        facts = {"data": name, "skipped": decoded.skipped, "traits": dict(decoded.traits)}
        tensors: dict[str, Tensor] = {
            "pictures": decoded.raw,
            "kept": torch.tensor(decoded.kept, dtype=torch.int64),
        }
        store_tensors(place, tensors, facts)
        return decoded

    return cached(place, lambda: _stored(place, frontend.raw_shape), make)


def _stored(place: Path, shape: tuple[int, ...]) -> Decoded | None:
    """Pictures from the cache; None where there are none, or not of this shape."""
    if (loaded := load_tensors(place, ("pictures", "kept"))) is None:
        return None
    tensors, facts = loaded
    if tensors["pictures"].shape != (len(tensors["kept"]), *shape):
        return None
    skipped = [(path, reason) for path, reason in facts["skipped"]]
    return Decoded(tensors["pictures"], tensors["kept"].tolist(), skipped, traits=Counter(facts["traits"]))


def _key(paths: Sequence[str], frontend: FrontEnd) -> str:
    """A hash of the files and of what reading makes of them."""
    made = ["pictures", VERSION, *frontend.raw_shape, frontend.source["resize"]]
    hashed = hashlib.sha256(json.dumps(made).encode())
    for path in paths:
        try:
            facts = Path(path).stat()
            stamp = f"{facts.st_size} {facts.st_mtime_ns}"
        except OSError:
            stamp = "missing"
        hashed.update(f"\n{path}\t{stamp}".encode("utf-8", "surrogateescape"))
    return hashed.hexdigest()[:32]
