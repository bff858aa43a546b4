"""Genotypes compared as networks: with the weights that they inherit from a supernet, or trained shortly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...data.features import Split
from ...ir.genotype import Genotype
from ...lower.modules.norms import Norms
from ...train.testing import evaluate
from ..relaxed.inherited import inherited
from ..relaxed.progressive import Searching
from ..relaxed.step import RelaxedSearch

NetworkOf = Callable[[Genotype], nn.Module]
WORST = 1e6  # the loss of a network that answers with no number


class Inheriting:
    """From a genotype to its network with the weights of a supernet, which stay as they are.

    Each has running statistics of its own: those of `calibration`, features (N, C, F, T) of training clips
    that go through it as one batch (Guo et al., 2020), so that a figure depends on the candidate alone.
    """

    def __init__(self, search: RelaxedSearch, calibration: Tensor) -> None:
        self.search, self.calibration = search, calibration

    def __call__(self, genotype: Genotype) -> nn.Module:
        search = self.search
        network = inherited(search.supernet, search.program, genotype).to(search.device).eval()
        norms = Norms(network)
        norms.reset()
        with torch.no_grad(), norms.estimating():
            network(self.calibration.to(search.device))
        return network


class Reranking:
    """A finished search whose candidates are judged, one a step; the best of them is found.

    network_of: makes the network of a candidate, as it is judged. judging: the clips that figures are of.
    trained: the steps that it trains a network for, 0 where these inherit their weights.
    """

    def __init__(
        self,
        searching: Searching,
        candidates: Sequence[Genotype],
        network_of: NetworkOf,
        judging: Split,
        trained: int = 0,
    ) -> None:
        self.searching, self.candidates = searching, candidates
        self.network_of, self.judging, self.trained = network_of, judging, trained
        self.figures: list[tuple[float, float]] = []  # of each candidate that is judged: accuracy and loss

    @property
    def steps(self) -> int:
        """The candidates."""
        return len(self.candidates)

    def step(self, step: int) -> Mapping[str, Tensor]:
        """Judge a candidate."""
        network = self.network_of(self.candidates[step])
        logits = evaluate(network, self.judging.features, self.searching.search.device)
        labels = self.judging.labels
        accuracy = ((logits.argmax(1) == labels) & logits.isfinite().all(1)).float().mean()
        loss = F.cross_entropy(logits, labels).nan_to_num(WORST, WORST).clamp(max=WORST)
        self.figures[step:] = [(float(accuracy), float(loss))]
        return {"accuracy": accuracy}

    @property
    def best(self) -> int:
        """The most accurate candidate; of equals the first, so that the one of the greatest weights stays."""
        accuracies = [accuracy for accuracy, _ in self.figures]
        return accuracies.index(max(accuracies))

    @property
    def genotype(self) -> Genotype:
        """The best candidate."""
        return self.candidates[self.best]

    def record(self) -> dict[str, Any]:
        """Nothing: the figures of a step say it all."""
        return {}

    def describe(self) -> dict[str, Any]:
        """What was decided, as a part of the metrics; the first candidate is that of the greatest weights."""
        first = decisions_of(self.candidates[0])
        return {
            "by": "rerank",
            "clips": len(self.judging),
            "trained": self.trained,
            "chosen": self.best,
            "candidates": [
                {"accuracy": accuracy, "loss": loss, "differs": len(decisions_of(one) - first)}
                for one, (accuracy, loss) in zip(self.candidates, self.figures, strict=True)
            ],
        }

    def state_dict(self) -> dict[str, Any]:
        """The search and the figures so far."""
        return {"search": self.searching.state_dict(), "figures": [list(pair) for pair in self.figures]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the state of a checkpoint."""
        self.figures = [(float(accuracy), float(loss)) for accuracy, loss in state["figures"]]


def decisions_of(genotype: Genotype) -> set[tuple[str, ...]]:
    """What a genotype decides: each kept edge with its operation, and each choice beside the cells."""
    edges = {
        (cell.name, node.name, edge.source, edge.operation)
        for cell in genotype.cells
        for node in cell.nodes
        for edge in node.edges
    }
    return edges | {(id, option) for id, option in genotype.choices}
