"""Ensembles: a network trained once for each part of the clips that validates it, tested as the mean of all.

Beside them stands the network of the run itself: the single and the ensemble mode of section 3.2 of NASC-net
(Li et al., 2020). No member has seen a clip of the test.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ...base import run_folder as files
from ...base.diagnostics import fail
from ...base.files import read_json
from ...base.lock import locked
from ...data.cache.rows import joined as on_both_sides
from ...data.dataset import Clip
from ...data.parts import Part, official_parts, own_parts
from ...train.observer import Observer, Silent
from ..begin import train_genotype
from ..experiment import Experiment
from ..prepared import prepare_data
from ..run import Run
from ..threads import AS_TORCH_HAS, Threads

if TYPE_CHECKING:
    from ...data.features import Prepared, Split

FORMAT, VERSION = "dslnas-ensemble", 1
MOST = 64  # members
FIGURES = ("accuracy", "accuracy_interval", "macro_f1", "macro_f1_channels", "calibration_error", "clips")


def check(experiment: Experiment, data_root: Path | None, parts: int | None) -> None:
    """Raise DslnasError N0603 where an ensemble cannot be made: too few or too many parts, or no folds.

    parts: how many parts of one's own; None: the official folds of the data.
    """
    if parts is None:
        _official(experiment, data_root)
    elif not 2 <= parts <= MOST:
        raise fail("N0603", f"an ensemble of {parts} members", help=f"it has 2 to {MOST}")


def begin(run: Run, parts: int | None) -> None:
    """Note in the folder of a run that it is to have an ensemble too; `parts` as for `check`."""
    run.folder.write_json(files.ENSEMBLE, {"format": FORMAT, "version": VERSION, "parts": parts})


def finish(
    run: Run, observer: Observer | None = None, threads: Threads = AS_TORCH_HAS, events: bool = False
) -> dict[str, Any]:
    """Train and test what is left of a run and of its ensemble; returns the metrics of the run.

    Each member is a run in `members/`. Raises DslnasError as `Run.execute` does.
    """
    watching = observer or Silent()
    run.execute(watching, "test", threads, events)
    with locked(run.path):
        members = _members(run, watching)
        for member in members:
            watching.say(f"member {member.path.name} of {len(members)}")
            member.execute(watching, "test", threads, events)
        _test(run, members, watching)
        return run.report()


@dataclass(frozen=True)
class Member(Run):
    """A run whose validation is one part of the clips that no test needs, and whose training all others.

    part: the keys of the clips that validate.
    """

    part: Part = frozenset()

    def prepared(self, observer: Observer, training: bool = True) -> Prepared:
        """The data of the run; the clips of the part validate, all others but those of the test train."""
        return divided(super().prepared(observer, training), self.part)


def divided(prepared: Prepared, part: Part) -> Prepared:
    """Data whose validation are the clips of a part, and whose training are all others but the test."""
    rest = joined(prepared.train, prepared.validation)
    inside = torch.tensor([key in part for key in rest.keys], dtype=torch.bool)
    for side, what in ((inside, "validates"), (~inside, "trains")):
        if not side.any():
            raise fail(
                "N0605", f"{prepared.name}: no clip {what} a member of the ensemble", help="take fewer parts"
            )
    validation, train = (rest.part(torch.nonzero(side).flatten()) for side in (inside, ~inside))
    return replace(prepared, train=train, validation=validation)


def joined(one: Split, other: Split) -> Split:
    """The clips of two splits, by class, as data sets list them."""
    groups = [*(one.groups or [""] * len(one)), *(other.groups or [""] * len(other))]
    labels = torch.cat([one.labels, other.labels])
    both = replace(
        one,
        raw=on_both_sides(one.raw, other.raw),
        features=on_both_sides(one.features, other.features),
        labels=labels,
        paths=[*one.paths, *other.paths],
        groups=groups if one.groups or other.groups else [],
        keys=[*one.keys, *other.keys],
    )
    return both.part(torch.argsort(labels, stable=True))


class Mean(nn.Module):
    """Networks whose probabilities are averaged: (N, ...) -> their logarithms (N, classes)."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x: Tensor) -> Tensor:
        """The logarithms of the mean probabilities, whose softmax they are again."""
        each = [torch.softmax(network(x).float(), dim=1) for network in self.networks]
        return torch.stack(each).mean(dim=0).clamp_min(torch.finfo(torch.float32).tiny).log()


# --- members -----------------------------------------------------------------------------------------------


def _members(run: Run, observer: Observer) -> list[Member]:
    """The members of an ensemble with their folders, which are made where they are not there."""
    parts = _parts(run, observer)
    return [_member(run, number, part) for number, part in enumerate(parts, start=1)]


def _member(run: Run, number: int, part: Part) -> Member:
    path = run.path / files.MEMBERS / str(number)
    if not (path / files.GENOTYPE).is_file():
        shutil.rmtree(path, ignore_errors=True)  # one whose making was cut off
        command = f"member {number} of the ensemble {run.path.name}"
        train_genotype(
            run.genotype, run.held, path, data_root=run.data_root, device=run.device, command=command
        )
    member = Run.open(path, run.data_root, run.device)
    parts = (member.folder, member.experiment, member.data_root, member.device, run.checkpoint_seconds)
    return Member(*parts, part=part)


def _parts(run: Run, observer: Observer) -> list[Part]:
    said = read_json(run.path / files.ENSEMBLE)
    parts = said.get("parts") if isinstance(said, dict) else None
    if parts is None:
        return _official(run.experiment, run.data_root)
    if type(parts) is not int or not 2 <= parts <= MOST:
        raise fail("N0701", f"{run.path / files.ENSEMBLE}: `parts` is no number of members")
    prepared = prepare_data(run.held, run.data_root, observer)
    rest = joined(prepared.train, prepared.validation)
    groups = rest.groups or [""] * len(rest)
    clips = zip(rest.keys, rest.labels.tolist(), groups, strict=True)
    return own_parts([Clip(key, label, "train", group) for key, label, group in clips], parts)


def _official(experiment: Experiment, data_root: Path | None) -> list[Part]:
    parts = official_parts(experiment.data, data_root, experiment.data_options)
    if len(parts) < 2:
        message = f"{experiment.data} has no folds for the members of an ensemble"
        raise fail("N0603", message, help="say how many parts of its clips to take: `--folds 4`")
    return parts


# --- the test ----------------------------------------------------------------------------------------------


def _test(run: Run, members: Sequence[Member], observer: Observer) -> None:
    """Test the mean of the members on the test split; figures go to the metrics of the run."""
    from ...train.devices import pick_device
    from ...train.testing import test

    device = pick_device(run.device)
    prepared = prepare_data(run.held, run.data_root, observer)
    mean = Mean([member.network(device) for member in members])
    observer.begin("test", 1)
    tested = test(mean, prepared.test, prepared.classes, device)
    observer.advance("test", 1, accuracy=tested.figures["accuracy"])
    each = [member.folder.metrics().get("test", {}) for member in members]
    said = run.folder.read_json(files.ENSEMBLE)
    details = tested.named(prepared).details
    run.folder.write_json(files.ENSEMBLE, {**said, **details, "figures": tested.figures})
    run.folder.update_metrics(
        ensemble={
            "parts": "official" if said["parts"] is None else "own",
            **_figures(tested.figures),
            "members": [_figures(one) for one in each],
        }
    )


def _figures(tested: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tested[name] for name in FIGURES if name in tested}
