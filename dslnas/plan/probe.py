"""The time of a run from steps that are taken and measured; imports torch where it measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..data import KNOWN, DataOptions, locate
from ..experiment import Experiment
from ..method import relaxed


@dataclass(frozen=True)
class Step:
    """One measured step of the search.

    clips: in the training split, None where the data is not there; search_seconds: of the whole search then.
    """

    seconds: float
    device: str
    clips: int | None = None
    search_seconds: float | None = None


def probe(experiment: Experiment, data_root: Path | None = None, device: str = "auto") -> Step:
    """Take a step of the search as a run would, on noise in place of features, and measure a second one.

    Imports torch; raises DslnasError N0601 where no search runs the method. The data set is only counted, and
    only where nothing must be fetched or made for that.
    """
    import time

    import torch

    from ..search.loop import pick_device
    from ..search.relaxed import RelaxedSearch

    where, settings = pick_device(device), experiment.settings
    search = RelaxedSearch(experiment.supernet, relaxed(experiment.method), settings.seed, None, where)
    if settings.precision == "bfloat16":
        search.use_bfloat16()
    features = torch.randn(settings.search.batch, *experiment.frontend.output.shape, device=where)
    labels = torch.arange(settings.search.batch, device=where) % len(experiment.classes)
    for _ in range(2):
        started = time.perf_counter()
        figures = search.step((features, labels), (features, labels), 1.0)
        float(figures["loss"])  # waits for the device
        seconds = time.perf_counter() - started
    clips = _train_clips(experiment, data_root)
    if clips is None:
        return Step(seconds, str(where))
    per_epoch = max(1, round(clips * experiment.method.split) // settings.search.batch)
    return Step(seconds, str(where), clips, seconds * settings.search.length(per_epoch))


def _train_clips(experiment: Experiment, data_root: Path | None) -> int | None:
    """The clips of the training split, None where the data set would first have to be fetched or made."""
    from ..data import open_data

    known = KNOWN.get(experiment.data)
    if known is not None and locate(known, data_root) is None:
        return None
    settings = experiment.settings
    options = DataOptions(settings.split, settings.fold, settings.skip_limit, settings.clips)
    return open_data(experiment.data, data_root, options).count("train")
