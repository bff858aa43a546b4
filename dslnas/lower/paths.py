"""The sampled supernet: the weights of every candidate, of which each call computes a single path.

A path is what a policy of `ir/walk.py` leaves: an option of each choice point, and the kept edges of each
node, whose plain sum the node is. A path computes what the pruned network of its genotype computes with the
same weights.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator

import torch
from torch import Tensor, nn

from ..ir.graph import Program
from ..ir.schedule import Route
from ..ir.walk import Chosen, Everything
from .network import GraphModule, initialise

ROUTES = 128  # that are remembered


class SampledSupernet(nn.Module):
    """(N, channels, frequency, time) and a path -> logits (N, classes).

    Nothing that is not on the path is computed: its weights get no gradient, its norms see no batch. Where
    the network has an input for each front end, a path reads one of them.
    """

    def __init__(self, program: Program, seed: int) -> None:
        super().__init__()
        self.program = program
        self.network = GraphModule(program.network, program, Everything())
        initialise(self.network, seed)
        self._routes: OrderedDict[Hashable, Route] = OrderedDict()
        self._parts = {one: dict(one.parts.items()) for one in self.modules() if isinstance(one, GraphModule)}
        self.to(memory_format=torch.channels_last)

    def route(self, path: Chosen) -> Route:
        """The instructions of a path; those of the latest paths are remembered."""
        key = _key(path)
        if key not in self._routes:
            self._routes[key] = Route(path)
            if len(self._routes) > ROUTES:
                self._routes.popitem(last=False)
        self._routes.move_to_end(key)
        return self._routes[key]

    def input_of(self, path: Chosen) -> int:
        """The number of the input that the network reads on a path, of `network.inputs`."""
        steps = self.route(path).through(self.network.graph)
        read = {source for step in steps for source in step.sources}
        return next(number for number, id in enumerate(self.network.inputs) if id in read)

    def forward(self, x_NCFT: Tensor, path: Chosen) -> Tensor:
        """(N, C, F, T) -> logits (N, classes) of the network on a path."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.network([x] * len(self.network.inputs), None, self.route(path))
        return logits

    def parts_on(self, path: Chosen) -> Iterator[nn.Module]:
        """The modules of the primitives on a path, one for each place where one stands."""
        yield from self._parts_of(self.network, self.route(path))

    def _parts_of(self, module: GraphModule, route: Route) -> Iterator[nn.Module]:
        parts = self._parts[module]
        for step in route.through(module.graph):
            part = parts.get(step.module)  # none of a mix, of a sum
            if isinstance(part, GraphModule):
                yield from self._parts_of(part, route)
            elif part is not None:
                yield part


def _key(path: Chosen) -> Hashable:
    return (
        frozenset(path.options.items()),
        frozenset(path.sources.items()),
        frozenset(path.several.items()),
    )
