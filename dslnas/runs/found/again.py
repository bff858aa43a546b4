"""A front asked again: within other bounds, from what was compared, or by evolution that goes on from there.

The supernet is not trained again: it is the one of the search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...base.diagnostics import DslnasError, fail
from ...base.lock import locked
from ...base.run_folder import BASELINE, EVALUATIONS, FRONT, SUPERNET
from ...check.budget import unmet
from ...ir.genotype import Genotype
from ...methods.budget import Requirement
from ...methods.method import SampledMethod
from ...prune.validate import validate
from ...report.front.files import axes_of, read_front
from ...search.evolved.archive import Archive, Entry
from ...search.evolved.evolve import answer, evolve_on
from ...search.evolved.evolve import asked as bounds
from ...search.evolved.front import Evolved, front_of
from ...search.evolved.front_file import Front, to_front, write_front
from ...search.evolved.goals import Goals
from ...search.evolved.population import Individual
from ...train.observer import Observer, Silent
from ..prepared import prepare_data
from ..run import Run
from ..searches.sampled import STAGE, assessor_of, genes_of, latency_in, sampled
from ..searches.work import Work
from .pick import closest, shortfall
from .rank import RANDOM


@dataclass(frozen=True)
class Answer:
    """A front within bounds. new: how many networks were compared for it that had not been before."""

    front: Front
    new: int


def required(method: SampledMethod, asked: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """What a network must keep to: what is asked, and what the method requires of other figures."""
    prices = {one.price for one in asked}
    return (*asked, *(one for one in method.require if one.price not in prices))


def ask_again(
    run: Run, asked: Sequence[Requirement], observer: Observer | None = None, evolve: bool = True
) -> Answer:
    """The front of the networks that keep to requirements; it replaces the one in the folder of the run.

    It is made of what was compared, where so many of that keep to them as a population has; else evolution
    goes on from there, unless `evolve` forbids it. asked: in place of what the method requires of the same
    figures. Raises DslnasError N0601 where no network of the space keeps to them, N0603 where none was found
    that does, N0701 where the run has compared no networks, or its supernet is not there, N0604 where its
    data is not found.
    """
    from ...report.page import write_report

    watching = observer or Silent()
    if not run.folder.has(EVALUATIONS):
        help = "name the run of a search by sampling"
        raise fail("N0701", f"{run.path} has no {EVALUATIONS}: it has compared no networks", help=help)
    with locked(run.path):
        method = replace(sampled(run.experiment), require=required(sampled(run.experiment), asked))
        if unmeetable := unmet(method, run.experiment.evaluation):
            raise DslnasError(*unmeetable)
        archive = Archive.open(run.path / EVALUATIONS)
        before = len(archive)
        archive = _with_latency(run, archive, method, watching)
        found = answer(method, archive)
        if evolve and not enough(answer(method, archive.before(bounds(method)))):
            found = _wider(run, method, archive, watching)
        if not found.front:
            raise _nothing(run, archive, method)
        genes, space_hash = genes_of(run.experiment), run.experiment.space_hash
        front = to_front(found, genes, space_hash, method.name, method.trained)
        front = _with_course(front, run, archive, found.goals)
        write_front(front, run.path / FRONT)
        write_report(run.path)
        return Answer(front, len(archive) - before)


def compare(run: Run, genotype: Genotype, name: str, observer: Observer | None = None) -> dict[str, float]:
    """Judge a network of the space with the supernet of a run, and draw it beside the front from then on.

    Returns its figures. name: what the picture calls it. Raises DslnasError N0502 where it does not fit the
    space, N0701 where the supernet is not there, N0604 where the data of the run is not found.
    """
    from ...report.page import write_report

    with locked(run.path):
        validate(genotype, run.experiment.supernet, name)
        assess = assessor_of(_work(run, observer or Silent()))
        (figures,) = assess([assess.genes.candidate(genotype)])
        run.folder.write_json(BASELINE, {"name": name, "figures": dict(figures)})
        write_report(run.path)
        return dict(figures)


def enough(found: Evolved) -> bool:
    """Whether as many networks as a population has keep to what is required."""
    return sum(found.goals.feasible(one.figures) for one in found.found) >= found.size


def _with_course(front: Front, run: Run, archive: Archive, goals: Goals) -> Front:
    """The front with how the search of the run went, which is told as it was, and that of random search.

    Random search has the networks that it was the first to draw.
    """
    try:
        old = read_front(run.path)
    except DslnasError:
        old = None  # it is written anew
    by_chance = [_individual(one) for one in archive if one.by == RANDOM]
    front = replace(
        front,
        random=tuple(dict(one.figures) for one in front_of(goals, by_chance)),
        population=_picture(front, (one for one in archive if one.by != RANDOM)),
        random_population=_picture(front, (one for one in archive if one.by == RANDOM)),
    )
    if old is None:
        return front
    return replace(front, hypervolume=old.hypervolume, reference=old.reference, shares=old.shares)


def _individual(entry: Entry) -> Individual:
    return Individual(entry.key, entry.candidate, entry.figures, entry.generation)


def _picture(front: Front, entries: Iterable[Entry]) -> tuple[tuple[float, float, int], ...]:
    """Price, quality and generation of networks; those that were asked for later come after all others."""
    price, quality = axes_of(front)
    listed = list(entries)
    last = max((one.generation for one in listed if not one.asked), default=0)
    return tuple(
        (one.figures[price], one.figures[quality], one.generation + (last if one.asked else 0))
        for one in listed
    )


def _with_latency(run: Run, archive: Archive, method: SampledMethod, observer: Observer) -> Archive:
    """The archive with the latency of each network, where that is required; it is measured where it lacks."""
    if not any(one.price == "latency" for one in method.require):
        return archive
    latency, genes = latency_in(run.folder, run.experiment, observer), genes_of(run.experiment)

    def measured(one: Entry) -> Entry:
        seconds = one.figures.get("latency")
        if seconds is None:
            seconds = latency.seconds(genes.policy(one.candidate))
        return replace(one, figures={**one.figures, "latency": seconds})

    return Archive(archive.path, {one.key: measured(one) for one in archive})


def _wider(run: Run, method: SampledMethod, archive: Archive, observer: Observer) -> Evolved:
    """What evolution finds that goes on from what was compared, with the supernet of the search."""
    experiment = run.experiment
    assess = assessor_of(_work(run, observer))
    observer.begin(STAGE, method.population * method.generations)
    return evolve_on(
        assess.genes,
        method,
        assess,
        experiment.settings.seed,
        archive,
        lambda progress: observer.advance(STAGE, progress.evaluations),
    )


def _work(run: Run, observer: Observer) -> Work:
    """What the search of a run worked with; DslnasError N0701 where its supernet is not there."""
    from ...train.devices import pick_device

    if sampled(run.experiment).supernet is not None and not run.folder.has(SUPERNET):
        help = "without it, what was compared is all there is: `--no-evolve`"
        raise fail("N0701", f"{run.path} has no {SUPERNET} to judge networks with", help=help)
    device, seconds = pick_device(run.device), run.checkpoint_seconds
    prepared = prepare_data(run.held, run.data_root, observer)
    return Work(run.folder, run.held, prepared, device, observer, None, seconds, run.data_root)


def _nothing(run: Run, archive: Archive, method: SampledMethod) -> Exception:
    bounds = ", ".join(one.text for one in method.require)
    nearest = closest(list(archive), method.require)
    help = f"the nearest has {shortfall(nearest.figures, method.require)}" if nearest else ""
    return fail(
        "N0603", f"none of the {len(archive):,} networks that were compared keeps to {bounds}", help=help
    )
