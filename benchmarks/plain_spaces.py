"""Two spaces as plain modules that build every candidate, as the code of FairNAS and its like does.

Nothing of `dslnas` is used: candidates stand in lists, a forward pass goes through those that a path names,
and layers are torch's own. A path is the option of each choice point, as the texts of the spaces name them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

Path = Mapping[str, str]


def _same(kernel: tuple[int, int]) -> tuple[int, int]:
    return kernel[0] // 2, kernel[1] // 2


def conv_norm(channels: int, out: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out))


def depthwise(channels: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    conv = nn.Conv2d(channels, channels, kernel, stride, _same(kernel), groups=channels, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(channels))


def numbers(option: str) -> list[int]:
    """The numbers of an option: `kernel = (1, 3)` -> 1, 3."""
    return [int(one) for one in re.findall(r"\d+", option)]


class Block(nn.Module):
    """`block` of `keywords.nas`: every kernel, every expansion."""

    KERNELS = ((1, 3), (3, 1), (3, 3), (1, 5), (5, 1), (5, 5))

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.listens = nn.ModuleList(depthwise(channels, kernel) for kernel in self.KERNELS)
        self.mixes = nn.ModuleDict()
        for factor in (1, 2, 4):
            wide, narrow = conv_norm(channels, factor * channels), conv_norm(factor * channels, channels)
            self.mixes[str(factor)] = nn.Sequential(wide, nn.ReLU(), narrow)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 0.1))

    def forward(self, x: Tensor, kernel: str, expand: str) -> Tensor:
        sides = numbers(kernel)
        listen = self.listens[self.KERNELS.index((sides[0], sides[-1]))]
        return x + self.scale * self.mixes[str(numbers(expand)[0])](listen(x))


def enter(channels: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(depthwise(channels, (3, 3), (stride, stride)), conv_norm(channels, out), nn.ReLU())


class Keywords(nn.Module):
    """`keywords.nas`: (N, 1, 32, 32) and a path -> logits."""

    WIDTHS = ((8,), (16, 32), (24, 48), (24, 56, 112))

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(1, 8, 3, 2), nn.ReLU())
        self.enters, self.blocks, self.heads = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        for stage in (1, 2, 3):
            for out in self.WIDTHS[stage]:
                for channels in self.WIDTHS[stage - 1]:
                    self.enters[f"{stage} {channels} {out}"] = enter(channels, out, 1 if stage == 1 else 2)
                self.blocks[f"{stage} {out}"] = nn.ModuleList(Block(out) for _ in range(2))
        for out in self.WIDTHS[3]:
            self.heads[str(out)] = nn.Linear(out, classes)

    def forward(self, x: Tensor, path: Path) -> Tensor:
        x, channels = self.stem(x), 8
        for stage in (1, 2, 3):
            out = numbers(path[f"network/enter_{stage}"])[0]
            x, channels = self.enters[f"{stage} {channels} {out}"](x), out
            for number, block in enumerate(
                self.blocks[f"{stage} {out}"][: int(path[f"network/depth_{stage}"])]
            ):
                place = 2 * stage - 1 + number
                x = block(x, path[f"network/listen_{place}"], path[f"network/mix_{place}"])
        return self.heads[str(channels)](x.mean((2, 3)))


class Bottleneck(nn.Module):
    """`mb` of `nasc.nas`: every kernel with every expansion, each with weights of its own."""

    def __init__(
        self, channels: int, out: int, along: str, stride: int, options: tuple[tuple[int, int], ...]
    ) -> None:
        super().__init__()
        self.adds = stride == 1 and channels == out
        self.candidates = nn.ModuleDict()
        for k, factor in options:
            wide = factor * channels
            kernel, strides = ((1, k), (1, stride)) if along == "time" else ((k, 1), (stride, 1))
            self.candidates[f"{k} {factor}"] = nn.Sequential(
                conv_norm(channels, wide),
                nn.ReLU6(),
                depthwise(wide, kernel, strides),
                nn.ReLU6(),
                conv_norm(wide, out),
            )

    def forward(self, x: Tensor, option: str) -> Tensor:
        h = self.candidates[" ".join(map(str, numbers(option)))](x)
        return x + h if self.adds else h


class NASC(nn.Module):
    """`nasc.nas`: (N, 1, 40, 501) and a path -> logits."""

    OUT = (32, 32, 32, 32, 40, 40, 40, 40, 80, 80, 80, 80, 96, 96, 96, 96, 192, 192, 192, 192)
    STRIDES: ClassVar = {2: 2, 5: 2, 6: 2, 9: 2, 17: 5, 18: 2}

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(1, 16, 3), nn.ReLU6())
        self.layers, channels = nn.ModuleList(), 16
        for place, out in enumerate(self.OUT, start=1):
            kernels, factors = ((5, 7), (3, 6, 8)) if place == 17 else ((3, 5, 7), (3, 6))
            options = tuple((k, factor) for k in kernels for factor in factors)
            along = "time" if place % 2 else "frequency"
            self.layers.append(Bottleneck(channels, out, along, self.STRIDES.get(place, 1), options))
            channels = out
        joined = nn.Conv2d(192, 192, (5, 1), bias=False)
        self.joined = nn.Sequential(joined, nn.BatchNorm2d(192), nn.ReLU6())
        self.gru = nn.GRU(192, 256, num_layers=2, batch_first=True)
        self.head = nn.Sequential(nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, classes))

    def forward(self, x: Tensor, path: Path) -> Tensor:
        x = self.stem(x)
        for place, layer in enumerate(self.layers, start=1):
            x = layer(x, path[f"network/mb_{place}"])
        sequence, _ = self.gru(self.joined(x).flatten(1, 2).transpose(1, 2))
        return self.head(sequence[:, -1])


def _norms(module: nn.Module) -> Iterator[nn.BatchNorm2d]:
    return (one for one in module.modules() if isinstance(one, nn.BatchNorm2d))


def train_batch(
    module: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, labels: Tensor, paths: list[Path]
) -> None:
    """The paths of a batch one after the other, gradients summed, one step."""
    module.train()
    optimizer.zero_grad()
    for path in paths:
        nn.functional.cross_entropy(module(x, path), labels).backward()
    optimizer.step()


@torch.no_grad()
def accuracy(module: nn.Module, path: Path, calibration: Tensor, x: Tensor, labels: Tensor) -> float:
    """The accuracy on clips after statistics are reset and taken from calibration clips, for a path alone."""
    for norm in _norms(module):
        norm.reset_running_stats()
        norm.momentum = None
    module.train()
    module(calibration, path)
    module.eval()
    return float((module(x, path).argmax(1) == labels).float().mean())
