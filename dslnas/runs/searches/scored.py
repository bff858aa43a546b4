"""What the networks of a run without a supernet are scored with: one batch of its training clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...base.diagnostics import fail
from ...base.source import Span
from ...ir.graph import Program
from ...methods.method import SampledMethod
from ..experiment import Experiment

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ...data.features import Prepared
    from ...search.zerocost.scorer import Scorer

LEAST = 2  # clips that tell something about each other


@dataclass(frozen=True)
class Scored:
    """Makes scorers. program: of the networks that are handed over. wanted: their scores. clips: features
    (N, C, F, T) for each input. seed: of the run. span: where the scores are asked for.
    """

    program: Program
    wanted: tuple[str, ...]
    clips: Sequence[Tensor]
    seed: int
    span: Span | None = None

    def __call__(self, device: torch.device) -> Scorer:
        """A scorer on a device."""
        from ...search.zerocost.scorer import Scorer

        return Scorer(self.program, self.wanted, self.clips, self.seed, device, self.span)


def scored_on(experiment: Experiment, heard: Sequence[Prepared]) -> Scored:
    """What scores the networks of an experiment: a batch of the clips that train weights in other searches.

    heard: the data for each input of the network. The batch has `search.batch` clips, two at least. Raises
    DslnasError N0603 where there is a single clip.
    """
    import torch

    from ...train.batches import seeded
    from ..judging import judged_clips

    method, settings = experiment.method, experiment.settings
    assert isinstance(method, SampledMethod), "the method samples"
    clips = judged_clips(experiment, heard[0]).weights
    if len(clips) < LEAST:
        message = f"scores compare clips, and of the training clips {len(clips)} is left for that"
        raise fail("N0603", message, method.maximize_span, help="give it more recordings")
    drawn = torch.randperm(len(clips), generator=seeded(settings.seed, "scored"))
    some = clips[drawn[: max(LEAST, settings.search.batch)]]
    features = [one.train.features[some] for one in heard]
    return Scored(experiment.evaluation, method.maximize, features, settings.seed, method.maximize_span)
