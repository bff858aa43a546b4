"""Reads one picture: png, jpeg and what else Pillow reads, any size and mode, as grey or RGB bytes."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

Pixels = npt.NDArray[np.uint8]
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
MOST = 100_000_000  # pixels of a picture; one of three bytes each fills 300 MB
MODES = {1: "L", 3: "RGB"}  # of Pillow, by the channels that a front end sees
# What a picture may be, and what that means.
TRAITS = {
    "turned": "were turned as the camera says (EXIF)",
    "animated": "have several frames: the first is seen",
    "transparent": "are transparent in part and stand on white",
    "cmyk": "are CMYK and were brought to RGB",
    "deep": "have more than 8 bits a channel and were brought to 8",
    "grey": "are grey and have three channels alike",
    "coloured": "have colours and were brought to grey",
    "enlarged": "are smaller than the front end sees, and were enlarged",
}
_DEEP = ("I", "I;16", "I;16B", "I;16L")
_FAULTS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, MemoryError,
    NotImplementedError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
Image.init()  # all formats are known from the start
# A picture that is too large is told in words of our own.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnusablePicture(Exception):
    """Raised for a picture that cannot be used, with the reason for the user."""


@dataclass(frozen=True)
class Picture:
    """A picture as 8 bits a channel, turned upright: `L` or `RGB`.

    mode: that of its file, as Pillow calls it; traits: names of `TRAITS`.
    """

    image: Image.Image
    mode: str
    traits: tuple[str, ...]


def read_picture(path: str | Path) -> Picture:
    """Read the first frame of a picture; transparent parts are white.

    Raises UnusablePicture where it is missing, empty, broken, cut off, too large or of real numbers.
    """
    try:
        if Path(path).stat().st_size == 0:
            raise UnusablePicture("the file is empty")
        with Image.open(path, formats=FORMATS) as file:
            if file.width * file.height > MOST:
                raise UnusablePicture(f"it has {file.width} x {file.height} pixels, more than {MOST:,}")
            file.load()
            return _upright(file)
    except UnidentifiedImageError:
        raise UnusablePicture("it holds no picture in a format that is known") from None
    except Image.DecompressionBombError:
        raise UnusablePicture(f"it has more than {MOST:,} pixels") from None
    except _FAULTS as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UnusablePicture(f"it cannot be read: {reason or type(error).__name__}") from None


def _upright(file: Any) -> Picture:
    """The frame that is loaded, in 8 bits and upright."""
    traits = ["animated"] * (getattr(file, "n_frames", 1) > 1)
    mode = file.mode
    image = ImageOps.exif_transpose(file)
    if file.getexif().get(0x0112, 1) not in (0, 1):
        traits.append("turned")
    if mode == "F":
        raise UnusablePicture("its pixels are floating-point numbers: save it with 8 or 16 bits")
    if mode in _DEEP:
        image, deep = _in_bytes(image)
        traits += ["deep"] * deep
    if mode == "CMYK":
        traits.append("cmyk")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image, seen_through = _on_white(image)
        traits += ["transparent"] * seen_through
    if image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    return Picture(image, mode, tuple(traits))


def _in_bytes(image: Image.Image) -> tuple[Image.Image, bool]:
    """A grey picture of whole numbers in 8 bits, and whether it had more.

    16 bits are divided by 257, so that 65535 is 255. Pillow itself would cut off what is above 255.
    """
    numbers = np.asarray(image).astype(np.int64)
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) > 65535:
        raise UnusablePicture("its pixels are no numbers of 8 or 16 bits")
    if image.mode == "I" and numbers.max(initial=0) <= 255:
        return Image.fromarray(numbers.astype(np.uint8)), False
    return Image.fromarray(((numbers + 128) // 257).astype(np.uint8)), True


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """A picture on white, and whether white shows through it anywhere."""
    over = image.convert("RGBA")
    lowest, _ = over.getchannel("A").getextrema()
    white = Image.new("RGBA", over.size, (255, 255, 255, 255))
    made = Image.alpha_composite(white, over)
    return made.convert("L" if image.mode in ("L", "LA", "La") else "RGB"), int(str(lowest)) < 255


def fitted(
    picture: Picture, shape: tuple[int, ...], resize: tuple[float, ...] | None
) -> tuple[Pixels, tuple[str, ...]]:
    """A picture as a front end sees it: uint8 (channels, height, width); what else was done to it.

    shape: (channels, height, width), the middle of the scaled picture. resize: one number, to which the
    shorter side is scaled; two, the height and width to which it is scaled whatever its shape; None: it is
    scaled as little as covers the shape. Bilinear, each pixel the mean of all that it covers.
    """
    channels, height, width = shape
    image, traits = picture.image, []
    if image.mode != MODES[channels]:
        traits.append("grey" if image.mode == "L" else "coloured")
        image = image.convert(MODES[channels])
    wide, high = image.size
    if resize is not None and len(resize) == 2:
        scaled = round(resize[1]), round(resize[0])
    else:
        factor = resize[0] / min(wide, high) if resize else max(width / wide, height / high)
        scaled = max(width, round(wide * factor)), max(height, round(high * factor))
    if scaled[0] > wide or scaled[1] > high:
        traits.append("enlarged")
    if scaled != image.size:
        image = image.resize(scaled, Image.Resampling.BILINEAR)
    left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    pixels = np.asarray(image.crop((left, top, left + width, top + height)), np.uint8)
    return pixels.reshape(height, width, channels).transpose(2, 0, 1), tuple(traits)
