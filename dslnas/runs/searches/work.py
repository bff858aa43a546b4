"""What a search of a run works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...base.run_folder import RunFolder
from ...train.observer import Observer
from ..experiment import Experiment
from .cluster import Engine

if TYPE_CHECKING:
    import torch

    from ...data.features import Prepared
    from ...train.events import EventLog


@dataclass(frozen=True)
class Work:
    """A run whose search is to be done or to be finished: its folder and experiment, its data, its device.

    prepared: for its front end, or for one of several that are searched. observer: what it tells. events:
    where records are written as well as to the history. checkpoint_seconds: between checkpoints. data_root:
    the folder in which data sets lie. engine: where candidates are evaluated.
    """

    folder: RunFolder
    experiment: Experiment
    prepared: Prepared
    device: torch.device
    observer: Observer
    events: EventLog | None
    checkpoint_seconds: float
    data_root: Path | None = None
    engine: Engine = "here"
