"""The search of a run by a sampled method: a supernet is trained by paths, then evolution looks for paths.

What is trained first is kept as `supernet.safetensors`; from there on `evaluations.jsonl` is the only state,
so that a killed search goes on to the same front. Accuracies are judged in the supernet; parameters,
multiply-accumulates and memory are those of the network that is handed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...base.diagnostics import DslnasError, fail
from ...base.run_folder import SUPERNET, RunFolder
from ...ir.analysis.genes import Candidate, Genes
from ...ir.analysis.prices import Pricing
from ...ir.genotype import Genotype
from ...ir.walk import Chosen, Everything, cost
from ...methods.method import SampledMethod
from ...prune.validate import validate
from ...train.observer import Observer
from ..experiment import Experiment
from .work import Work

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from ...search.evolved.evolve import Progress
    from ...search.sampled.judge import Judge

RECORDS = 60  # lines of the history at most
STAGE = "evolve"


def search(work: Work) -> Genotype:
    """Search to the end from where it is; figures go to the metrics, weights and the front to the folder.

    Raises DslnasError N0601 where no network that was evaluated keeps to what the method requires.
    """
    from ...search.evolved.archive import EVALUATIONS, Archive
    from ...search.evolved.evolve import evolve
    from ...search.evolved.front_file import FRONT, to_front, write_front

    experiment, folder, method = work.experiment, work.folder, sampled(work.experiment)
    if not folder.has(SUPERNET):
        _train(work)
    started = time.monotonic()
    genes = genes_of(experiment)
    assess = Assessor(experiment, genes, judge_of(work))
    work.observer.begin(STAGE, 2 * method.population * method.generations)
    archive = Archive.open(folder.path / EVALUATIONS)
    seed = experiment.settings.seed
    evolved = evolve(genes, method, assess, seed, archive, _shown(work.observer))
    front = to_front(evolved, genes, experiment.space_hash, method.name)
    write_front(front, folder.path / FRONT)
    figures = {"evaluations": front.evaluations, "front": len(front.points)}
    seconds = folder.metrics().get("time", {}).get("supernet", 0.0) + time.monotonic() - started
    folder.update_metrics(search=figures, time={"search": seconds})
    if front.knee is None:
        raise _nothing_keeps(method, folder)
    genotype = validate(front.knee.genotype, experiment.supernet)
    live = cost(experiment.evaluation, Chosen.of(genotype))
    folder.update_metrics(
        params={"live": live.params},
        macs={"live": live.macs},
        validation={"recalibrated": front.knee.figures["accuracy"]},
    )
    return genotype


def sampled(experiment: Experiment) -> SampledMethod:
    """The method of an experiment, which is a sampled one."""
    assert isinstance(experiment.method, SampledMethod), "the method samples"
    return experiment.method


def genes_of(experiment: Experiment) -> Genes:
    """What the evolution of an experiment decides: in the supernet, and in the network that is trained."""
    return Genes.of(experiment.supernet, experiment.method.keeping, experiment.evaluation)


def judge_of(work: Work) -> Judge:
    """The judge of the trained supernet in the folder of a run.

    Raises DslnasError N0701 where its file does not hold it.
    """
    from ...lower.paths import SampledSupernet
    from ...search.sampled.judge import CALIBRATION, Judge
    from ...train.batches import seeded
    from ...train.weights import load_weights
    from ..judging import judged_clips

    experiment, prepared, path = work.experiment, work.prepared, work.folder.path / SUPERNET
    program = experiment.supernet
    supernet = SampledSupernet(program, experiment.settings.seed)
    load_weights(path, supernet, "delete the file to train the supernet again")
    clips = judged_clips(experiment, prepared)
    chosen = _some(clips.weights, CALIBRATION, seeded(experiment.settings.seed, "calibration"))
    calibration = prepared.train.features[chosen]
    return Judge(supernet, program, calibration, clips.validation, len(experiment.classes), work.device)


class Assessor:
    """Evaluates candidates: all their figures, in their order."""

    def __init__(self, experiment: Experiment, genes: Genes, judge: Judge) -> None:
        self.genes, self.judge = genes, judge
        self._pricing = Pricing(experiment.evaluation)

    def __call__(self, candidates: Sequence[Candidate]) -> Iterator[Mapping[str, float]]:
        """Accuracy, macro F1, parameters, multiply-accumulates and memory of each candidate."""
        paths = [self.genes.policy(candidate) for candidate in candidates]
        for path, figures in zip(paths, self.judge.figures_of(paths), strict=True):
            prices = self._pricing.prices(path)
            yield {**figures, "params": prices.params, "macs": prices.macs, "memory": prices.memory}


def _train(work: Work) -> None:
    """Train the supernet from its checkpoint on, and keep it."""
    from ...train.loop import Schedule, run_loop
    from ...train.weights import save_weights
    from ..trainees import sampling

    experiment, folder = work.experiment, work.folder
    trainee = sampling(experiment, work.prepared, work.device)
    draws = trainee.draws
    if draws.batches > 1:
        work.observer.say(
            f"{draws.cycle} paths are fair to all options: {draws.paths} are trained with each batch, "
            f"so that it is fair over {draws.batches} batches"
        )
    schedule = Schedule(trainee.steps, trainee.per_epoch, min(RECORDS, trainee.steps))
    seconds = run_loop(
        trainee,
        "search",
        schedule,
        folder,
        work.observer,
        work.device,
        work.checkpoint_seconds,
        work.events,
    )
    whole = cost(experiment.supernet, Everything())
    folder.update_metrics(
        search={"steps": trainee.steps, "paths": draws.paths},
        params={"supernet": whole.params},
        time={"supernet": seconds},
    )
    with trainee.averaged():
        save_weights(folder.path / SUPERNET, trainee.supernet)
    folder.drop_checkpoint()


def _some(clips: Tensor, most: int, generator: Generator) -> Tensor:
    """At most so many of the clips (N,), drawn at random."""
    import torch

    return clips[torch.randperm(len(clips), generator=generator)[:most]]


def _shown(observer: Observer) -> Callable[[Progress], None]:
    """Tells an observer how far evolution and random search are."""
    before = {"evolution": 0, "random": 0}

    def show(progress: Progress) -> None:
        before[progress.by] = progress.evaluations
        best = max((one.figures["accuracy"] for one in progress.best), default=None)
        figures = {} if best is None else {"accuracy": best}
        observer.advance(STAGE, sum(before.values()), **figures)

    return show


def _nothing_keeps(method: SampledMethod, folder: RunFolder) -> DslnasError:
    """The error for a search that found no network within its budgets."""
    bounds = ", ".join(f"`{one.text}`" for one in method.require)
    message = f"no network that was evaluated keeps to {bounds}"
    help = f"`front.json` in {folder.path} has those that come nearest; ask for less, or search longer"
    return fail("N0601", message, method.require[0].span if method.require else None, help=help)
