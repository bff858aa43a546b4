"""Folds the layers of complex networks into plain real convolutions, for networks that are trained no more.

A complex convolution is a real one with structured weights, and a complex batch norm in evaluation is a 2x2
matrix and a shift for each channel: together they are one real convolution with bias. Exported files keep
them apart to be trained on; models that only run do not need it.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import Graph, GraphModule, Node, Tracer

from ..complex_parts import structured

CONVOLUTION, LINEAR, NORM = "ComplexConv2d", "ComplexLinear", "ComplexBatchNorm2d"


class _Layers(Tracer):
    """Follows a network down to its layers: those of torch, and those that hold weights of their own."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether a module is not looked into."""
        own = [*m.parameters(recurse=False), *m.buffers(recurse=False)]
        return bool(own) or _kind(m).startswith("Complex") or super().is_leaf_module(m, module_qualified_name)


@torch.no_grad()
def folded(network: nn.Module) -> nn.Module:
    """An exported network in evaluation that computes the same up to rounding; a real one is left as it is.

    network: of the classes of an exported file, known by their names.
    """
    if not any(_kind(module) in (CONVOLUTION, LINEAR, NORM) for module in network.modules()):
        return network
    whole = deepcopy(network)
    graph = _Layers().trace(whole)
    traced = GraphModule(whole, graph)
    uses = Counter(node.target for node in graph.nodes if node.op == "call_module")
    for node in list(graph.nodes):
        if node.op == "call_module" and uses[node.target] == 1:
            _fold(traced, graph, node)
    graph.lint()
    traced.delete_all_unused_submodules()
    traced.recompile()
    return traced.eval()


def _fold(network: GraphModule, graph: Graph, node: Node) -> None:
    """Write one layer as a real convolution; a norm right behind a convolution becomes a part of it."""
    layer: Any = network.get_submodule(str(node.target))
    if _kind(layer) == CONVOLUTION:
        network.set_submodule(str(node.target), _convolution(layer))
    elif _kind(layer) == LINEAR:
        network.set_submodule(str(node.target), _linear(layer))
    elif _kind(layer) == NORM:
        matrices, shifts = _affine(layer)
        before = node.args[0]
        assert isinstance(before, Node), "a norm reads a value"
        source = network.get_submodule(str(before.target)) if before.op == "call_module" else None
        if isinstance(source, nn.Conv2d) and source.bias is None and len(before.users) == 1:
            network.set_submodule(str(before.target), _joined(source, matrices, shifts))
            node.replace_all_uses_with(before)
            graph.erase_node(node)
        else:
            network.set_submodule(str(node.target), _pointwise(matrices, shifts))


def _convolution(layer: Any) -> nn.Conv2d:
    weight = structured(layer.weight)
    channels_in, channels_out = weight.shape[1] * layer.groups, weight.shape[0]
    kernel = (weight.shape[2], weight.shape[3])
    found = nn.Conv2d(
        channels_in,
        channels_out,
        kernel,
        layer.stride,
        layer.padding,
        layer.dilation,
        layer.groups,
        bias=False,
    )
    found.weight.copy_(weight)
    return found


def _linear(layer: Any) -> nn.Linear:
    weight = structured(layer.weight)
    found = nn.Linear(weight.shape[1], weight.shape[0], bias=layer.bias is not None)
    found.weight.copy_(weight)
    if layer.bias is not None:
        found.bias.copy_(layer.bias)
    return found


def _affine(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """A norm in evaluation as matrices (C, 2, 2) and shifts (2C,): by what it makes of 0, 1 and i."""
    exact = deepcopy(norm).double().eval()
    channels = len(next(norm.buffers()))
    zero = torch.zeros(channels // 2, 2, dtype=torch.double)
    one, turned = zero.clone(), zero.clone()
    one[:, 0], turned[:, 1] = 1, 1
    shift, first, second = (exact(x.view(1, -1, 1, 1)).view(-1, 2) for x in (zero, one, turned))
    return torch.stack((first - shift, second - shift), 2), shift.flatten()


def _joined(layer: nn.Conv2d, matrices: Tensor, shifts: Tensor) -> nn.Conv2d:
    """A convolution, and then a matrix and a shift for each complex channel, as one."""
    found = nn.Conv2d(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size,  # type: ignore[arg-type]  # pairs, of two axes
        layer.stride,  # type: ignore[arg-type]
        layer.padding,  # type: ignore[arg-type]
        layer.dilation,  # type: ignore[arg-type]
        layer.groups,
    )
    assert found.bias is not None
    pairs = torch.unflatten(layer.weight.double(), 0, (-1, 2))
    found.weight.copy_(torch.einsum("cij,cj...->ci...", matrices, pairs).flatten(0, 1))
    found.bias.copy_(shifts)
    return found


def _pointwise(matrices: Tensor, shifts: Tensor) -> nn.Conv2d:
    """A matrix and a shift for each complex channel as a grouped convolution of single pixels."""
    found = nn.Conv2d(len(shifts), len(shifts), 1, groups=len(matrices))
    assert found.bias is not None
    found.weight.copy_(matrices.flatten(0, 1)[:, :, None, None])
    found.bias.copy_(shifts)
    return found


def _kind(module: nn.Module) -> str:
    return type(module).__name__
