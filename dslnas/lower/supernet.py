"""The supernet: every candidate at every choice point, mixed by architecture parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..ir.graph import Program
from ..ir.schedule import Route
from ..ir.walk import Everything
from ..methods.method import RelaxedMethod
from ..passes import SUPERNET_PASSES, Pass, passes_of_paths, run_passes
from .gumbel import Draw, draw
from .network import GraphModule, flat_weights, initialise

# Mixing functions by the names that methods use; each maps logits (rows, options) to weights of that shape.
# The others do not treat a choice point by itself: `Architecture.mixed_gamma`.
MIXING_FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda logits: torch.softmax(logits, dim=-1),
    "sigmoid": torch.sigmoid,
    "gumbel": lambda logits: torch.softmax(logits, dim=-1),  # the probabilities that options are drawn with
}


class Architecture(nn.Module):
    """The architecture parameters: alpha for each choice point, gamma for each selection where edges have
    parameters of their own.

    Points with as many options share a matrix, one row each, so that few tensors are optimised.
    """

    one: Tensor

    def __init__(self, program: Program, method: RelaxedMethod, seed: int) -> None:
        super().__init__()
        self.options = {id: point.options for id, point in program.choices.items()}
        self.sources = {id: len(selection.sources) for id, selection in program.selections.items()}
        self.edges = {id: selection.edges for id, selection in program.selections.items()}
        self.mixing = method.mixing
        generator = torch.Generator().manual_seed(seed)
        counts = {id: len(options) for id, options in self.options.items()}
        self.alpha, self.alpha_rows = _matrices(counts, method.start, generator)
        self.drawn: Draw | None = None
        of_edges = self.sources if self.mixing["edges"] in MIXING_FUNCTIONS else {}
        self.gamma, self.gamma_rows = _matrices(of_edges, method.start, generator)
        self.register_buffer("one", torch.ones(()), persistent=False)

    def mixed_alpha(self) -> dict[str, Tensor]:
        """The weights of the options of every choice point: after the mixing function, or one-hot while a
        draw of them holds.
        """
        if self.drawn is not None:
            return {
                id: weights
                for size, ids in self.alpha_rows.items()
                for id, weights in zip(ids, self.drawn.weights(size, self.alpha[size]).unbind(), strict=True)
            }
        return self._mixed(self.alpha, self.alpha_rows, "candidates")

    def mixed_gamma(self) -> dict[str, Tensor]:
        """The weights of the incoming edges of every selection: after the mixing function, or 1 in a plain
        sum.
        """
        if self.mixing["edges"] == "sum":
            return {id: self.one.expand(count) for id, count in self.sources.items()}
        if self.mixing["edges"] == "joint":
            return self._joint()
        return self._mixed(self.gamma, self.gamma_rows, "edges")

    @contextmanager
    def drawing(self, temperature: float = 1.0, generator: torch.Generator | None = None) -> Iterator[None]:
        """A context in which one option of each choice point is drawn; without a generator, the likeliest."""
        self.drawn = draw(dict(self.alpha.items()), self.alpha_rows, self.options, temperature, generator)
        try:
            yield
        finally:
            self.drawn = None

    def _joint(self) -> dict[str, Tensor]:
        """The weights of edges under one softmax over all edges into a node and their candidates.

        Of exp(a_eo) / sum_e'o' exp(a_e'o') an edge has the part of all its candidates, and within the edge a
        candidate has softmax(a_e)_o (I-DARTS: Jiang et al., 2019). An edge without a choice counts as one
        candidate whose parameter is 0.
        """
        mass = {
            id: logit
            for size, ids in self.alpha_rows.items()
            for id, logit in zip(ids, self.alpha[size].logsumexp(-1).unbind(), strict=True)
        }
        zero = self.one - 1.0
        return {
            id: torch.softmax(torch.stack([mass.get(edge, zero) for edge in edges]), dim=-1)
            for id, edges in self.edges.items()
        }

    def _mixed(
        self, matrices: nn.ParameterDict, rows: Mapping[str, Sequence[str]], what: str
    ) -> dict[str, Tensor]:
        mix = MIXING_FUNCTIONS[self.mixing[what]]
        weights: dict[str, Tensor] = {}
        for size, ids in rows.items():
            weights |= dict(zip(ids, mix(matrices[size]).unbind(0), strict=True))
        return weights


def _matrices(
    sizes: Mapping[str, int], deviation: float, generator: torch.Generator
) -> tuple[nn.ParameterDict, dict[str, list[str]]]:
    """A matrix of normal noise for every number of options, and the ids of its rows."""
    rows: dict[str, list[str]] = defaultdict(list)
    for id, size in sizes.items():
        rows[str(size)].append(id)
    parameters = {
        size: nn.Parameter(deviation * torch.randn(len(ids), int(size), generator=generator))
        for size, ids in rows.items()
    }
    return nn.ParameterDict(parameters), dict(rows)


class Supernet(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes), under the present architecture parameters."""

    def __init__(
        self, program: Program, method: RelaxedMethod, seed: int, passes: Sequence[Pass] = SUPERNET_PASSES
    ) -> None:
        super().__init__()
        self.draws = method.temperature is not None
        passes = passes_of_paths(passes) if self.draws else passes
        packed = run_passes(program, passes)
        self.network = GraphModule(packed.network, packed, Everything())
        self.flat = nn.ModuleDict(
            {kind: flat_weights(packed, kind) for kind in sorted(self.network.blends())}
        )
        if passes:  # the weights that a seed draws do not depend on the passes
            plain = GraphModule(program.network, program, Everything())
            initialise(plain, seed)
            self.network.load_state_dict(plain.state_dict())
        else:
            initialise(self.network, seed)
        self.architecture = Architecture(program, method, seed)
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor, weights: Mapping[str, Tensor] | None = None) -> Tensor:
        """(N, C, F, T) -> logits (N, classes).

        weights: mixed weights in place of those of the architecture. While a draw holds, only the options
        drawn are computed; a method that draws takes the likeliest ones where it has neither.
        """
        if weights is None and self.draws and self.architecture.drawn is None:
            with self.architecture.drawing():
                return self.forward(x_NCFT)
        if weights is None:
            weights = self.architecture.mixed_alpha() | self.architecture.mixed_gamma()
        weights = {**weights, **{kind: flat(weights) for kind, flat in self.flat.items()}}
        drawn = self.architecture.drawn
        route = None if drawn is None else Route(drawn.path)
        logits: Tensor = self.network([x_NCFT.contiguous(memory_format=torch.channels_last)], weights, route)
        return logits
