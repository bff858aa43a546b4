"""The search of a run by a relaxed method: the mixture of all options is trained, then pruned."""

from __future__ import annotations

from typing import Any

from ...base.run_folder import SUPERNET
from ...ir.genotype import Genotype
from ...prune.validate import validate
from ..metrics import search_figures, stage_figures
from .decide import decide, resumed
from .work import Work


def search(work: Work) -> Genotype:
    """Search to the end from the checkpoint on; figures go to the metrics, weights to the folder."""
    from ...search.relaxed.inherited import pruning_figures
    from ...train.testing import accuracy
    from ...train.weights import save_weights
    from ..trainees import searching

    experiment, folder, prepared = work.experiment, work.folder, work.prepared
    trainee = searching(experiment, prepared, work.device)
    if not resumed(work, trainee):
        folder.update_metrics(time={"search": work.train(trainee, trainee.ended)})
        if trainee.steps:  # what decides may train it on
            mixes = accuracy(trainee.search.supernet, prepared.validation, work.device)
            folder.update_metrics(validation={"supernet": mixes})
    found = trainee.search  # of the last stage
    alpha, _ = found.mixed()
    decided, told = decide(work, trainee)
    genotype = validate(decided, experiment.supernets[-1])
    figures = {}  # empty where the supernet was never trained
    if trainee.steps:
        figures = pruning_figures(found, genotype, prepared.validation, trainee.train, trainee.steps)
        figures["supernet"] = folder.metrics()["validation"]["supernet"]
    folder.update_metrics(**search_figures(found, genotype, experiment.evaluation, alpha))
    stages = stage_figures(experiment, trainee.kept)
    several: dict[str, Any] = {"stages": stages} if len(stages) > 1 else {}
    if trainee.done < trainee.steps:
        several["stopped"] = trainee.done
    folder.update_metrics(
        search={"steps": trainee.steps, **several, **trainee.eigenvalues.figures()},
        **trainee.agreements(),
        params={"supernet": max(stage["params"] for stage in stages.values())},
        validation=figures,
        **told,
    )
    save_weights(folder.path / SUPERNET, found.supernet)
    return genotype
