"""What the figures are worth by which a search compared networks: a sample of these, trained anew.

All are trained alike and for a short while, from new weights; then Kendall's tau tells how far they are
ranked as they were with the weights of the supernet, or by their scores. Beside it stand the plain rivals of
any such figure: how far parameters and multiply-accumulates rank them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ...base.diagnostics import fail
from ...base.files import read_json, write_json
from ...base.lock import locked
from ...base.run_folder import EVALUATIONS, RANK, RunFolder
from ...ir.genotype import Genotype
from ...methods.method import SampledMethod
from ...search.evolved.archive import Entry
from ...search.evolved.population import explored
from ...train.observer import Observer, Silent
from ..experiment import Experiment
from ..judging import trained_apart
from ..prepared import prepare_data
from ..run import Run
from ..searches.sampled import sampled
from .compared import compared_in, genotypes_of
from .kendall import correlation

if TYPE_CHECKING:
    import torch

    from ...data.features import Prepared

FORMAT, VERSION = "dslnas-rank", 1
SHARE = 5  # a network is trained for this part of a whole training, unless somebody says how long
RIVALS = ("params", "macs")  # that rank networks without a search
RANDOM = "random"  # drawn over the whole space, as random search does


@dataclass(frozen=True)
class Drawn:
    """A sample of networks, and what it is drawn from.

    of: `random`, those of random search; `first`, those that an evolution began with; `all` that were
    compared.
    """

    networks: tuple[Entry, ...]
    of: str
    among: int


def drawn(compared: Sequence[Entry], sample: int, seed: int, first: int = 0) -> Drawn:
    """A sample without repetitions: of the networks that random search drew, where these are enough.

    An evolution compares many networks that are much alike, which no figure ranks. So where there is no
    random search, the sample is of its first generations, so many, which are drawn at random. A larger sample
    holds the smaller one of the same seed, where both are of the same networks.
    """
    parts = {
        RANDOM: [one for one in compared if one.by == RANDOM],
        "first": [one for one in compared if one.by != RANDOM and one.generation <= first and not one.asked],
    }
    enough = ((of, part) for of, part in parts.items() if len(part) >= sample)
    of, among = next(enough, ("all", list(compared)))
    shuffled = random.Random(f"{seed}/rank").sample(among, len(among))
    return Drawn(tuple(shuffled[:sample]), of, len(among))


def rank(
    run: Run, sample: int, steps: int | None = None, seed: int = 0, observer: Observer | None = None
) -> dict[str, Any]:
    """Train a sample of the networks that a search compared, and tell how far they are ranked alike.

    The result, which is `rank.json` of the run as well, grows with each network: asked again with the same
    numbers, those that are there are not trained again. steps: of each training; None: a fifth of the run's
    own. seed: of the sample; every network is trained with the seed of the run, on the same batches.
    Raises DslnasError N0701 where the run has compared no networks, N0604 where its data is not found.
    """
    from ...report.page import write_report
    from ...train.devices import pick_device

    watching = observer or Silent()
    method = run.experiment.method
    names = ranking_figures(method) if isinstance(method, SampledMethod) else ()
    compared = [one for one in compared_in(run.path) if names and names[0] in one.figures]
    if len(compared) < 2:
        help = "name the run of a search by sampling that is done"
        raise fail("N0701", f"{run.path} has no networks in {EVALUATIONS} to rank", help=help)
    first = explored(sampled(run.experiment).generations)
    chosen, device = drawn(compared, sample, seed, first), pick_device(run.device)
    with locked(run.path):
        prepared = {run.experiment.frontend: prepare_data(run.held, run.data_root, watching)}
        length = steps or _steps(run.experiment, prepared[run.experiment.frontend])
        short = run.experiment.shortened(length)
        ranked = _there(run.path, length, seed)
        genotypes = genotypes_of(run.experiment, chosen.networks)
        experiments = [short.decided_by(genotype) for genotype in genotypes]
        for own in experiments:
            if own.frontend not in prepared:  # a space that chooses its front end
                prepared[own.frontend] = prepare_data(own, run.data_root, watching)
        trained = sampled(run.experiment).trained

        def told() -> dict[str, Any]:
            return {**_result(chosen, ranked, length, seed, names), "trained": trained}

        watching.begin("rank", length * len(genotypes))
        sample_of = zip(chosen.networks, genotypes, experiments, strict=True)
        for place, (one, genotype, own) in enumerate(sample_of):
            if one.key not in ranked:
                within = _Within(watching, place * length)
                ranked[one.key] = trained_anew(own, genotype, prepared[own.frontend], device, within)
                write_json(run.path / RANK, told())
            watching.advance("rank", (place + 1) * length, accuracy=ranked[one.key])
        result = told()
        write_json(run.path / RANK, result)
        write_report(run.path)
    return result


def ranking_figures(method: SampledMethod) -> tuple[str, ...]:
    """The figures that rank networks: the first one is asked about, the others stand beside it."""
    trains = method.supernet is not None or method.trained > 0
    judged = ("accuracy",) if trains else method.maximize
    return (*judged, *RIVALS)


def trained_anew(
    experiment: Experiment, genotype: Genotype, prepared: Prepared, device: torch.device, observer: Observer
) -> float:
    """The accuracy of a network that is trained from new weights, on the clips that judged it in the search.

    It is trained on those that trained the supernet, so that both figures are of the same voices.
    """
    from ...train.loop import Schedule, run_loop
    from ...train.testing import accuracy
    from ..trainees import retraining

    alike = trained_apart(experiment, prepared)
    trainee = retraining(experiment, genotype, alike, device)
    schedule = Schedule(trainee.steps, trainee.batches.per_epoch, 1)
    with TemporaryDirectory(prefix="dslnas-rank-") as scratch:  # a training of seconds is begun again
        run_loop(trainee, "train", schedule, RunFolder(Path(scratch)), observer, device, float("inf"))
    with trainee.averaged():
        return accuracy(trainee.network, alike.validation, device)


def _steps(experiment: Experiment, prepared: Prepared) -> int:
    stage = experiment.settings.train
    per_epoch = max(1, len(prepared.train) // stage.batch)
    return max(1, stage.length(per_epoch) // SHARE)


def _there(folder: Path, steps: int, seed: int) -> dict[str, float]:
    """The accuracies of networks that were trained alike before, by their keys."""
    path = folder / RANK
    if not path.is_file():
        return {}
    data = read_json(path)
    if not isinstance(data, dict) or (data.get("steps"), data.get("seed")) != (steps, seed):
        return {}
    try:
        return {str(one["key"]): float(one["retrained"]) for one in data["networks"]}
    except (KeyError, TypeError, ValueError):
        raise fail("N0701", f"{path}: this is no ranking", help="delete the file to rank anew") from None


def _result(
    chosen: Drawn, ranked: Mapping[str, float], steps: int, seed: int, names: Sequence[str]
) -> dict[str, Any]:
    figure, *others = names
    networks: list[dict[str, Any]] = [
        {
            "key": one.key,
            "inherited": one.figures[figure],
            "retrained": ranked[one.key],
            "figures": dict(one.figures),
        }
        for one in chosen.networks
        if one.key in ranked
    ]
    retrained = [one["retrained"] for one in networks]
    found = correlation([one["inherited"] for one in networks], retrained)
    taus = {name: correlation([one["figures"][name] for one in networks], retrained).tau for name in others}
    return {
        "format": FORMAT,
        "version": VERSION,
        "figure": figure,
        "tau": found.tau,
        "interval": None if found.interval is None else list(found.interval),
        "beside": taus,
        "n": len(networks),
        "of": chosen.of,
        "among": chosen.among,
        "steps": steps,
        "seed": seed,
        "networks": networks,
    }


class _Within:
    """The progress of one training as a part of that of them all."""

    def __init__(self, observer: Observer, done: int) -> None:
        self._observer, self._done = observer, done

    def begin(self, stage: str, total: int) -> None:
        """Ignore the start of a training."""

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """So many steps of this training are done."""
        self._observer.advance("rank", self._done + done, loss=figures.get("loss", float("nan")))

    def say(self, text: str) -> None:
        """Show a message."""
        self._observer.say(text)
