"""Reads the pixels of image clips: many lie in one file, so that the path of a clip is `FILE#ROW`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ...base.diagnostics import fail
from ..dataset import Clip
from ..splits import grouped
from . import cifar, mnist


def read_images(clips: Sequence[Clip], shape: tuple[int, ...]) -> Tensor:
    """The images of clips in their order: uint8 (N, *shape), shape (channels, height, width).

    DslnasError N0605 where a file cannot be read, lacks a row, or holds images of another shape.
    """
    images = torch.empty(len(clips), *shape, dtype=torch.uint8)
    for file, places in grouped(range(len(clips)), lambda place: _file(clips[place])).items():
        held = torch.from_numpy((mnist if file.name in mnist.NAMES else cifar).pixels(file))
        if tuple(held.shape[1:]) != shape:
            own, wanted = (" x ".join(map(str, one)) for one in (held.shape[1:], shape))
            message = f"{file} holds images of {own}, and the front end begins with {wanted}"
            raise fail("N0605", message, help=f"`image({', '.join(map(str, held.shape[1:]))})`")
        rows = [int(clips[place].path.rpartition("#")[2]) for place in places]
        if max(rows) >= len(held):
            raise fail("N0605", f"{file} holds {len(held)} images, of which one is number {max(rows) + 1}")
        images[places] = held[rows]
    return images


def is_packed(clip: Clip) -> bool:
    """Whether a clip is a row of a file; else it is a file by itself."""
    return re.search(r"#[0-9]+$", clip.path) is not None


def _file(clip: Clip) -> Path:
    return Path(clip.path.rpartition("#")[0])
