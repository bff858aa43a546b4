"""Batches of a search whose steps read none."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import torch

from dslnas.train.batches import Batches


def unread() -> Any:
    """Batches of a single clip, which has no halves."""
    batches = Mock(spec=Batches, indices=torch.tensor([0]), seed=0)
    batches.split = SimpleNamespace(labels=torch.tensor([0]))
    return batches
