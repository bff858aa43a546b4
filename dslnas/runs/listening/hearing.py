"""The network of a run as an ear: logits of windows, and scores of a sound that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...base.diagnostics import fail
from .events import Score, smoothed

if TYPE_CHECKING:
    import torch

    from ...data.frontend.frontend import FrontEndModule
    from ...data.own.streams import Window
    from ..run import Run
    from .unknown import Threshold

TOGETHER = 256  # windows that go through the network at once
HOPS = 4  # in a clip, where nothing else is said
SMOOTHED = 3  # windows, where nothing else is said


@dataclass(frozen=True)
class Judged:
    """What a network makes of examples.

    logits: (N, classes), calibrated; known: whether each is of a class at all, bool (N,).
    """

    logits: torch.Tensor
    known: torch.Tensor

    @property
    def probabilities(self) -> torch.Tensor:
        """The probabilities (N, classes)."""
        return self.logits.softmax(dim=1)


@dataclass(frozen=True)
class Hearing:
    """A trained network with its front end, on a device.

    unknown: below what confidence a sound is of no class; temperature: by what logits are divided.
    """

    network: torch.nn.Module
    frontend: FrontEndModule
    device: torch.device
    unknown: Threshold | None = None
    temperature: float = 1.0

    @staticmethod
    def of(run: Run, device: str = "auto", unknown: Threshold | None = None) -> Hearing:
        """That of a run; DslnasError N0701 where it has no trained network yet."""
        from ...data.frontend.frontend import FrontEndModule
        from ...train.devices import pick_device

        where = pick_device(device)
        frontend = FrontEndModule(run.decided.experiment.frontend)
        return Hearing(run.network(where), frontend, where, unknown, run.temperature)

    @staticmethod
    def listening(run: Run, device: str = "auto", unknown: Threshold | None = None) -> Hearing:
        """The same; DslnasError N0603 where it sees pictures."""
        if run.decided.experiment.frontend.sees_images:
            help = "`dslnas predict RUN PICTURE...` says what it sees"
            raise fail("N0603", "the network sees pictures, and hears nothing", help=help)
        return Hearing.of(run, device, unknown)

    def judge(self, raw: torch.Tensor) -> Judged:
        """What it makes of windows int16 (N, samples), or of pictures uint8 (N, C, H, W)."""
        import torch

        from ...train.testing import evaluate

        parts = torch.split(raw, TOGETHER)
        logits = torch.cat(
            [evaluate(self.network, self.frontend.features(part), self.device) for part in parts]
        )
        logits = logits / self.temperature
        sure = torch.ones(len(raw), dtype=torch.bool) if self.unknown is None else self.unknown.knows(logits)
        return Judged(logits, sure)

    @property
    def clip(self) -> float:
        """The length of a window in seconds."""
        return self.frontend.frontend.clip

    def scores(self, windows: Iterable[Window], together: int = TOGETHER) -> Iterator[Score]:
        """What is heard in each window of a sound; so many windows are awaited and heard at once."""
        import torch

        rate, coming = self.frontend.frontend.rate, iter(windows)
        while batch := list(islice(coming, together)):
            waves = torch.stack([one.wave for one in batch])
            judged = self.judge(waves)
            heard = waves.any(dim=1) & judged.known
            rows = torch.where(heard[:, None], judged.probabilities, 0.0).tolist()
            for one, row in zip(batch, rows, strict=True):
                yield Score(one.middle / rate, tuple(row))

    def follow(
        self, blocks: Iterable[torch.Tensor], hop: float, count: int = SMOOTHED, together: int = TOGETHER
    ) -> Iterator[Score]:
        """The smoothed scores of a sound in blocks (n,) at the rate of the network, `hop` seconds apart.

        count: how many scores are smoothed to one, an odd number.
        """
        from ...data.own.streams import sliding

        of = self.frontend.frontend
        windows = sliding(blocks, of.samples, round(self.hop(hop) * of.rate))
        return smoothed(self.scores(windows, together), count)

    def hop(self, wanted: float) -> float:
        """The hop nearest to so many seconds: whole samples, at least one, and no more than a clip."""
        of = self.frontend.frontend
        return max(1, min(round(wanted * of.rate), of.samples)) / of.rate
