"""The stages of a front end over images: what they take, and what they do to each example."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from making import Reading, generator

from dslnas.data import FrontEndModule
from dslnas.data.frontend.pictures import Crop, Cutout, Flip, Normalize
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import tensor
from dslnas.runs.load import load
from dslnas.runs.request import Request

IMAGE = tensor("real", 3, 8, 6)


def pictures(count: int, channels: int = 3, height: int = 8, width: int = 6) -> torch.Tensor:
    return torch.rand(count, channels, height, width, generator=generator()) + 0.5


@pytest.mark.parametrize(
    ("name", "before", "attributes", "message"),
    [
        ("crop", IMAGE, {"padding": 7}, "`crop` by 7 pixels"),
        ("cutout", IMAGE, {"width": 7}, "`cutout` of 7 pixels"),
        ("normalize", IMAGE, {"mean": (0.5, 0.5), "deviation": (1.0,)}, "2 of `mean` for 3 channels"),
        ("normalize", IMAGE, {"mean": (0.5,), "deviation": (1.0, 0.0, 1.0)}, "not positive"),
        ("flip", tensor("real", 1, 16000), {}, "needs an image"),
        ("cutout", tensor("real", 1, 16000), {"width": 7}, "needs a spectrogram or an image"),
    ],
)
def test_wrong_stages_are_refused(name: str, before: Any, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeRuleError, match=message) as error:
        REGISTRY[name].type_rule((before,), attributes, "real")
    assert error.value.help


def test_an_image_is_real() -> None:
    attributes = {"channels": 3, "height": 8, "width": 6}
    assert REGISTRY["image"].type_rule((), attributes, "real") == IMAGE
    with pytest.raises(TypeRuleError, match="no complex form"):
        REGISTRY["image"].type_rule((), attributes, "complex")


@given(st.integers(0, 6), st.integers(0, 5))
def test_a_crop_is_a_window_of_the_padded_image(padding: int, seed: int) -> None:
    x = pictures(3)
    made = Crop(padding)(x, generator(seed))
    padded = torch.nn.functional.pad(x, (padding,) * 4)
    for image, whole in zip(made, padded, strict=True):
        windows = whole.unfold(1, 8, 1).unfold(2, 6, 1).flatten(1, 2)  # (C, places, 8, 6)
        assert (windows == image[:, None]).flatten(2).all(dim=2).all(dim=0).any()


def test_every_crop_is_drawn() -> None:
    x = torch.zeros(2000, 1, 5, 5)
    x[:, :, 2, 2] = 1
    assert (Crop(2)(x, generator()).sum(dim=0) > 0).all()


def test_half_of_the_images_are_mirrored() -> None:
    x = pictures(2000, 1, 2, 3)
    made = Flip()(x, generator())
    mirrored = (made == x.flip(-1)).flatten(1).all(dim=1)
    assert torch.equal(made[~mirrored], x[~mirrored])
    assert abs(float(mirrored.float().mean()) - 0.5) < 0.05


@given(st.integers(0, 6), st.integers(0, 5))
def test_a_cutout_is_a_square_and_leaves_the_rest(width: int, seed: int) -> None:
    x = pictures(4)
    gone = Cutout(width)(x, generator(seed)) == 0
    assert torch.equal(Cutout(width)(x, generator(seed))[~gone], x[~gone])
    for image in gone:
        rows, columns = image.any(dim=0).any(dim=1), image.any(dim=0).any(dim=0)
        assert torch.equal(image, (rows[:, None] & columns).expand_as(image))
        for covered in (rows, columns):
            assert (width + 1) // 2 <= int(covered.sum()) <= width


def test_normalize_takes_one_number_or_one_for_each_channel() -> None:
    x = pictures(2)
    for mean, deviation in (((0.5,), (2.0,)), ((0.1, 0.2, 0.3), (1.0, 2.0, 4.0))):
        made = Normalize(mean, deviation)(x)
        for channel in range(3):
            expected = (x[:, channel] - mean[channel % len(mean)]) / deviation[channel % len(mean)]
            torch.testing.assert_close(made[:, channel], expected)


def test_whole_numbers_and_shares_are_one_image() -> None:
    module = FrontEndModule(load("ss1", Request(data="cifar10")).frontend)
    raw = torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8, generator=generator())
    features = module.features(raw)
    assert features.shape == (5, 3, 32, 32) and features.dtype == torch.float32
    torch.testing.assert_close(module.features(raw.float() / 255), features)
    once = module.augmented(raw, generator(3))
    assert torch.equal(module.augmented(raw, generator(3)), once) and not torch.equal(once, features)
    with Reading() as reading:
        module.augmented(raw, generator())
    assert reading.seen == []
