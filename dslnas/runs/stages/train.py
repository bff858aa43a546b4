"""The training of a genotype from scratch: from data to a trained network."""

from __future__ import annotations

from ...base import run_folder as files
from ...ir.genotype import Genotype
from ...ir.positions import network_of
from ...ir.walk import cost
from ..searches.work import Work

RECORDS = 200  # lines of the history at most


def train(work: Work, genotype: Genotype) -> None:
    """Train to the end from the checkpoint on; figures go to the metrics, weights to the folder."""
    from ...train.loop import Schedule, run_loop
    from ...train.testing import evaluate, recognised, temperature
    from ...train.weights import save_weights
    from ..trainees import retraining

    folder, validation = work.folder, work.prepared.validation
    trainee = retraining(work.experiment, genotype, work.prepared, work.device)
    per_epoch = trainee.batches.per_epoch
    epochs = max(1, trainee.steps // per_epoch)
    schedule = Schedule(trainee.steps, per_epoch, min(RECORDS, epochs))
    seconds = run_loop(
        trainee,
        "train",
        schedule,
        folder,
        work.observer,
        work.device,
        work.checkpoint_seconds,
        work.events,
    )
    live = cost(*network_of(work.experiment.evaluation, genotype))
    with trainee.averaged():
        logits = evaluate(trainee.network, validation.features, work.device)
    folder.update_metrics(
        params={"live": live.params},
        macs={"live": live.macs},
        validation={"retrained": recognised(logits, validation.labels)},
        calibration={"temperature": temperature(logits, validation.labels)},
        time={"train": seconds},
    )
    with trainee.averaged():  # written last: it marks the training as done
        save_weights(folder.path / files.WEIGHTS, trainee.network)
    folder.drop_checkpoint()
