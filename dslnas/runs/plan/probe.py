"""Measurement of the time of a run by taking real steps; imports torch when it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from ...ir.analysis import extent
from ...ir.analysis.genotypes import genotype_of
from ...ir.genotype import Genotype
from ...methods.method import RelaxedMethod, SampledMethod
from ..experiment import Experiment
from ..judging import Counted, counted
from .evaluation import evaluation, evaluations
from .stages import planned_stages

if TYPE_CHECKING:
    import torch

    from ...data.features import Prepared


@dataclass(frozen=True)
class Timing:
    """Seconds of a step, and of the search and the training where the number of clips is known.

    warmup_step: of the weights alone, which begin a search. train_step: of the retraining, of the genotype
    with the most multiply-accumulates where none is named. clips: in the training split, None where the data
    is not on disk. evaluation: to judge a candidate of a sampled method; evolution, random: to judge all
    those of its evolution, and of the random search beside it, 0 where there is none. A step includes the
    features of its batch; reading the data, the test and the report are not covered.
    """

    device: str
    search_step: float
    warmup_step: float
    train_step: float
    clips: int | None = None
    search: float | None = None
    train: float | None = None
    evaluation: float | None = None
    evolution: float = 0.0
    random: float = 0.0

    @property
    def total(self) -> float | None:
        """The seconds of search, candidates and training; None where the clips are not known."""
        if self.search is None or self.train is None:
            return None
        return self.search + self.evolution + self.random + self.train


def probe(
    experiment: Experiment,
    data_root: Path | None = None,
    device: str = "auto",
    genotype: Genotype | None = None,
) -> Timing:
    """Take steps of each kind until their time has settled, and measure the last, on noise as recordings.

    Imports torch. The clips of the data set are counted only where nothing must be fetched or made for that.
    Of a sampled method the search is the training of its supernet; its candidates are judged as well, on
    noise as features. Each that is trained takes as long as the largest.
    """
    from ...train.devices import pick_device
    from ..trainees import retraining

    where, found = pick_device(device), genotype or _largest(experiment)
    decided = experiment.decided_by(found)
    trained = retraining(decided, found, _noise(decided), where)
    train_step = _settled(lambda: trained.step(0), where)
    steps = (*_search_steps(experiment, where), train_step)
    clips = counted(experiment, data_root)
    if clips is None:
        return Timing(str(where), *steps)
    timing = Timing(str(where), *steps, clips.train, *lengths(experiment, clips, *steps))
    if not isinstance(experiment.method, SampledMethod):
        return timing
    own = experiment.method.trained
    each = own * train_step if own else evaluation(experiment, clips, where)
    evolution, random = evaluations(experiment, clips)
    return replace(timing, evaluation=each, evolution=evolution * each, random=random * each)


def _search_steps(experiment: Experiment, device: torch.device) -> tuple[float, float]:
    """The seconds of a step of the search and of its warm-up; the mean over the search stages."""
    from ..trainees import sampling, searching

    if isinstance(experiment.method, SampledMethod) and experiment.method.supernet is None:
        return 0.0, 0.0
    if not isinstance(experiment.method, RelaxedMethod):
        trained = sampling(experiment, [_noise(way) for way in experiment.ways], device)
        step = _settled(lambda: trained.step(0), device)
        return step, step
    found = searching(experiment, _noise(experiment), device)
    search_steps: list[float] = []
    warmup_steps: list[float] = []
    for number, stage in enumerate(planned_stages(experiment)):
        if number:
            found.enter(number, stage.kept)
        warmup_steps.append(_settled(lambda: found.warm_up(0), device))
        search_steps.append(_settled(lambda: found.alternate(0, 1.0), device))
    return mean(search_steps), mean(warmup_steps)


def _settled(step: Callable[[], Any], device: torch.device) -> float:
    """The seconds of a step after those that allocate memory, fill caches and, on a GPU, capture a graph."""
    import time

    from ...train.replay import FIRST

    seconds = 0.0
    for _ in range(2 if device.type == "cpu" else FIRST + 2):
        started = time.perf_counter()
        float(step()["loss"])  # waits for the device
        seconds = time.perf_counter() - started
    return seconds


def lengths(
    experiment: Experiment, clips: Counted, search_step: float, warmup_step: float, train_step: float
) -> tuple[float, float]:
    """The seconds of the search, warm-up included, and of the training."""
    search, train = experiment.settings.search, experiment.settings.train
    steps = experiment.search_steps(max(1, clips.weights // search.batch))
    warmup = max(0, min(steps - 1, round(search.warmup * steps)))
    of_search = warmup * warmup_step + (steps - warmup) * search_step
    return of_search, train.length(max(1, clips.train // train.batch)) * train_step


def _noise(experiment: Experiment) -> Prepared:
    """Noise in place of data: enough for a batch of each half of the search, and one of the retraining."""
    import torch

    from ...data.features import Prepared, Split

    settings, frontend, classes = experiment.settings, experiment.frontend, experiment.classes
    share = min(experiment.method.split, 1 - experiment.method.split)
    count = max(ceil(settings.search.batch / share) + 2 * len(classes), settings.train.batch)
    generator = torch.Generator().manual_seed(settings.seed)
    values, dtype = ((0, 256), torch.uint8) if frontend.sees_images else ((-8192, 8192), torch.int16)
    raw = torch.randint(*values, (count, *frontend.raw_shape), dtype=dtype, generator=generator)
    nothing = torch.zeros(0, *frontend.output.stored)
    labels = torch.arange(count) % len(classes)
    train = Split(raw, nothing, labels, [""] * count)
    empty = Split(raw[:0], nothing, labels[:0], [])
    return Prepared("noise", classes, frontend, train, empty, empty, None, [], [])


def _largest(experiment: Experiment) -> Genotype:
    """The genotype whose network takes the most multiply-accumulates."""
    program, method = experiment.evaluation, experiment.method
    most = extent.extreme(program, method.keeping, lambda one: one.macs, -1)
    return genotype_of(program, most, experiment.space_hash, method.name)
