"""Prunes the network of a run: scores of its parts or the adversarial game, then a genotype."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import run_folder as files
from ...base.diagnostics import fail
from ...ir.genotype import Genotype
from ...ir.places import places
from ...ir.positions import network_of, positions_without, ties_of
from ...ir.walk import Chosen, cost
from ...prune.parts import Removed, left_of, ranked, removed_for
from ...resolve.resolve import with_library
from .asked import Asked, check, read_asked
from .games import by_game
from .named import named

if TYPE_CHECKING:
    from ...lower.pruned import PrunedNetwork
    from ..experiment import Experiment
    from ..searches.work import Work


def asked_of(
    folder: files.RunFolder,
    experiment: Experiment,
    genotype: Genotype,
    method: str,
    nodes: str | None = None,
    to: str | None = None,
    epochs: int | None = None,
    overrides: Sequence[str] = (),
) -> Asked:
    """What a pruning of a trained run is asked for.

    method: a name, a call, or a file. overrides: the texts of `--set method.KEY=VALUE`.

    Raises DslnasError as `named` and `check` do, N0701 where the run holds no trained network.
    """
    found = named(method, with_library(experiment.definitions).methods, overrides)
    if not folder.has(files.WEIGHTS):
        help = f"`dslnas run --resume {folder.path}` finishes it"
        raise fail("N0701", f"{folder.path} holds no trained network yet", help=help)
    whole = cost(*network_of(experiment.evaluation, genotype))
    tested = folder.metrics().get("test")
    accuracy = tested.get("accuracy") if isinstance(tested, dict) else None
    before: dict[str, Any] = {"params": whole.params, "macs": whole.macs, "accuracy": accuracy}
    asked = Asked(folder.path.resolve().name, genotype, found, nodes, to, epochs, before)
    check(asked, experiment)
    return asked


def write_asked(asked: Asked, source: Path, folder: files.RunFolder) -> None:
    """Lay down in a new run what is to be pruned, and the weights of the run in `source`."""
    folder.write_json(files.PRUNING, asked.to_json())
    shutil.copyfile(source / files.WEIGHTS, folder.path / files.TEACHER)


def prune_parts(work: Work) -> Genotype:
    """The genotype that a run was asked to make of another; it goes on from the checkpoint.

    Raises DslnasError N0601 where the game diverges, N0603 where the goal cannot be reached, N0701 where
    files of the folder cannot be used.
    """
    asked = read_asked(work.folder.path, work.experiment)
    teacher = _teacher(work, asked.genotype)
    removed = by_game(work, asked, teacher) if asked.method.plays else _by_scores(work, asked, teacher)
    positions = positions_without(work.experiment.evaluation, asked.genotype, removed)
    genotype = replace(asked.genotype, positions=positions)
    work.folder.update_metrics(pruning=_figures(work, asked, teacher, genotype, removed))
    return genotype


def _teacher(work: Work, genotype: Genotype) -> PrunedNetwork:
    from ...lower.pruned import PrunedNetwork
    from ...train.weights import load_weights

    network = PrunedNetwork(work.experiment.evaluation, genotype, work.experiment.settings.seed)
    load_weights(work.folder.path / files.TEACHER, network, "prune the run again, to another folder")
    return network.to(work.device).eval()


def _by_scores(work: Work, asked: Asked, teacher: PrunedNetwork) -> Removed:
    from ...search.scored.scores import RIVALS, Trained

    program, settings = work.experiment.evaluation, work.experiment.settings
    trained = Trained(
        program,
        asked.genotype,
        teacher,
        work.prepared.train,
        settings.train.batch,
        settings.seed,
        work.device,
        asked.method.of,
    )
    goal = asked.goal(work.experiment)
    assert goal is not None, "checked before"
    order = ranked(RIVALS[asked.method.rank](trained))
    return removed_for(program, asked.genotype, order, goal)


def _cut(work: Work, teacher: PrunedNetwork, whole: Genotype, genotype: Genotype, removed: Removed) -> Any:
    """The network right after the cut, with the weights that are left of the whole one."""
    from ...lower.narrow import inherited
    from ...lower.pruned import PrunedNetwork

    program = work.experiment.evaluation
    cut = PrunedNetwork(program, genotype, work.experiment.settings.seed)
    channels = {(place, part) for place, parts in removed.items() for part in parts if isinstance(part, int)}
    tied = ties_of(program, whole)
    cut.load_state_dict(inherited(cut, teacher.state_dict(), teacher.network, tied, channels))
    return cut.to(work.device)


def _figures(
    work: Work, asked: Asked, teacher: PrunedNetwork, genotype: Genotype, removed: Removed
) -> dict[str, Any]:
    """What the pruning has done, for `metrics.json`: before, after, and what is kept where."""
    from ...train.testing import accuracy

    program, validation = work.experiment.evaluation, work.prepared.validation
    after = cost(*network_of(program, genotype))
    cut = _cut(work, teacher, asked.genotype, genotype, removed)
    what = asked.method.of
    nodes, parts = left_of(program, genotype), left_of(program, genotype, what)
    return {
        "of": asked.run,
        "method": asked.method.name,
        "goal": asked.nodes or asked.to,
        "parts": what,
        "nodes": {"before": nodes.before, "after": nodes.after},
        what: {"before": parts.before, "after": parts.after},
        "params": {"before": asked.before.get("params"), "after": after.params},
        "macs": {"before": asked.before.get("macs"), "after": after.macs},
        "validation": {
            "before": accuracy(teacher, validation, work.device),
            "cut": accuracy(cut, validation, work.device),
        },
        "test": {"before": asked.before.get("accuracy")},
        "kept": {place: [*told] for place, told in parts.kept.items()},
        "kinds": {place.name: place.kind for place in places(program, Chosen.of(genotype)) if place.nodes},
    }
