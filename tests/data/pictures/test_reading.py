"""Pictures of every kind are read rightly, or it is told why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from making_pictures import some_pixels
from PIL import Image

from dslnas.data.pictures.reading import Picture, UnusablePicture, fitted, read_picture

RED, WHITE = (255, 0, 0), (255, 255, 255)


def seen(path: Path) -> tuple[Any, ...]:
    """The first pixel of a picture that is read, and its traits."""
    picture = read_picture(path)
    return picture.image.getpixel((0, 0)), picture.traits


def test_modes_mean_what_they_show(tmp_path: Path) -> None:
    place = tmp_path / "a.png"
    clear = Image.new("RGBA", (2, 2), (*RED, 0))
    clear.save(place)
    assert seen(place) == (WHITE, ("transparent",))
    clear.putalpha(255)
    clear.save(place)
    assert seen(place) == (RED, ())
    Image.fromarray(np.full((2, 2), 257 * 200, np.uint16)).save(place)
    assert seen(place) == (200, ("deep",))
    Image.new("P", (2, 2), 3).save(place)
    assert read_picture(place).image.mode == "RGB"
    Image.new("1", (2, 2), 1).save(place)
    assert seen(place) == (255, ())
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=100)
    colour, traits = seen(tmp_path / "a.jpg")
    assert np.abs(np.subtract(colour, RED)).max() < 4 and traits == ("cmyk",)


def test_cameras_say_which_side_is_up(tmp_path: Path) -> None:
    """Orientation 6: the first row of the file is the right column of what is seen."""
    picture = Image.new("RGB", (4, 2), WHITE)
    picture.putpixel((0, 0), RED)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.png", exif=exif)
    found = read_picture(tmp_path / "a.png")
    assert found.image.size == (2, 4) and found.image.getpixel((1, 0)) == RED
    assert found.traits == ("turned",)


def test_the_first_of_several_frames_is_seen(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (3, 3), RED), Image.new("RGB", (3, 3), (0, 0, 255))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert seen(tmp_path / "a.gif") == (RED, ("animated",))


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    some_pixels(60, 60, RED).save(whole)
    texts = {"empty": b"", "cut off": whole.read_bytes()[:900], "other": b"RIFF1234WAVEfmt "}
    for name, text in texts.items():
        (tmp_path / f"{name}.jpg").write_bytes(text)
    Image.new("F", (2, 2)).save(tmp_path / "real.tif")
    wanted = {
        "empty.jpg": "empty",
        "cut off.jpg": "truncated",
        "other.jpg": "no picture",
        "real.tif": "floating-point",
        "gone.jpg": "No such file",
    }
    for name, message in wanted.items():
        with pytest.raises(UnusablePicture, match=message):
            read_picture(tmp_path / name)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_any_bytes_are_a_picture_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.png"
    some_pixels(4, 4, RED).save(file)
    good = file.read_bytes()
    file.write_bytes(good[:place] + data + good[place + len(data) :])
    try:
        assert read_picture(file).image.mode in ("L", "RGB")
    except UnusablePicture as error:
        assert str(error)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 3]),
    st.sampled_from([None, (12.0,), (12.0, 10.0)]),
)
def test_every_size_is_brought_to_that_of_the_front_end(
    height: int, width: int, channels: int, resize: tuple[float, ...] | None
) -> None:
    """A picture of one colour stays that colour, whatever is scaled and cut."""
    picture = Image.new("RGB", (width, height), (90, 90, 90))
    image = Picture(picture, "RGB", ())
    pixels, traits = fitted(image, (channels, 8, 9), resize)
    assert pixels.shape == (channels, 8, 9) and (pixels == 90).all()
    assert ("coloured" in traits) == (channels == 1)
    if resize is None:
        assert ("enlarged" in traits) == (height < 8 or width < 9)


def test_the_middle_is_cut_out() -> None:
    """Of a wide picture whose shorter side is as long as what is seen, the columns in the middle."""
    columns = np.repeat(np.arange(20, dtype=np.uint8)[None], 6, axis=0)
    image = Picture(Image.fromarray(columns), "L", ())
    assert fitted(image, (1, 6, 6), None)[0][0, 0].tolist() == [7, 8, 9, 10, 11, 12]
    squeezed, _ = fitted(image, (1, 6, 6), (6.0, 6.0))
    assert squeezed[0, 0, 0] < 3 and squeezed[0, 0, -1] > 16
