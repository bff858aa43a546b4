"""The test of a trained network on clips that nothing of the run has heard."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...base import run_folder as files
from ..searches.work import Work

if TYPE_CHECKING:
    from ...lower.pruned import PrunedNetwork

TIMES = ("data", "search", "decide", "prune", "train", "test")  # what the total of a run sums


def test(work: Work, network: PrunedNetwork, temperature: float) -> None:
    """Test a network on the test split; figures go to the metrics, details to the folder.

    temperature: by what its logits are divided.
    """
    from ...train import testing

    folder, prepared = work.folder, work.prepared
    started = time.monotonic()
    work.observer.begin("test", 1)
    tested = testing.test(network, prepared.test, prepared.classes, work.device, temperature)
    work.observer.advance("test", 1, accuracy=tested.figures["accuracy"])
    times = {**folder.metrics().get("time", {}), "test": time.monotonic() - started}
    times["total"] = sum(times.get(stage, 0.0) for stage in TIMES)
    folder.update_metrics(test=tested.figures, time=times)
    folder.write_json(files.TEST, tested.named(prepared).details)
