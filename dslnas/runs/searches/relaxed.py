"""The search of a run by a relaxed method: the mixture of all options is trained, then pruned."""

from __future__ import annotations

from ...base.run_folder import SUPERNET
from ...ir.genotype import Genotype
from ...prune.prune import prune_as
from ...prune.validate import validate
from ..metrics import search_figures, stage_figures
from .work import Work


def search(work: Work) -> Genotype:
    """Search to the end from the checkpoint on; figures go to the metrics, weights to the folder."""
    from ...search.relaxed.inherited import pruning_figures
    from ...train.weights import save_weights
    from ..trainees import searching

    experiment, folder, prepared = work.experiment, work.folder, work.prepared
    trainee = searching(experiment, prepared, work.device)
    seconds = work.train(trainee)
    found = trainee.search  # of the last stage
    alpha, gamma = found.mixed()
    pruned = prune_as(found.method, found.program, alpha, gamma, experiment.space_hash)
    genotype = validate(pruned, experiment.supernets[-1])
    figures = {}  # empty where the supernet was never trained
    if trainee.steps:
        figures = pruning_figures(found, genotype, prepared.validation, trainee.train, trainee.steps)
    folder.update_metrics(**search_figures(found, genotype, experiment.evaluation, alpha))
    stages = stage_figures(experiment, trainee.kept)
    several = {"stages": stages} if len(stages) > 1 else {}
    folder.update_metrics(
        search={"steps": trainee.steps, **several},
        **trainee.agreements(),
        params={"supernet": max(stage["params"] for stage in stages.values())},
        validation=figures,
        time={"search": seconds},
    )
    save_weights(folder.path / SUPERNET, found.supernet)
    return genotype
