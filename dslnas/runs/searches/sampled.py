"""The search of a run by a sampled method: a supernet is trained by paths, then evolution looks for paths.

What is trained first is kept as `supernet.safetensors`; from there on `evaluations.jsonl` is the only state,
so that a killed search goes on to the same front. Accuracies are judged in the supernet; parameters,
multiply-accumulates, memory and latency are those of the network that is handed over. Without a supernet
candidates are trained for a short while, each alone, or have scores in place of accuracies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ...base import limits
from ...base.diagnostics import DslnasError, fail
from ...base.run_folder import EVALUATIONS, FRONT, LATENCY, SUPERNET, RunFolder
from ...ir.analysis.genes import Candidate, Genes
from ...ir.analysis.prices import Pricing
from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...ir.walk import Chosen, Everything, cost
from ...methods.method import SampledMethod
from ...prune.validate import validate
from ...train.observer import Observer, reporting
from ..experiment import Experiment
from ..judging import Counted
from ..latency import Latency, latency_of
from .alone import Alone, alone_on, front_end_of
from .beside import Beside, beside
from .cluster import Workers
from .scored import Scored, scored_on
from .work import Work

if TYPE_CHECKING:
    import torch
    from torch import Generator, Tensor

    from ...data.features import Prepared, Split
    from ...search.evolved.evolve import Progress
    from ...search.sampled.judge import Judge
    from ...search.sampled.step import SupernetTraining

STAGE = "evolve"


def search(work: Work) -> Genotype:
    """Search to the end from where it is; figures go to the metrics, weights and the front to the folder.

    Raises DslnasError N0601 where no network that was evaluated keeps to what the method requires.
    """
    from ...search.evolved.archive import Archive
    from ...search.evolved.evolve import evolve
    from ...search.evolved.front_file import to_front, write_front
    from ...train.testing import independent

    experiment, folder, method = work.experiment, work.folder, sampled(work.experiment)
    if not method.compares:
        return _drawn(work, method)
    heard = heard_by(work)
    if method.supernet is not None and not folder.has(SUPERNET):
        _train(work, heard)
    started = time.monotonic()
    makes = _makes(work, heard)
    assess = _assessor(work, makes)
    genes = assess.genes
    random = _beside(work, heard)
    work.observer.begin(STAGE, (2 if random.wanted else 1) * method.evaluations)
    archive = Archive.open(folder.path / EVALUATIONS)
    seed, shown = experiment.settings.seed, _shown(work.observer, method.maximize[0])
    fits = assess.prices.fits
    evolved = evolve(genes, method, assess, seed, archive, shown, random=bool(random.wanted), fits=fits)
    front = to_front(evolved, genes, experiment.space_hash, method.name, method.trained)
    write_front(front, folder.path / FRONT)
    figures: dict[str, Any] = {
        "evaluations": front.evaluations,
        **({} if isinstance(makes, Scored) else {"judged": independent(makes.judging[0])}),
        "front": len(front.points),
    }
    if random.breeds:
        figures["random"] = {"asked": random.asked, "share": random.share, "there": random.wanted}
    seconds = folder.metrics().get("time", {}).get("supernet", 0.0) + time.monotonic() - started
    folder.update_metrics(search=figures, time={"search": seconds})
    if front.knee is None:
        help = f"`front.json` in {folder.path} has those that come nearest; ask for less, or search longer"
        raise _nothing_keeps(method, "no network that was evaluated", help)
    genotype = _handed_over(work, front.knee.genotype)
    if isinstance(makes, Inherited):
        accuracy = _accuracy(makes, genotype, heard, work.device)
        folder.update_metrics(validation={"recalibrated": accuracy})
    return genotype


def _drawn(work: Work, method: SampledMethod) -> Genotype:
    """A network drawn at random, each decision as likely as another, of those that keep to what is required.

    Raises DslnasError N0601 where none is found.
    """
    from ...search.evolved.population import Offspring, chance_of

    experiment, genes = work.experiment, genes_of(work.experiment)
    chance = chance_of(experiment.settings.seed, "random", 1)
    offspring = Offspring(genes, set(), chance, _prices(work).fits)
    if not offspring.draw(1):
        raise _nothing_keeps(method, f"of {limits.MISSES:,} networks none", "ask for less")
    (candidate,) = offspring.found.values()
    work.folder.update_metrics(search={"steps": 0})
    return _handed_over(work, genes.genotype(candidate, experiment.space_hash, method.name))


def _handed_over(work: Work, genotype: Genotype) -> Genotype:
    """The genotype that a search found, valid, with what its network costs in the metrics."""
    experiment = work.experiment
    found = validate(genotype, experiment.supernet)
    live = cost(experiment.evaluation, Chosen.of(found))
    work.folder.update_metrics(params={"live": live.params}, macs={"live": live.macs})
    return found


def sampled(experiment: Experiment) -> SampledMethod:
    """The method of an experiment, which is a sampled one."""
    assert isinstance(experiment.method, SampledMethod), "the method samples"
    return experiment.method


def genes_of(experiment: Experiment) -> Genes:
    """What the evolution of an experiment decides: in the supernet, and in the network that is trained."""
    return Genes.of(experiment.supernet, experiment.method.keeping, experiment.evaluation)


def assessor_of(work: Work) -> Assessor:
    """What evaluates the candidates of a run whose supernet is trained, if it has one.

    Latency is measured before anything is evaluated, where the method asks for it or the run has it already.
    Raises DslnasError N0701 where a file of the run does not hold what it should.
    """
    return _assessor(work, _makes(work, heard_by(work)))


def _makes(work: Work, heard: Sequence[Prepared]) -> Makes:
    """What makes judges of the candidates of a run: of its supernet, of short trainings, of scores."""
    method = sampled(work.experiment)
    if method.supernet is not None:
        return inherited_by(work, heard)
    return alone_on(work.experiment, heard) if method.trained else scored_on(work.experiment, heard)


def _assessor(work: Work, makes: Makes) -> Assessor:
    return Assessor(genes_of(work.experiment), _judges(work, makes), _prices(work))


def _prices(work: Work) -> Prices:
    """What tells the prices of the networks of a run: their latency where the method or the run has it."""
    experiment, method, latency = work.experiment, sampled(work.experiment), None
    if "latency" in method.prices or work.folder.has(LATENCY):
        latency = latency_in(work.folder, experiment, work.observer)
    return Prices(experiment, genes_of(experiment), latency)


@dataclass(frozen=True)
class Inherited:
    """What networks are judged with: the weights of a trained supernet, and clips for each of its inputs.

    weights: by name; seed: of the supernet. calibration: features of training clips. judging: the clips that
    figures are of. classes: how many.
    """

    program: Program
    weights: Mapping[str, Tensor]
    calibration: Sequence[Tensor]
    judging: Sequence[Split]
    classes: int
    seed: int

    def __call__(self, device: torch.device) -> Judge:
        """A judge on a device."""
        from ...lower.paths import SampledSupernet
        from ...search.sampled.judge import Judge

        supernet = SampledSupernet(self.program, self.seed)
        supernet.load_state_dict(dict(self.weights))
        return Judge(supernet, self.program, self.calibration, self.judging, self.classes, device)


def latency_in(folder: RunFolder, experiment: Experiment, observer: Observer) -> Latency:
    """The latency of the networks of a run, by the table in its folder, which is measured where it lacks.

    Raises DslnasError N0701 where the table is broken.
    """
    measured = partial(reporting(observer, "latency"), "")
    seed, keep = experiment.settings.seed, experiment.method.keeping
    found = latency_of(experiment.evaluation, keep, folder.path / LATENCY, seed, measured)
    folder.update_metrics(latency={"networks": found.table.networks, "error": found.table.error})
    return found


def inherited_by(work: Work, heard: Sequence[Prepared]) -> Inherited:
    """What the networks of a run are judged with, from its folder: training clips that train no weight.

    heard: the data for each input of the supernet. Raises DslnasError N0701 where the file of the supernet
    does not hold it.
    """
    from ...lower.paths import SampledSupernet
    from ...search.sampled.clips import CALIBRATION, JUDGING
    from ...train.batches import seeded
    from ...train.weights import load_weights
    from ..judging import judged_clips

    experiment, path = work.experiment, work.folder.path / SUPERNET
    program, seed = experiment.supernet, experiment.settings.seed
    supernet = SampledSupernet(program, seed)
    load_weights(path, supernet, "delete the file to train the supernet again")
    clips = judged_clips(experiment, heard[0])
    chosen = _some(clips.weights, CALIBRATION, seeded(seed, "calibration"))
    held = _some(clips.architecture, JUDGING, seeded(seed, "judging"))
    calibration = [one.train.features[chosen] for one in heard]
    judging = [one.train.part(held) for one in heard]
    return Inherited(program, supernet.state_dict(), calibration, judging, len(experiment.classes), seed)


def _accuracy(
    inherited: Inherited, genotype: Genotype, heard: Sequence[Prepared], device: torch.device
) -> float:
    """The accuracy of a network with inherited weights on the validation clips, which chose nothing."""
    judge = replace(inherited, judging=[one.validation for one in heard])(device)
    return judge.figures(Chosen.of(genotype))["accuracy"]


def _judges(work: Work, makes: Makes) -> Judges:
    """What judges the candidates of a run: one judge here, or several on a cluster."""
    if work.engine == "here":
        return makes(work.device)
    import torch

    return Workers(work.folder.path, makes, work.device, torch.get_num_threads())


def _beside(work: Work, heard: Sequence[Prepared]) -> Beside:
    """Random search beside the evolution of a run; it is told where it is left out."""
    from ..judging import judged_clips

    clips = judged_clips(work.experiment, heard[0])
    found = beside(work.experiment, Counted(len(heard[0].train), len(clips.weights)))
    if found.breeds and not found.wanted:
        work.observer.say(found.told)
    return found


def heard_by(work: Work) -> tuple[Prepared, ...]:
    """The data for each input of the supernet: one, but where the space chooses its front end."""
    from ..prepared import every_way

    experiment = replace(work.experiment, decisions={})
    every = every_way(experiment, work.prepared, work.data_root, work.observer)
    network = work.experiment.supernet.network
    ways = [set(one.decisions.items()) for one in experiment.ways]
    return tuple(
        next(one for one, way in zip(every, ways, strict=True) if front_end_of(node) <= way)
        for node in network.of_kind("input")
    )


Makes = Inherited | Alone | Scored


class Judges(Protocol):
    """Whoever tells the figures of paths, in their order."""

    def figures_of(self, paths: Sequence[Chosen]) -> Iterable[Mapping[str, float]]: ...


class Prices:
    """What the networks of an experiment cost. latency: None: it is not of interest."""

    def __init__(self, experiment: Experiment, genes: Genes, latency: Latency | None = None) -> None:
        self.genes, self.latency, self.required = genes, latency, sampled(experiment).require
        self._pricing = Pricing(experiment.evaluation)

    def of(self, path: Chosen) -> Mapping[str, float]:
        """Parameters, multiply-accumulates, memory and latency of the network on a path."""
        prices = self._pricing.prices(path)
        costs = {"params": prices.params, "macs": prices.macs, "memory": prices.memory}
        return costs if self.latency is None else {**costs, "latency": self.latency.seconds(path)}

    def fits(self, candidate: Candidate) -> bool:
        """Whether a candidate keeps to all that the method requires."""
        if not self.required:
            return True
        costs = self.of(self.genes.policy(candidate))
        return all(one.met(costs[one.price]) for one in self.required)


class Assessor:
    """Evaluates candidates: all their figures, in their order."""

    def __init__(self, genes: Genes, judge: Judges, prices: Prices) -> None:
        self.genes, self.judge, self.prices = genes, judge, prices

    def __call__(self, candidates: Sequence[Candidate]) -> Iterator[Mapping[str, float]]:
        """What is judged (accuracy and macro F1, or scores), parameters, multiply-accumulates, memory and
        latency of each candidate.
        """
        paths = [self.genes.policy(candidate) for candidate in candidates]
        for path, figures in zip(paths, self.judge.figures_of(paths), strict=True):
            yield {**figures, **self.prices.of(path)}


@dataclass(frozen=True)
class TrainAlong:
    """What the process that leads tells the others: the run whose supernet is to be trained, and where.

    path: of the folder of the run. device: its name; each process has its own of it.
    """

    path: Path
    data_root: Path | None
    device: str


def train_along(work: Work) -> None:
    """Train the supernet of a run together with the process that leads, from where the checkpoint is."""
    from ...train.loop import train_silently

    trainee = trainee_of(work, heard_by(work))
    train_silently(trainee, "search", trainee.steps, work.folder, work.device)


def trainee_of(work: Work, heard: Sequence[Prepared]) -> SupernetTraining:
    """The training of the supernet of a run, by the processes that there are; DslnasError as `sampling`."""
    from ...train.processes import present
    from ..trainees import sampling

    return sampling(work.experiment, heard, work.device, present())


def _train(work: Work, heard: Sequence[Prepared]) -> None:
    """Train the supernet from its checkpoint on, and keep it."""
    from ...train.processes import leading, present
    from ...train.weights import save_weights

    experiment, folder = work.experiment, work.folder
    trainee = trainee_of(work, heard)
    draws = trainee.draws
    together: AbstractContextManager[None] = nullcontext()
    if present().count > 1:
        together = leading(TrainAlong(folder.path.absolute(), work.data_root, work.device.type))
        work.observer.say(f"{present().count} processes train the supernet, each on a part of every batch")
    if draws.batches > 1:
        work.observer.say(
            f"{draws.cycle} paths are fair to all options: {draws.paths} are trained with each batch, "
            f"so that it is fair over {draws.batches} batches"
        )
    with together:
        seconds = work.train(trainee)
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


def _shown(observer: Observer, quality: str) -> Callable[[Progress], None]:
    """Tells an observer how far evolution and random search are, with the best of a figure."""
    before = {"evolution": 0, "random": 0}

    def show(progress: Progress) -> None:
        before[progress.by] = progress.evaluations
        best = max((one.figures[quality] for one in progress.best), default=None)
        figures = {} if best is None else {quality: best}
        observer.advance(STAGE, sum(before.values()), **figures)

    return show


def _nothing_keeps(method: SampledMethod, who: str, help: str) -> DslnasError:
    """The error for a search that found no network within its budgets. who: is none of those that keep."""
    bounds = ", ".join(f"`{one.text}`" for one in method.require)
    span = method.require[0].span if method.require else None
    return fail("N0601", f"{who} keeps to {bounds}", span, help=help)
