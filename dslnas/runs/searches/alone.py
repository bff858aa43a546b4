"""Judges the networks of a run without a supernet: each is trained for a short while, from new weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...ir.analysis.genes import Candidate, Genes
from ...ir.walk import Chosen
from ...methods.method import SampledMethod
from ..experiment import Experiment
from ..judging import trained_apart

if TYPE_CHECKING:
    import torch

    from ...data.features import Prepared, Split
    from ...ir.graph import GraphNode


@dataclass(frozen=True)
class Alone:
    """Makes judges that train. heard: the data for each input of the network, whose validation judges."""

    experiment: Experiment
    heard: tuple[Prepared, ...]

    @property
    def judging(self) -> Sequence[Split]:
        """The clips that figures are of."""
        return [one.validation for one in self.heard]

    def __call__(self, device: torch.device) -> ShortTraining:
        """A judge on a device."""
        return ShortTraining(self.experiment, self.heard, device)


def alone_on(experiment: Experiment, heard: Sequence[Prepared]) -> Alone:
    """What trains the networks of an experiment, each alone: on the clips that train weights in any search.

    heard: the data for each input of the network. Those that judge the architecture judge.
    """
    return Alone(experiment, tuple(trained_apart(experiment, one) for one in heard))


class ShortTraining:
    """Tells what networks recognise once they are trained for the steps that the method says.

    All are trained alike: with the same seed, on the same batches, by the retraining of the experiment with
    fewer steps. So a figure depends on the network alone.
    """

    def __init__(self, experiment: Experiment, heard: Sequence[Prepared], device: torch.device) -> None:
        method = experiment.method
        assert isinstance(method, SampledMethod), "the method samples"
        self.experiment, self.heard, self.device = experiment.shortened(method.trained), heard, device
        self._genes = Genes.of(experiment.evaluation, method.keeping)

    def figures_of(self, paths: Sequence[Chosen]) -> Iterator[dict[str, float]]:
        """The figures of the network on each path, each as soon as it is there."""
        for path in paths:
            yield self.figures(path)

    def figures(self, path: Chosen) -> dict[str, float]:
        """The accuracy and the macro F1, each 0 .. 1, of the network on a path on the clips that judge."""
        from ...train.testing import evaluate, qualities
        from ..trainees import trained

        candidate: Candidate = {**path.options, **path.sources}
        genotype = self._genes.genotype(candidate, self.experiment.space_hash, self.experiment.method.name)
        own, heard = self.experiment.decided_by(genotype), self.heard[self._input(genotype.choices)]
        network = trained(own, genotype, heard, self.device)
        logits = evaluate(network, heard.validation.features, self.device)
        return qualities(logits, heard.validation.labels, len(heard.classes))

    def _input(self, choices: Sequence[tuple[str, str]]) -> int:
        """The number of the input that a network reads: of several, where the space chooses a front end."""
        nodes = self.experiment.supernet.network.of_kind("input")
        return next(number for number, node in enumerate(nodes) if front_end_of(node) <= set(choices))


def front_end_of(node: GraphNode) -> set[tuple[str, str]]:
    """The options of a front end for which the network has an input."""
    return {(point.id, option) for point, option in node.variant}
