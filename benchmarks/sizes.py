"""The supernets and batches that are measured: SS1, at the sizes of table 2 of the ForceDARTS
paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dslnas.elaborate.space import Setup, build
from dslnas.ir.graph import Program
from dslnas.ir.verify import verify
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Size:
    """The supernet and the batch of a data set."""

    data: str
    nodes: int
    channels: int
    repeat: int
    batch: int
    classes: int
    domain: str = "real"


SIZES = {
    "sc09-real": Size("sc09", 3, 16, 2, 96, 10),
    "sc35-real": Size("sc35", 4, 18, 2, 72, 35),
    "esc50-real": Size("esc50", 4, 18, 2, 12, 50),
    "quick": Size("sc09", 3, 8, 1, 32, 10),
    "sc09-complex": Size("sc09", 3, 14, 1, 96, 10, "complex"),
    "sc35-complex": Size("sc35", 4, 14, 1, 72, 35, "complex"),
    "esc50-complex": Size("esc50", 4, 14, 1, 12, 50, "complex"),
    "quick-complex": Size("sc09", 3, 8, 1, 32, 10, "complex"),
}


def experiment(size: Size, method: str = "darts") -> Experiment:
    """SS1 under a method at a size; its data is never read."""
    settings = {"nodes": size.nodes, "channels": size.channels, "repeat": size.repeat, "batch": size.batch}
    overrides = [f"search.{key}={value}" for key, value in settings.items()]
    names = [f"class{number}" for number in range(size.classes)]
    overrides += [f"domain={size.domain}", f"method={method}"]
    return load("ss1", Request(data=size.data, classes=names, overrides=overrides))


def unpassed(one: Experiment) -> Program:
    """The supernet as it is built, before any pass."""
    setup = Setup(one.settings.search.parameters, one.frontend.output, len(one.classes))
    program, _ = build(one.space, one.definitions.ops, setup)
    assert program is not None, "SS1 is well formed"
    return verify(program, "build")


def batches(one: Experiment, size: Size, device: torch.device) -> tuple[Batch, Batch]:
    """Noise as features, for the architecture and for the weights; complex ones as pairs of channels."""
    generator = torch.Generator().manual_seed(0)
    shape = (size.batch, *one.frontend.output.stored)
    labels = (torch.arange(size.batch) % size.classes).to(device)
    held, train = (torch.randn(shape, generator=generator).to(device) for _ in range(2))
    return (held, labels), (train, labels)
