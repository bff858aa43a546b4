"""The reference with the weights and the architecture of a search of ours."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from layers import REAL, Layers
from reference import ReferenceSearch, ReferenceSupernet
from sizes import Size, unpassed
from torch import Tensor, nn

from dslnas.ir.walk import Everything
from dslnas.lower.network import GraphModule
from dslnas.runs.experiment import Experiment
from dslnas.search.relaxed.step import RelaxedSearch


def layers_of(domain: str) -> Layers:
    """The layers of a domain; complex ones need complextorch, of the extra `test`."""
    if domain == "real":
        return REAL
    from complex_layers import COMPLEX

    return COMPLEX


@torch.no_grad()
def reference_of(one: Experiment, size: Size, search: RelaxedSearch) -> ReferenceSearch:
    """The reference that computes what a search does."""
    supernet = ReferenceSupernet(layers_of(size.domain), size.nodes, size.channels, size.repeat, size.classes)
    state = search.supernet.network.state_dict()
    plain = unpassed(one)
    names = [name for name, _ in GraphModule(plain.network, plain, Everything()).named_parameters()]
    values = iter([state[name].cpu() for name in names])
    for module in (one for part in (supernet.stem, supernet.cells, supernet.head) for one in part.modules()):
        _fill(module, values)
    assert next(values, None) is None, "both have the same layers"
    _copy_architecture(supernet, search)
    return ReferenceSearch(supernet.to(search.device))


def in_domain(features: Tensor, domain: str) -> Tensor:
    """Features as the reference takes them: pairs of channels (N, 2C, F, T) as complex ones (N, C, F, T)."""
    if domain == "real":
        return features
    return torch.complex(features[:, 0::2], features[:, 1::2])


def _fill(module: nn.Module, values: Iterator[Tensor]) -> None:
    """Give the own parameters of a module the next values of ours, whose complex weights are pairs."""
    own = list(module.parameters(recurse=False))
    if own and own[0].dim() == 3:  # a whitening norm: (2, 2, C) of scales and (2, C) of shifts
        (real, imaginary), cross, bias = next(values).view(-1, 2).unbind(1), next(values), next(values)
        own[0].copy_(torch.stack((real, cross, cross, imaginary)).view(2, 2, -1))
        own[1].copy_(bias.view(-1, 2).t())
        return
    for parameter in own:
        value = next(values)
        parameter.copy_(torch.complex(value[0::2], value[1::2]) if parameter.is_complex() else value)


def _copy_architecture(supernet: ReferenceSupernet, search: RelaxedSearch) -> None:
    architecture = search.supernet.architecture
    for kind, cell in enumerate(("normal", "reduction")):
        for matrix, rows in zip(architecture.alpha.values(), architecture.alpha_rows.values(), strict=True):
            edges = [row for row, id in enumerate(rows) if id.startswith(f"{cell}/")]
            supernet.alpha[kind].copy_(matrix[edges])
        for node in range(supernet.nodes):
            rows = architecture.gamma_rows[str(node + 2)]
            row = architecture.gamma[str(node + 2)][rows.index(f"{cell}/n{node + 1}")]
            supernet.gamma[kind * supernet.nodes + node].copy_(row)
