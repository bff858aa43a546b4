"""The table of transfers in a report: a network on other data sets, from `transfer` in the metrics."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.figures import between
from .fields import Tree
from .findings import percent


@dataclass(frozen=True)
class TransferRow:
    """One data set: how many of its classes the network has, and the accuracy on those.

    retrained: the accuracy on all classes with a new last layer.
    """

    data: str
    known: int
    classes: int
    accuracy: str | None
    retrained: str | None


def _accuracy(metrics: Tree, at: str) -> str | None:
    """An accuracy with its 95 % interval on the clips of its test, where their number is known."""
    accuracy, clips = metrics.number(f"{at}.accuracy"), metrics.number(f"{at}.clips")
    if accuracy is None or not clips:
        return percent(accuracy)
    return f"{percent(accuracy)} ({between(accuracy, clips)})"


def transfers(metrics: Tree) -> list[TransferRow]:
    """The rows, sorted by the names of the data sets."""
    found = metrics.get("transfer")
    rows = []
    for name in sorted(found) if isinstance(found, dict) else ():
        at = f"transfer.{name}"
        data, classes = metrics.get(f"{at}.data"), metrics.number(f"{at}.classes")
        known = metrics.get(f"{at}.as_it_is.known")
        if isinstance(data, str) and classes is not None and isinstance(known, list):
            accuracy, retrained = (_accuracy(metrics, f"{at}.{name}") for name in ("as_it_is", "retrained"))
            rows.append(TransferRow(data, len(known), round(classes), accuracy, retrained))
    return rows
