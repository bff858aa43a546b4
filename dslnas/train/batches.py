"""Training batches whose order and augmentation follow from the seed and the step alone.

No step depends on earlier ones, so a resumed run continues exactly where it was. Clips that stay on disk are
read for the next step while this one is computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from ..base.diagnostics import fail
from ..data.cache.ahead import Ahead
from ..data.cache.rows import StoredRows
from ..data.features import Split
from ..data.frontend.frontend import FrontEndModule
from .balance import class_weights, evenly, mixtures, partners


def seeded(*parts: int | str, device: torch.device | str = "cpu") -> Generator:
    """A generator whose state is a function of the parts."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return Generator(device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass(frozen=True)
class Taken:
    """The clips of a step before they are augmented: waves or images (N, ...) and labels (N,).

    mixed: what clips that come again are mixed with; None where none is.
    """

    raw: Tensor
    labels: Tensor
    mixed: Mixed | None = None

    def each(self, change: Callable[[Tensor], Tensor]) -> Taken:
        """The same with each tensor changed."""
        mixed = self.mixed
        if mixed is not None:
            mixed = replace(mixed, others=change(mixed.others), again=change(mixed.again))
        return Taken(change(self.raw), change(self.labels), mixed)


@dataclass(frozen=True)
class Mixed:
    """Another clip of its class for each of a step, (N, ...), and whether it is mixed with that, (N,).

    chance: of the mixtures, on the host.
    """

    others: Tensor
    again: Tensor
    chance: Generator


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
        raw = self.split.raw
        self._on_disk = isinstance(raw, StoredRows)
        self._raw = raw if isinstance(raw, StoredRows) else raw.to(self.device)
        self._labels = self.split.labels if self._on_disk else self.split.labels.to(self.device)
        self._begin()

    def _begin(self) -> None:
        """Forget the order of the epoch that was last asked for."""
        self._epoch, self._order = -1, self.indices
        self._again = torch.zeros(0, dtype=torch.bool)
        self._ahead = Ahead(self._taken) if self._on_disk else None

    def part(self, indices: Tensor, name: str) -> Batches:
        """Batches of other clips of the split under a name of their own; the data on the device is shared."""
        other = copy(self)
        other.indices, other.name = indices, name
        other._begin()
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
        """The features (N, C, F, T) and labels (N,) of a step, counted from 0.

        Raises DslnasError N0701 where clips that stay on disk can no longer be read.
        """
        taken = self._taken(step) if self._ahead is None else self._on_device(self._ahead.at(step))
        raw, mixed = taken.raw, taken.mixed
        if mixed is not None:
            raw = torch.where(mixed.again[:, None], mixtures(raw, mixed.others, mixed.chance), raw)
        generator = seeded(self.seed, self.name, "augment", step, device=self.device)
        return self.frontend.augmented(raw, generator), taken.labels

    def _taken(self, step: int) -> Taken:
        """The clips of a step, on the device where all of them are there, else read from disk."""
        epoch, position = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._shuffle(seeded(self.seed, self.name, "order", epoch))
            self._epoch = epoch
        rows = slice(position * self.batch, (position + 1) * self.batch)
        chosen = self._order[rows]
        labels = self._labels[chosen]
        if self.balance != "mixing":
            return Taken(self._raw[chosen], labels)
        chance = seeded(self.seed, self.name, "mixing", step)
        places = partners(self.split.labels[self.indices], labels.cpu(), chance)
        others = self.indices[places].to(self._order.device)
        return Taken(self._raw[chosen], labels, Mixed(self._raw[others], self._again[rows], chance))

    def _on_device(self, taken: Taken) -> Taken:
        """Clips that were read from disk on the device, which is not waited for.

        The thread that reads leaves the GPU alone: it may be recording a step just then (`replay.py`).
        """
        if self.device.type != "cuda":
            return taken.each(lambda one: one.to(self.device))
        return taken.each(lambda one: one.pin_memory().to(self.device, non_blocking=True))

    def _shuffle(self, generator: Generator) -> None:
        """The order of an epoch."""
        where = torch.device("cpu") if self._on_disk else self.device
        if self.balance in ("sampling", "mixing"):
            drawn = evenly(self.split.labels[self.indices], generator)
            places, self._again = drawn.places, drawn.again.to(where)
        else:
            places = torch.randperm(len(self.indices), generator=generator)
        self._order = self.indices[places].to(where)


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
