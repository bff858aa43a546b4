"""The signal of a search: how far two halves of the clips that judge agree, and two thirds of its way.

Both are cheap. Eight times in a search the gradient of the architecture is taken on a batch of each half of
the clips, which changes nothing; and the architecture parameters are copied twice on the way. All of it stays
on the device until the search is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...base.diagnostics import DslnasError
from ...train.batches import Batches, halves
from .second_order import restored
from .step import Batch, RelaxedSearch

MOMENTS = 8  # of a search at which the halves are asked
DRAWS = 200  # of the batches that were asked, with replacement
Rows = dict[str, Tensor]  # matrices as those of the architecture: a row for each choice point


def witnesses(held: Batches) -> tuple[Batches, Batches] | None:
    """Batches of two halves of the clips that judge, class by class; None where two clips each are not left.

    The halves follow from the seed.
    """
    try:
        one, other = halves(held.split.labels[held.indices], 0.5, held.seed)
    except DslnasError:
        return None
    if min(len(one), len(other)) < 2:  # a norm may have a single value of one
        return None
    return held.part(held.indices[one], "signal-one"), held.part(held.indices[other], "signal-other")


class Signal:
    """What a search in training says of itself, gathered over its `moving` steps of the architecture."""

    def __init__(self, moving: int) -> None:
        self.moving = moving
        self.halves: tuple[Rows, Rows] = ({}, {})  # sums of gradients
        self.heard: list[Rows] = []  # the gradient on each batch
        self.whole = True  # whether that is of all batches: an older checkpoint keeps their sums alone
        self.ways: list[Rows] = []  # the architecture after one and after two thirds of the steps

    def asks(self, done: int) -> bool:
        """Whether the halves are asked before a step, where `done` moving steps are done."""
        return (done + 1) * MOMENTS // self.moving > done * MOMENTS // self.moving

    def hear(self, gradients: tuple[Rows, Rows]) -> None:
        """Add the gradients of both halves."""
        self.heard += gradients
        for sums, found in zip(self.halves, gradients, strict=True):
            for size, rows in found.items():
                sums[size] = sums[size] + rows if size in sums else rows

    def pass_by(self, search: RelaxedSearch, done: int) -> None:
        """Copy the architecture where a third of the way ends after `done` moving steps."""
        if self.moving >= 3 and done in (self.moving // 3, 2 * self.moving // 3):
            self.ways.append(architecture_of(search))

    def figures(self, search: RelaxedSearch) -> dict[str, Any]:
        """The agreements as plain figures; without what could not be measured. Waits for the device.

        rows: choice points with more than one option that may remain; chance: the share of them on which two
        that know nothing agree.
        """
        may = _may_remain(search)
        free = torch.cat([rows.sum(1) for rows in may.values()]) if may else torch.zeros(0)
        free = free[free > 1]
        if not len(free):
            return {}
        found: dict[str, Any] = {"rows": len(free), "chance": float((1 / free.double()).mean())}
        one, other = self.halves
        if one and other:  # a gradient points away from the option that it favours
            found["halves"] = _agreement(_negative(one), _negative(other), may, "gradient")
        if self.whole and len(self.heard) > 1:
            found["survives"] = survival(self.heard, architecture_of(search), may)
        if len(self.ways) == 2:
            first, second = self.ways
            end = architecture_of(search)
            moves = [{size: b[size] - a[size] for size in b} for a, b in ((first, second), (second, end))]
            found["thirds"] = {
                "same": same_best(second, end, may),
                **_correlated("movement", moves[0], moves[1], may),
            }
        return found

    def state_dict(self) -> dict[str, Any]:
        """What was gathered, for the checkpoint."""
        return {
            "halves": [dict(sums) for sums in self.halves],
            "heard": [dict(rows) for rows in self.heard],
            "ways": [dict(rows) for rows in self.ways],
        }

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on from the state of a checkpoint."""

        def there(rows: Mapping[str, Tensor]) -> Rows:
            return {size: tensor.to(device) for size, tensor in rows.items()}

        self.whole = "heard" in state
        self.heard = [there(rows) for rows in state.get("heard", ())]
        one, other = (there(sums) for sums in state["halves"])
        self.halves, self.ways = (one, other), [there(rows) for rows in state["ways"]]


