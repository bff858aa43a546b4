"""Small pictures and folders of them, made for these tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (200, 30, 30), "blue": (30, 30, 200)}


def some_pixels(height: int, width: int, colour: tuple[int, int, int], seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).integers(-25, 26, (height, width, 3))
    return Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8))


def make_pictures(root: Path, count: int = 10) -> Path:
    """So many pictures of each of two classes, png and jpeg, each of another size."""
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            ending = ("png", "jpg", "JPEG")[number % 3]
            picture = some_pixels(20 + number, 30 - number, colour, number)
            picture.save(root / name / f"{number}.{ending}")
    return root
