"""Classes of different sizes in training: weights for the loss, draws that are even, and mixtures of clips.

Mixtures are those of Inoue et al. ("Shuffling and Mixing Data Augmentation for Environmental Sound
Classification", 2019), with which NASC-net raises its minority classes: two clips of a class are cut into
pieces, the pieces are shuffled, and the two are mixed. How long the pieces are, and at which ratio clips are
mixed, the text of NASC-net does not say. It makes such clips once; here every batch has its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

PIECES = 5  # of a clip that is shuffled
LEAST_SHARE = 0.25  # of one of the two clips in a mixture
FADE = 1 / 20  # of a piece, over which it sets in and ends: clicks at the cuts would tell mixtures apart


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """The weight of each class in the loss, (classes,): every class that is there counts as much in all.

    labels (N,): those of the clips that train; the mean of their weights is 1. A class without clips has 0.
    """
    counts = torch.bincount(labels, minlength=classes).float()
    return torch.where(counts > 0, len(labels) / ((counts > 0).sum() * counts.clamp(min=1)), 0.0)


@dataclass(frozen=True)
class Drawn:
    """The clips of an epoch in their order. places (N,): where each stands in the list that is drawn from.

    again (N,): whether the epoch has had the clip before.
    """

    places: Tensor
    again: Tensor


def evenly(labels: Tensor, generator: Generator) -> Drawn:
    """As many clips as there are, equally many of each class but for one, in random order.

    labels (N,). The clips of a class take turns: none comes again before all of them were there.
    """
    classes = torch.unique(labels)
    each, left = divmod(len(labels), len(classes))
    places: list[Tensor] = []
    again: list[Tensor] = []
    for turn, which in enumerate(torch.randperm(len(classes), generator=generator).tolist()):
        clips = torch.nonzero(labels == classes[which]).flatten()
        count = each + (turn < left)
        rounds = -(-count // len(clips))
        turns = [clips[torch.randperm(len(clips), generator=generator)] for _ in range(rounds)]
        places.append(torch.cat(turns)[:count])
        again.append(torch.arange(count) >= len(clips))
    order = torch.randperm(len(labels), generator=generator)
    return Drawn(torch.cat(places)[order], torch.cat(again)[order])


def partners(labels: Tensor, wanted: Tensor, generator: Generator) -> Tensor:
    """For each wanted class (B,) the place of a random clip of it in labels (N,): (B,)."""
    by_class = torch.argsort(labels, stable=True)
    counts = torch.bincount(labels)
    first = counts.cumsum(0) - counts
    number = (torch.rand(len(wanted), generator=generator) * counts[wanted]).long()
    return by_class[first[wanted] + number.clamp(max=counts[wanted] - 1)]


def mixtures(waves_NS: Tensor, others_NS: Tensor, generator: Generator) -> Tensor:
    """Each clip and another one of its class, both in shuffled pieces, mixed at a random ratio: (N, S).

    waves_NS, others_NS: of one type, int16 as they are stored or float. generator: of the host.
    """
    drawn = torch.rand((len(waves_NS), 1), generator=generator).to(waves_NS.device)
    share = LEAST_SHARE + (1 - 2 * LEAST_SHARE) * drawn
    mixed = share * _shuffled(waves_NS, generator) + (1 - share) * _shuffled(others_NS, generator)
    return (mixed if waves_NS.is_floating_point() else mixed.round()).to(waves_NS.dtype)


def _shuffled(waves_NS: Tensor, generator: Generator) -> Tensor:
    """The pieces of each clip in another order; what is left at its end stays there. float32 (N, S)."""
    count, samples = waves_NS.shape
    length = samples // PIECES
    order = torch.rand((count, PIECES), generator=generator).argsort(1).to(waves_NS.device)
    pieces = waves_NS[:, : PIECES * length].float().view(count, PIECES, length)
    place = torch.arange(length, device=waves_NS.device) + 0.5
    edge = torch.minimum(place, length - place) / max(1.0, FADE * length)
    pieces = pieces.gather(1, order[:, :, None].expand(-1, -1, length)) * edge.clamp(max=1)
    return torch.cat((pieces.flatten(1), waves_NS[:, PIECES * length :].float()), 1)
