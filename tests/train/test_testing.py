"""The figures of a test, on cases small enough to do by hand."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from math import log

import pytest
import torch
from small import split_of
from torch import Tensor, nn

from dslnas.base.figures import wilson
from dslnas.train import testing
from dslnas.train.testing import evaluate

CPU = torch.device("cpu")
CLASSES = ("no", "yes", "maybe")


class Given(nn.Module):
    """A network whose features are its logits."""

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_figures_of_a_test_by_hand() -> None:
    """Four clips: no, no, yes, maybe, heard as no, yes, yes, yes."""
    sure = log(0.8 / 0.1)  # softmax of (sure, 0, 0) is (0.8, 0.1, 0.1)
    logits = torch.tensor([[sure, 0, 0], [0, sure, 0], [0, sure, 0], [0, sure, 0]])
    tested = testing.test(Given(), split_of(logits, [0, 0, 1, 2]), CLASSES, CPU)
    assert tested.figures["accuracy"] == pytest.approx(0.5)
    assert tested.figures["accuracy_interval"] == pytest.approx([0.15, 0.85], abs=0.001)
    f1 = [2 * 1 / (2 * 1 + 0 + 1), 2 * 1 / (2 * 1 + 2 + 0), 0.0]  # 2 tp / (2 tp + fp + fn)
    assert tested.figures["macro_f1"] == pytest.approx(sum(f1) / 3)
    assert tested.figures["calibration_error"] == pytest.approx(0.8 - 0.5)
    assert tested.figures["clips"] == 4
    assert tested.details["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    assert tested.details["classes"] == list(CLASSES)
    assert tested.details["clips"][1] == {
        "path": "1.wav",
        "label": "no",
        "predicted": "yes",
        "probability": 0.8,
    }


def test_windows_are_told_apart_and_together() -> None:
    """Two recordings of two windows: one window of the first is wrong, which its mean is not."""
    logits = torch.tensor([[9.0, 0, 0], [0, 1.0, 0], [0, 9.0, 0], [0, 9.0, 0]])
    split = replace(split_of(logits, [0, 0, 1, 1]), wholes=["a", "a", "b", "b"])
    figures = testing.test(Given(), split, CLASSES, CPU).figures
    assert figures["accuracy"] == pytest.approx(0.75)
    assert figures["accuracy_interval"] == pytest.approx(wilson(0.75, 2))
    assert figures["recordings"] == {"accuracy": 1.0, "accuracy_interval": list(wilson(1.0, 2)), "count": 2}
    assert figures["untested"] == ["maybe"]
    assert split.part(torch.tensor([3, 0])).wholes == ["b", "a"]


def test_the_macro_f1_of_channels_is_their_mean() -> None:
    """Two recordings of two channels: the first channel is always right, the second says `no` of both."""
    logits = torch.eye(3)[[0, 0, 1, 0]]
    split = replace(split_of(logits, [0, 0, 1, 1]), paths=["a", "a", "b", "b"], channels=[1, 2, 1, 2])
    tested = testing.test(Given(), split, CLASSES, CPU)
    assert tested.figures["macro_f1_channels"] == pytest.approx([1.0, (2 / 3 + 0) / 2])
    assert tested.figures["macro_f1"] == pytest.approx((1 + 1 / 3) / 2)
    assert tested.figures["accuracy_interval"] == pytest.approx(wilson(0.75, 2))
    assert [clip["channel"] for clip in tested.details["clips"]] == [1, 2, 1, 2]
    assert split.part(torch.tensor([3, 0])).channels == [2, 1]


def drawn(temperature: float, clips: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (N, 3) whose labels are drawn from their softmax, multiplied by a temperature."""
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(clips, 3, generator=generator)
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=generator)[:, 0]
    return temperature * logits, labels


@pytest.mark.parametrize("true", [0.3, 1.0, 4.0])
def test_the_temperature_is_that_by_which_logits_were_multiplied(true: float) -> None:
    logits, labels = drawn(true)
    found = testing.temperature(logits, labels)
    assert found == pytest.approx(true, rel=0.1)
    before, after = (
        testing.test(Given(), split_of(logits, labels.tolist()), CLASSES, CPU, one).figures
        for one in (1.0, found)
    )
    assert after["accuracy"] == before["accuracy"]
    assert after["calibration_error"] < 0.03
    assert after["uncalibrated_error"] == pytest.approx(before["calibration_error"])
    assert "uncalibrated_error" not in before


def test_few_clips_that_are_all_right_do_not_make_a_network_sure() -> None:
    logits = torch.eye(3)
    labels = torch.tensor([0, 1, 2])
    sure = (logits / testing.temperature(logits, labels)).softmax(dim=1).max()
    assert float(sure) == pytest.approx(1 - 1 / 5, abs=0.01)
    assert testing.temperature(logits[:0], labels[:0]) == 1


def test_a_perfect_test() -> None:
    logits = 50 * torch.eye(3)
    figures = testing.test(Given(), split_of(logits, [0, 1, 2]), CLASSES, CPU).figures
    assert figures["accuracy"] == figures["macro_f1"] == 1
    assert figures["calibration_error"] == pytest.approx(0, abs=1e-6)


def test_classes_that_the_test_lacks_count_as_the_metric_says() -> None:
    """A single clip of one class: the figures are finite numbers, and the matrix has every class."""
    tested = testing.test(Given(), split_of(torch.eye(3)[:1], [0]), CLASSES, CPU)
    assert 0 <= tested.figures["macro_f1"] <= 1
    assert tested.details["confusion"] == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_evaluation_is_in_batches_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(4, 3))
    x = torch.randn(7, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    network.train()
    before = deepcopy(network.state_dict())
    whole = evaluate(network, x, CPU)
    monkeypatch.setattr(testing, "EVALUATION_BATCH", 3)
    torch.testing.assert_close(evaluate(network, x, CPU), whole)
    assert whole.shape == (7, 3)
    assert not whole.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
