"""Measurement of the time that it takes to judge the candidates of a sampled search; imports torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from ...ir.analysis.genes import Genes
from ...methods.method import SampledMethod
from ..experiment import Experiment
from ..judging import Counted
from ..searches.beside import beside
from ..searches.scored import LEAST

if TYPE_CHECKING:
    import torch

    from ...ir.walk import Chosen
    from ...search.sampled.judge import Judge
    from ...search.zerocost.scorer import Scorer

NETWORKS = 5  # drawn at random; the first is not counted
WORK = 10**10  # multiply-accumulates of one of them at most: of large networks fewer clips are measured


def evaluations(experiment: Experiment, clips: Counted) -> tuple[int, int]:
    """How many candidates are judged by the evolution of a sampled method, and by random search."""
    method = experiment.method
    assert isinstance(method, SampledMethod), "the method samples"
    return method.evaluations, method.evaluations if beside(experiment, clips).wanted else 0


def evaluation(experiment: Experiment, clips: Counted, device: torch.device) -> float:
    """The seconds that a candidate of a sampled method takes to be judged: the median, on noise as features.

    Without a supernet they are those of its scores.
    Candidates are drawn at random: those of an evolution have more in common, and take less.
    """
    import torch

    from ...data.features import Split
    from ...ir.analysis.prices import Pricing
    from ...lower.paths import SampledSupernet
    from ...search.sampled.clips import CALIBRATION, JUDGING, fitting
    from ...search.sampled.judge import Judge

    method, seed = experiment.method, experiment.settings.seed
    assert isinstance(method, SampledMethod), "the method samples"
    if method.supernet is None:
        return _scoring(experiment, method, clips, device)
    program = experiment.supernet
    genes, chance = Genes.of(program, experiment.method.keeping), Random(f"{seed}/probe")
    paths = [genes.policy(genes.draw(chance)) for _ in range(NETWORKS)]
    macs = max(Pricing(program).prices(path).macs for path in paths)
    wanted = (min(CALIBRATION, fitting(program), clips.weights), min(JUDGING, clips.train - clips.weights))
    share = min(1.0, WORK / (macs * sum(wanted)))
    first, then = (max(2, round(share * one)) for one in wanted)
    generator = torch.Generator().manual_seed(seed)
    sizes = [node.type.stored for node in program.network.of_kind("input")]
    calibration = [torch.randn(first, *size, generator=generator) for size in sizes]
    held = [torch.randn(then, *size, generator=generator) for size in sizes]
    labels = torch.arange(then) % len(experiment.classes)
    judging = [Split(one, one, labels, [""] * then) for one in held]
    supernet = SampledSupernet(program, seed)
    judge = Judge(supernet, program, calibration, judging, len(experiment.classes), device)
    return _taken(judge, paths) * sum(wanted) / (first + then)


def _scoring(experiment: Experiment, method: SampledMethod, clips: Counted, device: torch.device) -> float:
    """The seconds that a candidate takes to be scored with new weights."""
    import torch

    from ...search.zerocost.scorer import Scorer

    program, seed = experiment.evaluation, experiment.settings.seed
    genes, chance = Genes.of(program, method.keeping), Random(f"{seed}/probe")
    paths = [genes.policy(genes.draw(chance)) for _ in range(NETWORKS)]
    count = max(LEAST, min(experiment.settings.search.batch, clips.weights))
    generator = torch.Generator().manual_seed(seed)
    sizes = [node.type.stored for node in program.network.of_kind("input")]
    features = [torch.randn(count, *size, generator=generator) for size in sizes]
    return _taken(Scorer(program, method.maximize, features, seed, device), paths)


def _taken(judge: Judge | Scorer, paths: Sequence[Chosen]) -> float:
    """The seconds that a path takes: the median of all but the first."""
    seconds = []
    for path in paths:
        started = time.perf_counter()
        list(judge.figures_of([path]))  # they are numbers of the host
        seconds.append(time.perf_counter() - started)
    return median(seconds[1:])
