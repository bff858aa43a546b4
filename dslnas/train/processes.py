"""Several processes that train one network, as `torchrun` starts them: on one machine or on several.

Each has a part of every batch. Nothing else differs between them: all draw the same batches, take the sum of
all gradients and the same step, so that their weights stay the same to the bit. The sum is formed once a
batch, over all gradients in one tensor: torch's `DistributedDataParallel` would sum at each backward pass, of
which a batch of a supernet has many, and would not know weights that no path used.

The first process leads: it alone reads what the user asks for, writes files and shows progress. The others
follow: they wait for what it tells them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..base.diagnostics import fail
from ..lower.modules.kernel_modes import statistics_together
from ..lower.modules.modules import BatchNorm2d

LONG = timedelta(days=365)  # that followers wait: an evolution of the leader has no end that is known


@dataclass(frozen=True)
class Processes:
    """The processes that train together: how many they are, and which of them this one is, from 0."""

    rank: int = 0
    count: int = 1

    def part(self, rows: Tensor) -> Tensor:
        """The rows of a batch (N, ...) that are this process's; parts differ by one row at most."""
        return rows if self.count == 1 else rows.tensor_split(self.count)[self.rank]

    def statistics(self) -> AbstractContextManager[None]:
        """The context of a training step: batch norms normalise by the whole batch."""
        return nullcontext() if self.count == 1 else statistics_together()

    def mean_loss(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
        """What this process has in the mean cross entropy of a batch.

        logits (n, classes): of its part; labels (N,): of the whole batch; weights (classes,): what each class
        counts. Over all processes it sums up to the mean.
        """
        if self.count == 1:
            return F.cross_entropy(logits, labels, weights)
        counts = float(len(labels)) if weights is None else weights[labels].sum()
        return F.cross_entropy(logits, self.part(labels), weights, reduction="sum") / counts

    def mean(self, values: Tensor, whole: int) -> Tensor:
        """What this process, which has values (n,), has in the mean over a batch of `whole` rows."""
        return values.mean() if self.count == 1 else values.sum() / whole

    @torch.no_grad()
    def sum_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors of one device by their sums over all processes, in a single reduction."""
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([one.reshape(-1) for one in tensors])
        dist.all_reduce(flat)
        parts = torch.split(flat, [one.numel() for one in tensors])
        torch._foreach_copy_(
            list(tensors), [p.view(one.shape) for p, one in zip(parts, tensors, strict=True)]
        )

    def check(self, module: nn.Module, batch: int, device: torch.device) -> None:
        """Raise DslnasError N0603 where the processes cannot train a module with batches of so many clips."""
        if self.count == 1:
            return
        if batch < self.count:
            message = f"a batch of {batch} clips is too small for {self.count} processes"
            raise fail("N0603", message, help="start fewer processes, or take a larger `search.batch`")
        if device.type == "mps":
            raise fail("N0603", "several processes do not train on mps", help="`--device cpu`")
        for one in module.modules():
            if isinstance(one, _BatchNorm) and not isinstance(one, BatchNorm2d):
                message = f"{type(one).__name__} of a primitive of your own normalises by a part of the batch"
                raise fail("N0603", message, help="use `bn` of the language, or start one process")


ALONE = Processes()


def present() -> Processes:
    """The processes that have joined; one where none has."""
    return Processes(dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else ALONE


def join() -> Processes:
    """Meet the other processes that `torchrun` has started; each takes a GPU of its own where there are some.

    Tensors of CPUs go by gloo, those of GPUs by NCCL.
    """
    gpus = torch.cuda.device_count()
    if gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % gpus)
    dist.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=LONG)
    return present()


@contextmanager
def leading(order: object) -> Iterator[None]:
    """A context of work that all processes do at once: the leader tells the others what it is."""
    global _at_work
    _tell(order)
    _at_work = True
    yield
    _at_work = (
        False  # not where the work broke off: the others then wait in the midst of it, and hear nothing
    )


def hear() -> Any:
    """What the leader tells next; waits for it. None: it has ended."""
    told: list[Any] = [None]
    dist.broadcast_object_list(told, src=0, device=torch.device("cpu"))
    if told[0] is None:
        dist.barrier()
    return told[0]


def leave() -> None:
    """Leave the other processes, as each does at its end; those that wait for the leader end as well.

    Connections stay until the process ends: that takes them down by itself.
    """
    if dist.is_initialized() and dist.get_rank() == 0 and not _at_work:
        _tell(None)
        dist.barrier()  # none takes its connections down while another still hears


_at_work = False


def _tell(order: object) -> None:
    dist.broadcast_object_list([order], src=0, device=torch.device("cpu"))