def gradient_of(search: RelaxedSearch, batch: Batch) -> Rows:
    """The gradient of the cross entropy by the parameters of the choice points; the search stays as it is.

    The regularizers of the method are left out: they are the same for any clips.
    """
    x_NCFT, labels = batch
    alpha = search.supernet.architecture.alpha
    search.supernet.train()
    with restored(list(search.supernet.network.buffers())):
        with search.autocast:
            logits = search.supernet(x_NCFT, search.training_weights())
        loss = F.cross_entropy(logits.float(), labels, search.class_weights)
        found = torch.autograd.grad(loss, list(alpha.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(alpha.keys(), found, strict=True))


def architecture_of(search: RelaxedSearch) -> Rows:
    """A copy of the parameters of the choice points."""
    return {size: rows.detach().clone() for size, rows in search.supernet.architecture.alpha.items()}


def _may_remain(search: RelaxedSearch) -> Rows:
    """Which options may remain: those that hand out nothing but zeros never do. On the CPU."""
    points = search.program.choices
    return {
        size: torch.tensor([[option in points[id].remaining for option in points[id].options] for id in ids])
        for size, ids in search.supernet.architecture.alpha_rows.items()
    }


def _negative(rows: Rows) -> Rows:
    return {size: -tensor for size, tensor in rows.items()}


def _agreement(one: Rows, other: Rows, may: Rows, name: str) -> dict[str, float]:
    return {"same": same_best(one, other, may), **_correlated(name, one, other, may)}


def same_best(one: Rows, other: Rows, may: Rows) -> float:
    """The share of rows whose greatest value is at the same option in both, of those that may remain."""
    same = []
    for size, allowed in may.items():
        free = allowed.sum(1) > 1
        best = [_of(rows, size).masked_fill(~allowed, -torch.inf).argmax(1) for rows in (one, other)]
        same.append((best[0] == best[1])[free])
    return float(torch.cat(same).double().mean())


def survival(heard: Sequence[Rows], end: Rows, may: Rows) -> float:
    """The share of decisions, 0 .. 1, that other batches of the clips that judge would have favoured as well.

    The batches whose gradients were heard are drawn anew with replacement (a bootstrap, Efron, 1979): how
    often the option of the greatest parameter at the end is the one that their sum favours, over all rows.
    """
    drawn = torch.randint(len(heard), (DRAWS, len(heard)), generator=torch.Generator().manual_seed(0))
    counts = torch.nn.functional.one_hot(drawn, len(heard)).sum(1).double()  # (draws, batches)
    same = []
    for size, allowed in may.items():
        each = torch.stack([-_of(rows, size) for rows in heard])  # (batches, rows, options)
        sums = torch.einsum("db,bro->dro", counts, each).masked_fill(~allowed, -torch.inf)
        best = _of(end, size).masked_fill(~allowed, -torch.inf).argmax(1)
        same.append((sums.argmax(2) == best)[:, allowed.sum(1) > 1].double())
    return float(torch.cat(same, dim=1).mean())


def correlation(one: Rows, other: Rows, may: Rows) -> float | None:
    """The correlation of the values in both, each less the mean of its row; None where one does not vary."""
    parts: list[Sequence[Tensor]] = []
    for size, allowed in may.items():
        free = allowed & (allowed.sum(1, keepdim=True) > 1)
        count = free.sum(1, keepdim=True).clamp_min(1)
        values = [_of(rows, size) * free for rows in (one, other)]
        parts.append([(value - value.sum(1, keepdim=True) / count)[free] for value in values])
    a, b = (torch.cat([part[side] for part in parts]) for side in (0, 1))
    scale = float((a.square().sum() * b.square().sum()).sqrt())
    return float((a * b).sum()) / scale if scale > 0 else None


def _correlated(name: str, one: Rows, other: Rows, may: Rows) -> dict[str, float]:
    found = correlation(one, other, may)
    return {} if found is None else {name: found}


def _of(rows: Rows, size: str) -> Tensor:
    return rows[size].detach().cpu().double()
