"""The data of an experiment as tensors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.diagnostics import fail
from ..data.dataset import SPLITS
from ..train.observer import Observer, reporting
from .experiment import Experiment

if TYPE_CHECKING:
    from ..data.dataset import DataSet
    from ..data.features import Prepared


def prepare_data(
    experiment: Experiment,
    data_root: Path | None,
    observer: Observer,
    training: bool = True,
    changed: Callable[[DataSet], DataSet] | None = None,
) -> Prepared:
    """The data of an experiment as tensors, from the cache where it was prepared before.

    training: whether no clip may be missing that the run keeps. changed: makes other clips of those listed.
    Raises DslnasError N0604 and N0605 where it is missing or cannot be used.
    """
    from ..data.features import prepare

    progress = reporting(observer, "data")
    data = experiment.open_data(data_root, progress, training)
    if changed is not None:
        data = changed(data)
    return prepare(data, experiment.frontend, on_progress=progress, resampling=experiment.resampling)


def every_way(
    experiment: Experiment, known: Prepared, data_root: Path | None, observer: Observer
) -> tuple[Prepared, ...]:
    """The data for each front end that the space chooses between, of which one is known.

    Raises DslnasError N0605 where front ends hear different clips of the data.
    """
    found = tuple(
        known if way.frontend == known.frontend else prepare_data(way, data_root, observer)
        for way in experiment.ways
    )
    if any(one.split(name).paths != known.split(name).paths for one in found for name in SPLITS):
        message = f"{experiment.data}: a recording can be used by some of the front ends and not by others"
        raise fail("N0605", message, help="`dslnas data` tells which; remove it")
    return found
