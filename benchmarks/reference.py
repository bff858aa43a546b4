"""A straightforward SS1 supernet that follows the original design of DARTS, for `step.py` to compare with.

Every candidate of every edge is a module of its own, called one after another; the memory layout is torch's
default; the architecture step is a whole backward pass whose weight gradients are thrown away. The network
is that of the ForceDARTS paper (weights on edges, affine batch norm after the stem alone, a hidden layer in
the head), its parameters in the order in which dslnas makes them, so that weights can be copied from one to
the other (`weights.py`). Which layers it is made of, real or complex ones, is given (`layers.py`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from layers import Layers
from torch import Tensor, nn

CANDIDATES = 7


class FactorizedReduce(nn.Module):
    def __init__(self, layers: Layers, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.relu = layers.relu()
        self.first = layers.conv(channels_in, channels_out // 2, 1, stride=2, bias=False)
        self.second = layers.conv(channels_in, channels_out // 2, 1, stride=2, bias=False)
        self.bn = layers.norm(channels_out, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        shifted = F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1))
        return self.bn(torch.cat([self.first(x), self.second(shifted)], dim=1))


class ReLUConvBN(nn.Sequential):
    def __init__(self, layers: Layers, channels_in: int, channels_out: int) -> None:
        super().__init__(
            layers.relu(),
            layers.conv(channels_in, channels_out, 1, bias=False),
            layers.norm(channels_out, affine=False),
        )


def _separable(layers: Layers, channels: int, kernel: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    window = {"stride": stride, "padding": dilation * (kernel // 2), "dilation": dilation}
    return [
        layers.relu(),
        layers.conv(channels, channels, kernel, **window, groups=channels, bias=False),
        layers.conv(channels, channels, 1, bias=False),
        layers.norm(channels, affine=False),
    ]


def candidates(layers: Layers, channels: int, stride: int) -> nn.ModuleList:
    """The seven candidates of SS1 in their order."""
    pools = (layers.max_pool(3, stride, 1), layers.avg_pool(3, stride, 1, count_include_pad=False))
    return nn.ModuleList(
        [
            *(nn.Sequential(pool, layers.norm(channels, affine=False)) for pool in pools),
            nn.Identity() if stride == 1 else FactorizedReduce(layers, channels, channels),
            *(
                nn.Sequential(
                    *_separable(layers, channels, kernel, stride), *_separable(layers, channels, kernel, 1)
                )
                for kernel in (3, 5)
            ),
            *(nn.Sequential(*_separable(layers, channels, kernel, stride, dilation=2)) for kernel in (3, 5)),
        ]
    )


class MixedOperation(nn.Module):
    def __init__(self, layers: Layers, channels: int, stride: int) -> None:
        super().__init__()
        self.candidates = candidates(layers, channels, stride)

    def forward(self, x: Tensor, alpha: Tensor) -> Tensor:
        return sum(weight * candidate(x) for weight, candidate in zip(alpha, self.candidates, strict=True))  # type: ignore[misc]


class DartsCell(nn.Module):
    def __init__(
        self,
        layers: Layers,
        nodes: int,
        older: int,
        newer: int,
        channels: int,
        reduction: bool,
        after_reduction: bool,
    ) -> None:
        super().__init__()
        self.nodes = nodes
        self.first = (FactorizedReduce if after_reduction else ReLUConvBN)(layers, older, channels)
        self.second = ReLUConvBN(layers, newer, channels)
        self.edges = nn.ModuleList(
            MixedOperation(layers, channels, 2 if reduction and source < 2 else 1)
            for node in range(nodes)
            for source in range(node + 2)
        )

    def forward(self, older: Tensor, newer: Tensor, alpha: Tensor, gamma: list[Tensor]) -> Tensor:
        states = [self.first(older), self.second(newer)]
        edge = 0
        for node in range(self.nodes):
            mixed = []
            for source, state in enumerate(states):
                mixed.append(gamma[node][source] * self.edges[edge](state, alpha[edge]))
                edge += 1
            states.append(sum(mixed))  # type: ignore[arg-type]
        return torch.cat(states[2:], dim=1)


class ReferenceSupernet(nn.Module):
    """(N, 1, F, T), real or complex as its layers are -> logits (N, classes); DARTS mixing, softmax over
    candidates and over the edges of a node.
    """

    def __init__(self, layers: Layers, nodes: int, channels: int, repeat: int, classes: int) -> None:
        super().__init__()
        self.nodes = nodes
        self.stem = nn.Sequential(
            layers.conv(1, 3 * channels, 3, padding=1, bias=False), layers.norm(3 * channels)
        )
        older = newer = 3 * channels
        after_reduction = False
        self.cells = nn.ModuleList()
        self.kinds: list[int] = []
        for stage in range(3):
            for position in range(repeat + 1):
                reduction = position == repeat
                if reduction and stage < 2:
                    channels *= 2
                self.cells.append(
                    DartsCell(layers, nodes, older, newer, channels, reduction, after_reduction)
                )
                self.kinds.append(int(reduction))
                older, newer, after_reduction = newer, nodes * channels, reduction
        self.head = nn.Sequential(
            layers.linear(newer, 128),
            layers.relu(),
            layers.to_real(),
            nn.Linear(128 * layers.parts, classes),
        )
        edges = nodes * (nodes + 3) // 2
        self.alpha = nn.ParameterList(nn.Parameter(1e-3 * torch.randn(edges, CANDIDATES)) for _ in range(2))
        self.gamma = nn.ParameterList(
            nn.Parameter(1e-3 * torch.randn(node + 2)) for _ in range(2) for node in range(nodes)
        )

    def architecture(self) -> list[nn.Parameter]:
        return [*self.alpha, *self.gamma]

    def weights(self) -> list[nn.Parameter]:
        own = {id(parameter) for parameter in self.architecture()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]

    def forward(self, x: Tensor) -> Tensor:
        older = newer = self.stem(x)
        for cell, kind in zip(self.cells, self.kinds, strict=True):
            alpha = F.softmax(self.alpha[kind], dim=-1)
            gammas = self.gamma[kind * self.nodes : (kind + 1) * self.nodes]
            older, newer = newer, cell(older, newer, alpha, [F.softmax(gamma, dim=-1) for gamma in gammas])
        return self.head(newer.mean(dim=(2, 3)))


class ReferenceSearch:
    """First-order DARTS: the architecture on a validation batch, then the weights on a training batch."""

    def __init__(self, supernet: ReferenceSupernet) -> None:
        self.supernet = supernet
        self.arch = torch.optim.Adam(supernet.architecture(), 3e-4, betas=(0.5, 0.999), weight_decay=1e-3)
        self.sgd = torch.optim.SGD(supernet.weights(), 0.025, momentum=0.9, weight_decay=3e-4)

    def step(self, search: tuple[Tensor, Tensor], train: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The losses of both halves, scalars."""
        features, labels = search
        self.arch.zero_grad()
        validation_loss = F.cross_entropy(self.supernet(features), labels)
        validation_loss.backward()
        self.arch.step()
        features, labels = train
        self.sgd.zero_grad()
        loss = F.cross_entropy(self.supernet(features), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.supernet.weights(), 5.0)
        self.sgd.step()
        return validation_loss.detach(), loss.detach()
