"""What a relaxed search of a run finds: by its weights, or by what networks recognise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from ...ir.genotype import Genotype
from ...methods.deciding import Rerank
from ...prune.prune import prune_as
from ..judging import judged_clips
from .work import RECORDS, Work

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ...search.decided.rerank import NetworkOf
    from ...search.relaxed.progressive import Searching
    from ...search.relaxed.step import RelaxedSearch
    from ...train.loop import Trainee

    class Decider(Trainee, Protocol):
        """What decides, one step at a time."""

        @property
        def steps(self) -> int:
            """The steps in all."""
            ...

        @property
        def genotype(self) -> Genotype:
            """What is found once all steps are done."""
            ...

        def describe(self) -> dict[str, Any]:
            """What was decided, as a part of the metrics."""
            ...


STAGE = "decide"


def resumed(work: Work, searching: Searching) -> bool:
    """Whether a run was stopped while it decided; its search is then as the checkpoint has it.

    Raises DslnasError N0701 where the checkpoint cannot be used.
    """
    from ...train.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(work.folder)
    if checkpoint is None or checkpoint.get("stage") != STAGE:
        return False
    try:
        searching.load_state_dict(checkpoint["state"]["search"])
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        (reason, *_) = str(error).splitlines() or [type(error).__name__]
        raise work.folder.bad_checkpoint(f"does not fit this run: {reason}") from None
    return True


def decide(work: Work, searching: Searching) -> tuple[Genotype, Mapping[str, Any]]:
    """The genotype of a finished search, and figures of how it was decided for the metrics.

    By networks of its supernet where the method says so, or by networks that are trained for a short while;
    a killed run goes on to the same genotype.
    """
    from ...train.loop import Schedule, run_loop

    search, space_hash = searching.search, work.experiment.space_hash
    deciding = search.method.deciding
    inherits = not isinstance(deciding, Rerank) or deciding.inherits
    if deciding is None or (inherits and not searching.steps):
        return prune_as(search.method, search.program, *search.mixed(), space_hash), {}
    decider = _decider(work, searching)
    if not decider.steps:  # nothing is left to decide
        return decider.genotype, {}
    schedule = Schedule(decider.steps, decider.steps, min(RECORDS, decider.steps))
    seconds = run_loop(
        decider,
        STAGE,
        schedule,
        work.folder,
        work.observer,
        work.device,
        work.checkpoint_seconds,
        work.events,
    )
    return decider.genotype, {"decide": decider.describe(), "time": {"decide": seconds}}


def _decider(work: Work, searching: Searching) -> Decider:
    from ...search.decided.draws import drawn_genotypes
    from ...search.decided.perturb import Perturbing
    from ...search.decided.rerank import Reranking

    experiment, search = work.experiment, searching.search
    clips, seed, space_hash = (
        judged_clips(experiment, work.prepared),
        experiment.settings.seed,
        experiment.space_hash,
    )
    judging, deciding = work.prepared.train.part(clips.architecture), search.method.deciding
    if isinstance(deciding, Rerank):
        candidates = drawn_genotypes(
            search.method, search.program, *search.mixed(), space_hash, deciding.sample, seed
        )
        trained, steps = clips.weights, deciding.train
        inherits = deciding.inherits
        network_of = _inheriting(work, search, trained) if inherits else _trained(work, trained, steps)
        return Reranking(searching, candidates, network_of, judging, steps)
    assert deciding is not None, "the method says how it decides"
    return Perturbing(searching, deciding, judging, experiment.settings.search.batch, space_hash)


def _inheriting(work: Work, search: RelaxedSearch, trained: Tensor) -> NetworkOf:
    """Networks with weights of the supernet. trained: the indices of the clips that trained it."""
    import torch

    from ...search.decided.rerank import Inheriting
    from ...search.sampled.clips import CALIBRATION, fitting
    from ...train.batches import seeded

    order = torch.randperm(len(trained), generator=seeded(work.experiment.settings.seed, "calibration"))
    some = trained[order[: min(CALIBRATION, fitting(search.program))]]
    return Inheriting(search, work.prepared.train.features[some])


def _trained(work: Work, trained: Tensor, steps: int) -> NetworkOf:
    """Networks trained from new weights for so many steps, on the clips of the indices `trained`."""
    from ..trainees import trained as trained_alone

    short = work.experiment.shortened(steps)
    prepared = replace(work.prepared, train=work.prepared.train.part(trained))

    def network_of(genotype: Genotype) -> nn.Module:
        return trained_alone(short, genotype, prepared, work.device)

    return network_of
