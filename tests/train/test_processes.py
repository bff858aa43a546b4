"""Processes that train together: parts of a batch sum up to the whole."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from recordings import refused
from torch import nn

from dslnas.lower.modules.modules import BatchNorm2d
from dslnas.train.processes import ALONE, Processes

CPU = torch.device("cpu")


@pytest.mark.parametrize("weights", [None, torch.tensor([0.5, 2.0, 0.0])])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_parts_sum_up_to_the_mean_of_the_batch(count: int, weights: torch.Tensor | None) -> None:
    logits, labels = torch.randn(7, 3), torch.tensor([0, 1, 2, 0, 0, 1, 2])
    all_of_them = [Processes(rank, count) for rank in range(count)]
    parts = [one.part(logits) for one in all_of_them]
    assert torch.equal(torch.cat(parts), logits)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    losses = [one.mean_loss(part, labels, weights) for one, part in zip(all_of_them, parts, strict=True)]
    torch.testing.assert_close(sum(losses), F.cross_entropy(logits, labels, weights))
    means = [one.mean(part[:, 0], 7) for one, part in zip(all_of_them, parts, strict=True)]
    torch.testing.assert_close(sum(means), logits[:, 0].mean())


def test_what_processes_cannot_train_is_told() -> None:
    norms, two = nn.Sequential(nn.Conv2d(1, 2, 3), BatchNorm2d(2)), Processes(1, 2)
    two.check(norms, 2, CPU)
    help = refused(
        "N0603", "a batch of 1 clips is too small for 2 processes", lambda: two.check(norms, 1, CPU)
    )
    assert "search.batch" in help
    others = nn.Sequential(nn.BatchNorm2d(2))
    refused("N0603", "BatchNorm2d of a primitive of your own", lambda: two.check(others, 2, CPU))
    refused("N0603", "mps", lambda: two.check(norms, 2, torch.device("mps")))
    ALONE.check(others, 1, CPU)
