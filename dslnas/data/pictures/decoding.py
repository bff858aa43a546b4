"""Decodes pictures to one tensor, each as a front end sees it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from ...base.diagnostics import fail
from ...ir.frontend import FrontEnd
from ..dataset import OnProgress
from ..waves import Decoded
from .reading import MODES, TRAITS, Pixels, UnusablePicture, fitted, read_picture

VERSION = 1  # of what is cached: raise it when reading, scaling or a step over images changes
_BATCH = 64


def decode_pictures(
    paths: Sequence[str],
    frontend: FrontEnd,
    on_progress: OnProgress,
    into: Callable[[Tensor], None] | None = None,
) -> Decoded:
    """The pictures that can be used, uint8 (N, channels, height, width), in order, and what was done to them.

    into: takes the pictures in batches (n, channels, height, width), in order; then `raw` has none.
    DslnasError N0605 where the front end sees neither one channel nor three.
    """
    shape, resize = frontend.raw_shape, frontend.source["resize"]
    if shape[0] not in MODES:
        message = f"the front end begins with {shape[0]} channels, and a picture has 1 or 3"
        raise fail("N0605", message, help="`image(3, HEIGHT, WIDTH)`")
    decoded = Decoded(torch.empty(0 if into else len(paths), *shape, dtype=torch.uint8))

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
            usable: list[Tensor] = []
            for index, found in enumerate(pool.map(read, batch), start):
                if isinstance(found, UnusablePicture):
                    decoded.skipped.append((paths[index], str(found)))
                    continue
                usable.append(torch.tensor(found[0]))
                decoded.kept.append(index)
                decoded.traits.update(found[1])
            filled = len(decoded.kept)
            if usable and into is None:
                decoded.raw[filled - len(usable) : filled] = torch.stack(usable)
            elif usable and into is not None:
                into(torch.stack(usable))
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


def pictures_key(paths: Sequence[str], frontend: FrontEnd) -> str:
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
