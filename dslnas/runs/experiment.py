"""An experiment: a file, a data set and settings, all that is decided before a weight is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, errors, fail
from ..elaborate.space import Setup, build
from ..ir.frontend import FrontEnd, FrontEnds
from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.verify import verify
from ..methods.method import Method, RelaxedMethod
from ..methods.stages import WHOLE
from ..passes import PIPELINE, run_passes
from ..prune.prune import prune
from ..resolve.definitions import Definitions, Space
from ..resolve.frozen import space_hash
from ..resolve.settings import (
    LENGTHS,
    SEARCH_KEYS,
    TRAIN_KEYS,
    Settings,
    StageSettings,
)


@dataclass(frozen=True)
class Experiment:
    """What a run does. `overrides` are the texts of `--set`, kept so that a run can be repeated."""

    path: Path
    definitions: Definitions
    space: Space
    method: Method
    frontends: FrontEnds
    settings: Settings
    data: str
    classes: tuple[str, ...]
    overrides: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    text: str  # the space and all it uses as one file without `use`
    decisions: Mapping[str, str] = field(default_factory=dict)  # of a genotype, where one is known

    @property
    def frontend(self) -> FrontEnd:
        """What makes the features; raises DslnasError N0601 where a choice is still to decide it."""
        return self.frontends.decided(self.decisions).only

    def decided_by(self, genotype: Genotype) -> Experiment:
        """The experiment with the front end that a genotype chooses."""
        return replace(self, decisions=dict(genotype.choices))

    def setup(self, stage: StageSettings) -> Setup:
        """The sizes that the network of a stage is built for."""
        input = self.frontends if self.frontends.points else self.frontend.output
        return Setup(stage.parameters, input, len(self.classes), batch=stage.batch)

    def built(self, stage: StageSettings, parts: int = 1) -> Program:
        """The network of a stage as its text says it; raises DslnasError where sizes do not work out.

        parts: the candidates of an edge see one of so many parts of its channels.
        """
        setup = replace(self.setup(stage), parts=parts)
        program, diagnostics = build(self.space, self.definitions.ops, setup)
        if program is None:
            raise DslnasError(*errors(diagnostics))
        return verify(program, "build")

    def program(self, stage: StageSettings) -> Program:
        """The network of a stage as it is lowered, after all passes; raises DslnasError as `built` does."""
        return run_passes(self.built(stage), PIPELINE)

    def searched(self, stage: StageSettings) -> Program:
        """The network of a stage of the search; where the method mixes a part of the channels, with such
        edges.
        """
        parts = self.method.parts if isinstance(self.method, RelaxedMethod) else 1
        return run_passes(self.built(stage, parts), PIPELINE)

    @cached_property
    def supernet(self) -> Program:
        """The network that is searched, at the sizes that the settings say."""
        return self.searched(self.settings.search)

    @cached_property
    def search_stages(self) -> tuple[StageSettings, ...]:
        """The settings of each stage of the search."""
        search, train = self.settings.search, self.settings.train
        stages = self.method.stages if isinstance(self.method, RelaxedMethod) else WHOLE
        return tuple(stage.settings(search, train) for stage in stages)

    @cached_property
    def supernets(self) -> tuple[Program, ...]:
        """The network of each stage of the search, with all its candidates."""
        whole = self.settings.search
        return tuple(
            self.supernet if stage == whole else self.searched(stage) for stage in self.search_stages
        )

    @cached_property
    def evaluation(self) -> Program:
        """The network that is retrained, with all its choices still open."""
        return self.program(self.settings.train)

    def search_steps(self, per_epoch: int) -> int:
        """The steps of the search, where an epoch has `per_epoch`; 0 where nothing moves the architecture."""
        if isinstance(self.method, RelaxedMethod) and self.method.arch is None:
            return 0
        return self.settings.search.length(per_epoch)

    @property
    def only_genotype(self) -> Genotype | None:
        """The genotype of a space in which every choice is made; None where there is something to search."""
        if self.evaluation.choices or self.evaluation.selections:
            return None
        return prune(self.evaluation, {}, {}, {}, self.space_hash, self.method.name)

    @property
    def space_hash(self) -> str:
        """A hash of what a genotype of this space depends on: operations, candidates, cells, network."""
        return space_hash(self.space, self.definitions)


def check_decided(experiment: Experiment) -> None:
    """Raise DslnasError N0603 where the network that is trained has a choice that its search has not."""
    searched, trained = experiment.supernets[-1], experiment.evaluation
    open = {*trained.choices, *trained.selections} - {*searched.choices, *searched.selections}
    if open:
        message = f"the search decides nothing about `{min(open)}`, which the network that is trained has"
        help = "the search too needs each kind of cell, and as many nodes: `--set search.repeat=1`"
        raise fail("N0603", message, help=help)


# --- what is stated where -----------------------------------------------------------------------------------


# --- the parts ----------------------------------------------------------------------------------------------


def describe_settings(experiment: Experiment) -> Mapping[str, Any]:
    """The resolved settings as JSON data, for the run folder and `plan`."""
    settings = experiment.settings
    return {
        "space": experiment.space.name,
        "method": experiment.method.name,
        "domain": settings.domain,
        "preset": settings.preset,
        "precision": settings.precision,
        "seed": settings.seed,
        "data": {
            "name": experiment.data,
            "split": settings.split,
            "fold": settings.fold,
            "clips": settings.clips,
            "skip_limit": settings.skip_limit,
        },
        "search": _describe_stage(settings.search, SEARCH_KEYS),
        "train": _describe_stage(settings.train, TRAIN_KEYS),
        "set": list(experiment.overrides),
        "origins": dict(settings.origins),
    }


def _describe_stage(stage: StageSettings, keys: Iterable[str]) -> dict[str, Any]:
    """The parameters of the space, `domain` apart, and what else the stage is told."""
    own = {key: getattr(stage, key) for key in keys}
    own = {name: value for name, value in own.items() if value or name not in LENGTHS}  # the one that is set
    return {name: value for name, value in stage.parameters.items() if name != "domain"} | own
