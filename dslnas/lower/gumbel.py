"""One option of every choice point, drawn by its weight, with a gradient to all (hard Gumbel softmax).

GDAS (Dong & Yang, 2019), equations 5 to 7: with p the softmax of a point's architecture parameters and g
noise of Gumbel(0, 1), h = one_hot(argmax(log p + g)). Forward, h is exactly one-hot, so that the other
options need not be computed; backward, it has the gradient of softmax((log p + g) / temperature).

Which options are drawn is known on the host, where the noise is: the architecture parameters are read once
for each draw, which is free on a CPU and the one wait of a step elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ..ir.walk import Path


@dataclass(frozen=True)
class Draw:
    """The options drawn for matrices of logits (points, options), by the names of the matrices.

    noise: of the shape of each matrix and on its device; picked: the option of each row, (points,).
    path: the drawn options by choice point, for the walk.
    """

    temperature: float
    noise: Mapping[str, Tensor]
    picked: Mapping[str, Tensor]
    path: Path

    def weights(self, name: str, logits: Tensor) -> Tensor:
        """The weights of a matrix: exactly one-hot, with the gradient of the relaxed ones."""
        relaxed = torch.softmax((torch.log_softmax(logits, -1) + self.noise[name]) / self.temperature, -1)
        one_hot = torch.zeros_like(relaxed).scatter(1, self.picked[name].unsqueeze(1), 1.0)
        return one_hot + (relaxed - relaxed.detach())


def draw(
    matrices: Mapping[str, Tensor],
    rows: Mapping[str, list[str]],
    options: Mapping[str, tuple[str, ...]],
    temperature: float = 1.0,
    generator: Generator | None = None,
) -> Draw:
    """Draw one option for every row of the matrices of logits.

    rows: the choice point of each row; options: their names; generator: on the host. Without one there is no
    noise, and the likeliest options are taken.
    """
    noise: dict[str, Tensor] = {}
    picked: dict[str, Tensor] = {}
    path: dict[str, str] = {}
    for name, logits in matrices.items():
        gumbel = torch.zeros(logits.shape, dtype=logits.dtype)
        if generator is not None:
            gumbel = -gumbel.exponential_(generator=generator).log()
        drawn = (torch.log_softmax(logits.detach().cpu(), -1) + gumbel).argmax(-1)
        path |= {id: options[id][option] for id, option in zip(rows[name], drawn.tolist(), strict=True)}
        noise[name] = gumbel.to(logits.device, non_blocking=True)
        picked[name] = drawn.to(logits.device, non_blocking=True)
    return Draw(temperature, noise, picked, Path(path))
