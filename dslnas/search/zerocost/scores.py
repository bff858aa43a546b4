"""Scores of an untrained network: synflow, the covariance of its Jacobians, and its codes of activations.

Each is a number of a network with new weights, and more of it is better. None looks at a label.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite, log

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from ...lower.modules.complex_modules import ComplexBatchNorm2d, ComplexInstanceNorm2d
from ...lower.modules.reductions import ChannelNorm, ComplexSubSpectralNorm, SubSpectralNorm

K = 1e-5  # of Mellor et al.: what is added to eigenvalues
TINY = sys.float_info.min  # in place of 0, of which there is no logarithm
NORMS = (
    _BatchNorm,
    _InstanceNorm,
    ComplexBatchNorm2d,
    ComplexInstanceNorm2d,
    SubSpectralNorm,
    ComplexSubSpectralNorm,
    ChannelNorm,
    nn.GroupNorm,
)
UNITS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU)  # piecewise-linear, with one kink at 0


def flowing(network: nn.Module) -> nn.Module:
    """Make a network one that lets what is positive flow, in place; returns it.

    Every weight is its modulus, in double precision. Norms are left out, and so is the bound of `relu6`,
    which sums of moduli pass at once. Nothing is in training.
    """
    network.double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, NORMS):
                setattr(parent, name, nn.Identity())
            elif isinstance(child, nn.ReLU6):
                setattr(parent, name, nn.ReLU())
    return network


def synflow(network: nn.Module, shape: Sequence[int]) -> float:
    """The natural logarithm of the synaptic flow of a network, which is spent on it: `flowing` changes it.

    With R the sum of what the network makes of one example (1, *shape) of ones, it is the sum over all
    weights w of |w dR/dw| (Tanaka et al., 2020; summed up by Abdelfattah et al., 2021). Biases take part in R
    and not in the sum. A network of L layers without biases has L times the sum over all paths from an input
    to an output of the product of the moduli on it. The logarithm keeps the order. No flow counts as the
    smallest of all numbers. Raises OverflowError where the flow is none that floats hold.
    """
    flowing(network)
    weights = [one for name, one in network.named_parameters() if not _is_bias(name)]
    for one in weights:
        one.requires_grad_(True)
    device = next((one.device for one in network.parameters()), None)
    flow = network(torch.ones(1, *shape, dtype=torch.float64, device=device)).sum()
    gradients = (
        torch.autograd.grad(flow, weights, allow_unused=True) if weights and flow.requires_grad else ()
    )
    parts = [
        float((weight.detach() * gradient).abs().sum())
        for weight, gradient in zip(weights, gradients, strict=False)
        if gradient is not None
    ]
    total = sum(parts)
    if not isfinite(total):
        raise OverflowError("the flow is none that floats hold")
    return log(max(total, TINY))


def _is_bias(name: str) -> bool:
    """Whether a parameter is added, as `bias`, and `bias_ih_l0` of recurrent units."""
    return name.rpartition(".")[2].startswith("bias")


def jacob_cov(jacobians: Tensor) -> float:
    """The covariance score of the Jacobians (N, ...) of N examples (Mellor et al., 2020, first version).

    With v the eigenvalues of their correlation matrix it is -sum(log(v + k) + 1/(v + k)), k = 1e-5: the more,
    the less alike. Where one of them does not vary, or is not finite, nothing is told apart: the score is the
    least, that of N equal ones.
    """
    count = len(jacobians)
    rows = jacobians.reshape(count, -1).to("cpu", torch.float64)
    rows = rows - rows.mean(1, keepdim=True)
    lengths = rows.norm(dim=1, keepdim=True)
    if bool(torch.isfinite(lengths).all() and (lengths > 0).all()):
        rows = rows / lengths
        correlations = rows @ rows.T
    else:
        correlations = torch.ones(count, count, dtype=torch.float64)
    shifted = torch.linalg.eigvalsh(correlations).clamp(min=0.0) + K
    return -float((shifted.log() + 1 / shifted).sum())


def kernel_of(codes: Sequence[Tensor]) -> Tensor:
    """The kernel (N, N) of binary codes (N, ...), one tensor a layer: on how many units two examples agree.

    That is N_A less the Hamming distance of Mellor et al. (2021): whole numbers, in double precision.
    """
    assert codes, "a network without units has no codes"
    kernel = torch.zeros(len(codes[0]), len(codes[0]), dtype=torch.float64)
    for layer in codes:
        on = layer.reshape(len(layer), -1).double()
        off = 1 - on
        kernel += (on @ on.T + off @ off.T).cpu()
    return kernel


def naswot(kernel: Tensor) -> float:
    """The logarithm of the determinant of the kernel of codes (N, N) (Mellor et al., 2021).

    Where examples share a code the determinant is 0: eigenvalues that rounding cannot tell from 0 count as
    that bound, and those of a kernel of zeros as the smallest of all numbers.
    """
    values = torch.linalg.eigvalsh(kernel)
    bound = max(TINY, float(values.abs().max()) * len(values) * sys.float_info.epsilon)
    return float(values.clamp(min=bound).log().sum())


@contextmanager
def coding(network: nn.Module, codes: list[Tensor]) -> Iterator[None]:
    """A context in which a pass adds to `codes` which units are on: the signs of what they take (N, ...)."""

    def note(module: nn.Module, taken: tuple[Tensor, ...]) -> None:
        codes.append(taken[0].detach() > 0)

    hooks = [one.register_forward_pre_hook(note) for one in network.modules() if isinstance(one, UNITS)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
