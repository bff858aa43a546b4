"""Complex layers as somebody would take them today, those of complextorch on native complex64 tensors.

Its convolutions and linear layers are torch's on complex numbers (torch computes a complex convolution as
three real ones, of the real parts, of the imaginary parts and of their sums), its activations and average
pools treat both parts apart, its max pool selects by modulus, its batch norm whitens by the 2x2 covariance
(Trabelsi et al., 2018).
"""

from __future__ import annotations

from functools import partial

import complextorch.nn as complextorch
import torch
from layers import Layers
from torch import Tensor, nn


class RealAndImaginary(nn.Module):
    """(N, C) complex -> (N, 2C): both parts of a number side by side."""

    def forward(self, z: Tensor) -> Tensor:
        return torch.view_as_real(z).flatten(-2)


COMPLEX = Layers(
    complextorch.Conv2d,
    complextorch.BatchNorm2d,
    partial(complextorch.CReLU, inplace=False),  # in place it writes into what other candidates read
    complextorch.MagMaxPool2d,
    complextorch.AvgPool2d,
    complextorch.Linear,
    RealAndImaginary,
    parts=2,
)
