"""Training batches whose order and augmentation follow from the seed and the step alone.

No step depends on earlier ones, so a resumed run continues exactly where it was.
"""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ..base.diagnostics import fail
from ..data.features import Split
from ..data.frontend.frontend import FrontEndModule
from .balance import class_weights, evenly, mixtures, partners


def seeded(*parts: int | str, device: torch.device | str = "cpu") -> Generator:
    """A generator whose state is a function of the parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return Generator(device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass
class Batches:
    """Shuffled batches of some clips of a split, augmented by the front end.

    indices: which clips (N,); the last, smaller batch of an epoch is left out where there is another.
    balance: what is done about classes of different sizes, of `classes` ones. `none`; `loss`: `weights` says
    what each counts in the loss; `sampling`: an epoch is as long and has as many clips of each class;
    `mixing`: the same, and a clip that comes again is mixed with another one of its class (`balance.py`).
    """

    split: Split
    indices: Tensor
    batch: int
    frontend: FrontEndModule
    seed: int
    name: str
    device: torch.device
    balance: str = "none"
    classes: int = 0

    def __post_init__(self) -> None:
        self._raw = self.split.raw.to(self.device)
        self._labels = self.split.labels.to(self.device)
        self._epoch = -1
        self._order = self.indices
        self._again = torch.zeros(0, dtype=torch.bool)

    def part(self, indices: Tensor, name: str) -> Batches:
        """Batches of other clips of the split under a name of their own; the data on the device is shared."""
        other = copy(self)
        other.indices, other.name, other._epoch, other._order = indices, name, -1, indices
        return other

    @property
    def weights(self) -> Tensor | None:
        """What each class counts in the loss, (classes,) on the device; None where all count as they come."""
        if self.balance != "loss":
            return None
        return class_weights(self.split.labels[self.indices], self.classes).to(self.device)

    @property
    def per_epoch(self) -> int:
        """The number of batches in an epoch, at least 1."""
        return max(1, len(self.indices) // self.batch)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """The features (N, C, F, T) and labels (N,) of a step, counted from 0."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._shuffle(seeded(self.seed, self.name, "order", epoch))
            self._epoch = epoch
        rows = slice(position * self.batch, (position + 1) * self.batch)
        chosen = self._order[rows]
        raw = self._raw[chosen]
        if self.balance == "mixing":
            raw = self._mixed(raw, chosen, rows, seeded(self.seed, self.name, "mixing", step))
        generator = seeded(self.seed, self.name, "augment", step, device=self.device)
        return self.frontend.augmented(raw, generator), self._labels[chosen]

    def _shuffle(self, generator: Generator) -> None:
        """The order of an epoch."""
        if self.balance in ("sampling", "mixing"):
            drawn = evenly(self.split.labels[self.indices], generator)
            places, self._again = drawn.places, drawn.again.to(self.device)
        else:
            places = torch.randperm(len(self.indices), generator=generator)
        self._order = self.indices[places].to(self.device)

    def _mixed(self, raw_NS: Tensor, chosen: Tensor, rows: slice, generator: Generator) -> Tensor:
        """The waves of a batch, those that the epoch has had before as mixtures."""
        labels = self.split.labels[self.indices]
        others = self.indices[partners(labels, self._labels[chosen].cpu(), generator)].to(self.device)
        return torch.where(self._again[rows, None], mixtures(raw_NS, self._raw[others], generator), raw_NS)


def halves(labels: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Split clips into those that train the weights and those that train the architecture, class by class.

    labels (N,); share: of each class, for the weights. A class with a single clip trains the weights. Raises
    DslnasError N0605 where no class has two.
    """
    generator = seeded(seed, "halves")
    first: list[Tensor] = []
    second: list[Tensor] = []
    for label in torch.unique(labels):
        clips = torch.nonzero(labels == label).flatten()
        clips = clips[torch.randperm(len(clips), generator=generator)]
        cut = min(max(1, round(share * len(clips))), max(1, len(clips) - 1))
        first.append(clips[:cut])
        second.append(clips[cut:])
    if not sum(map(len, second)):
        message = "no class has two recordings to train on: one half of them trains the architecture"
        raise fail("N0605", message, help="add recordings; to train a genotype that is known, `dslnas train`")
    return torch.cat(first).sort().values, torch.cat(second).sort().values
