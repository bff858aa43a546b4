"""Who judges in the search of an experiment, before a run from the listed clips and in a run from those read.

Whatever is chosen while a search goes on is chosen by clips that stand here: the architecture by
`JudgedClips.architecture`, anything else (a fitness, a stop) by `JudgedClips.validation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.diagnostics import Diagnostic, DslnasError
from ..base.source import Span
from ..data.catalog import KNOWN, parse_spec
from ..data.dataset import Clip, SplitName
from ..data.judge import Judge, JudgeKind, Member, Told, appoint, parties
from ..data.locations import locate
from ..resolve.settings import parse_override
from .experiment import Experiment

if TYPE_CHECKING:
    from torch import Tensor

    from ..data.features import Prepared, Split


@dataclass(frozen=True)
class Roles:
    """Who does what in a run. judge: None where nothing is searched. groups: by what they do, empty where
    none are known. problem: the warning where groups were to judge and cannot.
    """

    judge: JudgeKind | None
    groups: dict[str, Told]
    problem: Diagnostic | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """The roles as parts of `data` in `metrics.json`."""
        judge = {} if self.judge is None else {"judge": self.judge}
        return judge | ({"groups": self.groups} if self.groups else {})

    @property
    def notes(self) -> list[str]:
        """The problem in a line, with its place."""
        return [] if self.problem is None else [f"{self.problem.location}: {self.problem.message}"]


@dataclass(frozen=True)
class Counted:
    """How many clips there are to train on, and how many of them train the weights of the search."""

    train: int
    weights: int


@dataclass(frozen=True)
class JudgedClips:
    """The clips of a search by what they do.

    weights, architecture: indices (N,), (M,) of clips of the training split. validation: the clips of the
    validation split by which anything else may be chosen; where groups judge, those whose group trains no
    weight of the search, or all where there are none.
    """

    weights: Tensor
    architecture: Tensor
    validation: Split


def judge_in(experiment: Experiment, train: Sequence[Member], test: Sequence[str]) -> Judge:
    """The judge of an experiment's search over the clips of the training split, with the test's groups."""
    settings = experiment.settings
    return appoint(settings.search.judge, train, test, experiment.method.split, settings.seed)


def judge_of(experiment: Experiment, prepared: Prepared) -> Judge:
    """The judge of an experiment's search over the data of a run."""
    return judge_in(experiment, prepared.train.members, [one.group for one in prepared.test.members])


def judged_clips(experiment: Experiment, prepared: Prepared) -> JudgedClips:
    """The clips of a search by what they do; DslnasError N0605 where no class has two clips to divide."""
    import torch

    from ..train.batches import halves

    train, validation = prepared.train, prepared.validation
    judge = judge_of(experiment, prepared)
    if not judge.groups:
        first, second = halves(train.labels, experiment.method.split, experiment.settings.seed)
        return JudgedClips(first, second, validation)
    judging = torch.tensor([one.group in judge.groups for one in train.members])
    weights, architecture = (torch.nonzero(side).flatten() for side in (~judging, judging))
    trains = {one.group for one in train.members} - judge.groups
    strange = torch.tensor([one.group not in trains for one in validation.members], dtype=torch.bool)
    if strange.any() and not strange.all():
        validation = validation.part(torch.nonzero(strange).flatten())
    return JudgedClips(weights, architecture, validation)


def trained_apart(experiment: Experiment, prepared: Prepared) -> Prepared:
    """The data of a network that is trained for a comparison: as in the search, those validate that judge."""
    clips = judged_clips(experiment, prepared)
    train, judging = prepared.train.part(clips.weights), prepared.train.part(clips.architecture)
    return replace(prepared, train=train, validation=judging)


def roles_in(experiment: Experiment, prepared: Prepared, searches: bool) -> Roles:
    """Who does what in a run, over its data. searches: whether it has a search."""
    train, validation, test = (
        [one.group for one in split.members] for split in (prepared.train, prepared.validation, prepared.test)
    )
    if not searches:
        return Roles(None, parties(None, train, validation, test))
    judge = judge_of(experiment, prepared)
    return Roles(judge.kind, parties(judge, train, validation, test), trouble(experiment, judge))


def planned_roles(experiment: Experiment, data_root: Path | None = None) -> Roles | None:
    """Who would do what, from the list of clips; None where that is not on disk or cannot be read."""
    try:
        clips = listed(experiment, data_root)
    except DslnasError:
        return None
    if clips is None:
        return None

    def groups(split: SplitName) -> list[str]:
        return [clip.group for clip in clips if clip.split == split]

    named = (groups("train"), groups("validation"), groups("test"))
    if experiment.only_genotype is not None:
        return Roles(None, parties(None, *named))
    judge = _listed_judge(experiment, clips)
    return Roles(judge.kind, parties(judge, *named), trouble(experiment, judge))


def counted(experiment: Experiment, data_root: Path | None = None) -> Counted | None:
    """The numbers of training clips; None where the data would have to be fetched or made first.

    Raises DslnasError as `open_data` does.
    """
    clips = listed(experiment, data_root)
    if clips is None:
        return None
    judging = _listed_judge(experiment, clips).groups
    train = [clip for clip in clips if clip.split == "train"]
    if not judging:
        return Counted(len(train), round(len(train) * experiment.method.split))
    return Counted(len(train), sum(clip.group not in judging for clip in train))


def planned_clips(experiment: Experiment, data_root: Path | None = None) -> Counted | None:
    """The numbers of training clips; None where their list is not on disk or cannot be read."""
    try:
        return counted(experiment, data_root)
    except DslnasError:
        return None


def listed(experiment: Experiment, data_root: Path | None) -> Sequence[Clip] | None:
    """The clips of the data set; None where it would have to be fetched or made first."""
    spec = parse_spec(experiment.data)
    if spec.path is None and locate(KNOWN[spec.name], data_root) is None:
        return None
    return experiment.open_data(data_root).clips


def _listed_judge(experiment: Experiment, clips: Sequence[Clip]) -> Judge:
    train = [Member(clip.label, clip.group) for clip in clips if clip.split == "train"]
    return judge_in(experiment, train, [clip.group for clip in clips if clip.split == "test"])


def trouble(experiment: Experiment, judge: Judge) -> Diagnostic | None:
    """The warning N0605 where groups were to judge and cannot, at the setting that asks for it."""
    if not judge.problem:
        return None
    message = f"clips judge the search, and not groups that train no weight: {judge.problem}"
    help = "list the recordings with their speakers, csv:PATH, or say `search.judge=clips`"
    return Diagnostic("N0605", message, _place(experiment), severity="warning", help=help)


def _place(experiment: Experiment) -> Span:
    """Where the judge is set, or else what makes the test one of strangers, or else the space."""
    given = [parse_override(text) for text in experiment.overrides]
    own = experiment.definitions.experiment
    for key in ("search.judge", "data.split", "data.folds", "data.fold", "data"):
        for setting in reversed(given):
            if setting.key == key:
                return setting.span
        if own is not None and key in own.spans:
            return own.spans[key]
    return experiment.space.span
