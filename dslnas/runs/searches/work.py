"""What a search of a run works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...base.run_folder import RunFolder
from ...train.observer import Observer
from ..experiment import Experiment
from .cluster import Engine

if TYPE_CHECKING:
    import torch

    from ...data.features import Prepared
    from ...train.events import EventLog
    from ...train.loop import Trainee

    class Searching(Trainee, Protocol):
        """What a search trains, which knows how long."""

        @property
        def steps(self) -> int:
            """The steps in all."""
            ...

        @property
        def per_epoch(self) -> int:
            """The steps of an epoch."""
            ...


RECORDS = 60  # lines of the history at most


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

    def train(self, trainee: Searching, ended: Callable[[], bool] | None = None) -> float:
        """Do the steps of the search that are not done yet; returns the seconds that all of them took.

        ended: whether it is over before its last step, asked after each record.
        Raises DslnasError as `run_loop` does.
        """
        from ...train.loop import Schedule, run_loop

        return run_loop(
            trainee,
            "search",
            Schedule(trainee.steps, trainee.per_epoch, min(RECORDS, trainee.steps)),
            self.folder,
            self.observer,
            self.device,
            self.checkpoint_seconds,
            self.events,
            ended,
        )
