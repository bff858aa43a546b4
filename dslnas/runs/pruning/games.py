"""The adversarial game of a run: one, or for a bound one after another, each with a sparsity of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any

from ...base import run_folder as files
from ...base.diagnostics import fail
from ...base.files import read_json
from ...ir.positions import network_of
from ...ir.walk import cost
from ...prune.parts import Goal, Instance, Removed, instances, ranked, removed_for
from ..judging import judged_clips

if TYPE_CHECKING:
    from ...lower.pruned import PrunedNetwork
    from ...search.adversarial.game import Game
    from ..searches.work import Work
    from .asked import Asked

STAGE = "prune"
FORMAT, VERSION = "dslnas-trials", 1
STEP = 4.0  # by which the sparsity rises or falls until a bound lies between two trials
NEAR = 0.9  # of a bound, from which on a trial is close enough to it


@dataclass(frozen=True)
class Trial:
    """A game that is over. sparse: the weight of |s|_1. cost: what the bound is on, without the masks of 0.

    scores: of each part, in the order of the network, as `Game.scores` has them. seconds: that it took.
    """

    sparse: float
    cost: float
    scores: tuple[float, ...]
    seconds: float


def by_game(work: Work, asked: Asked, teacher: PrunedNetwork) -> Removed:
    """What one game removes, or games between which a bound lies.

    Raises DslnasError N0601 where a game diverges, N0701 where files of the folder cannot be used.
    """
    goal = asked.goal(work.experiment)
    if goal is not None and goal.nodes is None and asked.method.game.trials > 1:
        return _to_bound(work, asked, teacher, goal)
    from ...search.adversarial.game import stop_of

    game, seconds = _played(work, asked, teacher, asked.method.game.sparse)
    work.folder.update_metrics(time={STAGE: seconds})
    program = work.experiment.evaluation
    if goal is not None:
        return removed_for(program, asked.genotype, ranked(game.scores()), goal)
    stop = stop_of(game.stops, game.target, asked.method.game.within)
    if stop is None:
        what = f"none of the {asked.method.of} could be removed"
        work.observer.say(f"{what} within the accuracy of the network on validation")
        return {}
    return stop.removed


def _played(work: Work, asked: Asked, teacher: PrunedNetwork, sparse: float) -> tuple[Game, float]:
    """A game that is played to its end, from the checkpoint on, and the seconds that it took."""
    from ...lower.masked import MaskedNetwork
    from ...search.adversarial.game import Game
    from ...train.loop import Schedule, run_loop
    from ...train.testing import accuracy
    from ..trainees import batches_of

    experiment, settings = work.experiment, asked.method.game
    program, seed = experiment.evaluation, experiment.settings.seed
    batches = batches_of(experiment, work.prepared, STAGE, work.device)
    steps = settings.epochs * batches.per_epoch
    validation = judged_clips(experiment, work.prepared).validation
    student = MaskedNetwork(program, asked.genotype, seed, asked.method.of).to(work.device)
    target = accuracy(teacher, validation, work.device)
    classes = len(experiment.classes)
    game = Game(student, teacher, settings, batches, steps, validation, classes, seed, target, sparse)
    schedule = Schedule(steps, batches.per_epoch, settings.epochs)
    given = (work.folder, work.observer, work.device, work.checkpoint_seconds, work.events)
    return game, run_loop(game, STAGE, schedule, *given, ended=lambda: game.ended)


def _to_bound(work: Work, asked: Asked, teacher: PrunedNetwork, goal: Goal) -> Removed:
    """Games with a sparsity between those that miss a bound and those that meet it.

    Of those that meet it the one with the least sparsity counts, or where none does the one with the most.
    Its parts go in the order in which their masks reached 0, until the bound is met.
    """
    program, genotype, most = work.experiment.evaluation, asked.genotype, asked.method.game.trials
    parts = instances(program, genotype, asked.method.of)
    trials = _read(work, len(parts))
    while len(trials) < most and (sparse := following(trials, goal.limit, asked.method.game.sparse)):
        work.observer.say(f"game {len(trials) + 1} of at most {most}: a sparsity of {sparse:.3g}")
        game, seconds = _played(work, asked, teacher, sparse)
        zeros = replace(genotype, positions=game.student.positions)
        found = cost(*network_of(program, zeros))
        price = float({"params": found.params, "macs": found.macs}[goal.price])
        trials.append(Trial(sparse, price, tuple(game.scores().values()), seconds))
        work.folder.drop_checkpoint()  # before the trial is written: the next has the same stage
        _write(work, trials)
    work.folder.update_metrics(time={STAGE: sum(one.seconds for one in trials)})
    best = nearest(trials, goal.limit)
    scores: dict[Instance, float] = dict(zip(parts, best.scores, strict=True))
    return removed_for(program, genotype, ranked(scores), goal)


def following(trials: Sequence[Trial], limit: float, first: float) -> float | None:
    """The sparsity of the next game; None where one has come close enough to a bound.

    The first is that of the method. It rises or falls fourfold until trials lie on both sides of the bound,
    and is from then on the geometric mean of the two that are nearest to it.
    """
    if not trials:
        return first
    if any(NEAR * limit <= one.cost < limit for one in trials):
        return None
    misses = max((one.sparse for one in trials if one.cost >= limit), default=None)
    meets = min((one.sparse for one in trials if one.cost < limit), default=None)
    if meets is None:
        return max(one.sparse for one in trials) * STEP
    if misses is None or misses >= meets:
        return meets / STEP
    return sqrt(misses * meets)


def nearest(trials: Sequence[Trial], limit: float) -> Trial:
    """The game with the least sparsity that meets a bound, or where none does the one with the most."""
    able = [one for one in trials if one.cost < limit]
    return min(able, key=lambda one: one.sparse) if able else max(trials, key=lambda one: one.sparse)


def _write(work: Work, trials: Sequence[Trial]) -> None:
    rows = [{**vars(one), "scores": list(one.scores)} for one in trials]
    work.folder.write_json(files.TRIALS, {"format": FORMAT, "version": VERSION, "trials": rows})


def _read(work: Work, parts: int) -> list[Trial]:
    """The games that are over; raises DslnasError N0701 where the file cannot be used."""
    if not work.folder.has(files.TRIALS):
        return []
    path = work.folder.path / files.TRIALS
    data: Any = read_json(path)
    try:
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError
        found = [
            Trial(
                float(row["sparse"]), float(row["cost"]), (*map(float, row["scores"]),), float(row["seconds"])
            )
            for row in data["trials"]
        ]
        if not all(len(one.scores) == parts and isfinite(one.sparse) and one.sparse > 0 for one in found):
            raise ValueError
    except (LookupError, TypeError, ValueError, OverflowError):
        help = "delete the file to play the games again"
        raise fail("N0701", f"{path} does not hold the games of this run", help=help) from None
    return found
