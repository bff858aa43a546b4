"""Torch modules over the steps of time: recurrent units, the two products of attention, learned steps."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

TRUNCATED = (
    0.02  # the standard deviation with which learned steps begin, as in the code of vision transformers
)


class GRU(nn.GRU):
    """(N, C, F, T) or (N, C, T) -> (N, hidden, T): gated recurrent units over time.

    `bidirectional` ones hand out (N, 2 * hidden, T), those that go forward first.
    """

    def __init__(self, features: int, hidden: int, layers: int, bidirectional: bool = False) -> None:
        super().__init__(features, hidden, layers, batch_first=True, bidirectional=bidirectional)

    def forward(self, x_NCFT: Tensor) -> Tensor:  # type: ignore[override]
        """(N, C, F, T) or (N, C, T) -> (N, hidden, T); a step reads all channels and frequencies at once."""
        steps_NTH, _ = super().forward(x_NCFT.flatten(1, -2).transpose(1, 2))
        return steps_NTH.transpose(1, 2)


class LSTM(nn.LSTM):
    """(N, C, F, T) or (N, C, T) -> (N, hidden, T): units with a long short-term memory, as `GRU`."""

    def __init__(self, features: int, hidden: int, layers: int, bidirectional: bool = False) -> None:
        super().__init__(features, hidden, layers, batch_first=True, bidirectional=bidirectional)

    def forward(self, x_NCFT: Tensor) -> Tensor:  # type: ignore[override]
        """(N, C, F, T) or (N, C, T) -> (N, hidden, T); a step reads all channels and frequencies at once."""
        steps_NTH, _ = super().forward(x_NCFT.flatten(1, -2).transpose(1, 2))
        return steps_NTH.transpose(1, 2)


class Last(nn.Module):
    """(N, C, T) or (N, C, 1, T) -> (N, C): the last step."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T) or (N, C, 1, T) -> (N, C)."""
        return x.flatten(1, -2)[:, :, -1]


class Scores(nn.Module):
    """(N, C, Q), (N, C, K) -> (N, heads, K, Q): products of steps over the root of C / heads.

    Either may be (N, C, 1, steps).
    """

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """(N, C, Q), (N, C, K) -> (N, heads, K, Q)."""
        q, k = (torch.unflatten(one.flatten(1, -2), 1, (self.heads, -1)) for one in (query, key))
        return torch.matmul(k.transpose(2, 3), q) / math.sqrt(q.shape[2])


class Attend(nn.Module):
    """(N, heads, K, Q), (N, C, K) -> (N, C, Q), or (N, C, 1, K) -> (N, C, 1, Q): weighted sums of steps."""

    def forward(self, weights: Tensor, values: Tensor) -> Tensor:
        """(N, heads, K, Q), (N, C, K) -> (N, C, Q)."""
        v = torch.unflatten(values.flatten(1, -2), 1, (weights.shape[1], -1))
        made = (v @ weights).flatten(1, 2)
        return made.unsqueeze(2) if values.dim() == 4 else made


class Position(nn.Module):
    """(N, C, ..., T) plus a learned `weight` (C, T), the same at every frequency."""

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, steps))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw from a normal distribution of standard deviation `TRUNCATED`, cut off at 2."""
        nn.init.trunc_normal_(self.weight, std=TRUNCATED)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T) or (N, C, F, T), unchanged in shape."""
        return x + (self.weight[:, None] if x.dim() == 4 else self.weight)


class Token(nn.Module):
    """(N, C, ..., T) -> (N, C, ..., T + 1): a learned `weight` (C,) behind the last step."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw from a normal distribution of standard deviation `TRUNCATED`, cut off at 2."""
        nn.init.trunc_normal_(self.weight, std=TRUNCATED)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T) -> (N, C, T + 1), or with an axis of size 1 between."""
        step = self.weight.view(-1, *(1,) * (x.dim() - 2)).expand(*x.shape[:-1], 1)
        return torch.cat((x, step), dim=-1)
