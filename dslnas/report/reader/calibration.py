"""How sure a network is beside how often it is right, in a sentence."""

from __future__ import annotations

from ...base.figures import percent
from ..fields import Tree


def calibrated(metrics: Tree) -> str:
    """The temperature, and the calibration error of the test with and without it; empty where none is."""
    temperature = metrics.number("calibration.temperature")
    before, after = metrics.number("test.uncalibrated_error"), metrics.number("test.calibration_error")
    if temperature is None or before is None or after is None:
        return ""
    return (
        f"Probabilities are those of logits divided by {temperature:.2f}, the temperature that suits the "
        f"validation clips. On the test they differ from how often it is right by {percent(after)} in the "
        f"mean (expected calibration error); without the temperature by {percent(before)}"
    )
