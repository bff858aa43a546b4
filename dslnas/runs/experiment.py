"""An experiment: space, method, data set and settings of a run, and the networks that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, errors, fail
from ..base.source import Span
from ..check.budget import unmet
from ..data.classes import packed, split_called
from ..data.dataset import DataOptions, DataSet, OnProgress, silent
from ..data.own.manifest import Manifest
from ..data.resampling import PRESENT, Resampling
from ..elaborate.space import Setup, build
from ..ir.frontend import FrontEnd, FrontEnds
from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.verify import verify
from ..methods.method import Method, RelaxedMethod, SampledMethod
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
    """The inputs of a run, resolved and checked.

    overrides: the texts of `--set`, kept to repeat the run. resampling: of recordings of another rate.
    """

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
    text: str  # the space and all it uses as one text without `use`
    frontend_text: str = ""  # the front end as it is named, `logmel(32)`
    method_span: Span | None = None  # where the method is named
    decisions: Mapping[str, str] = field(
        default_factory=dict
    )  # of a genotype, where one is known: choice point -> option
    resampling: Resampling = PRESENT
    manifest: Manifest | None = None  # the clips that a run keeps
    by_path: bool = False  # of a run that keeps no list of its clips and has begun: choices hash paths

    @property
    def data_options(self) -> DataOptions:
        """The options of the data set."""
        settings = self.settings
        return DataOptions(
            split=settings.split,
            fold=settings.fold,
            folds=settings.folds,
            skip_limit=settings.skip_limit,
            clips=settings.clips,
            by_path=self.by_path,
            window=self.ways[0].frontend.clip if settings.windows == "all" and self.keeps_clips else 0.0,
        )

    @property
    def keeps_clips(self) -> bool:
        """Whether a run of it keeps a list of its clips; what a file of images holds does not move."""
        return not self.by_path and not packed(self.data)

    def open_data(
        self, data_root: Path | None = None, on_progress: OnProgress | None = None, training: bool = True
    ) -> DataSet:
        """The clips of the data set, those that the run keeps where it has a list of them.

        training: whether it must not lack any of them. Raises DslnasError N0604, N0603, N0605.
        """
        from ..data.opening import open_data
        from ..data.own.manifest import held_to

        def kept(data: DataSet) -> DataSet:
            assert self.manifest is not None
            return held_to(data, self.manifest, self.classes, training)

        hold = None if self.manifest is None else kept
        try:
            return open_data(self.data, data_root, self.data_options, on_progress or silent, hold)
        except DslnasError as error:
            first = error.diagnostics[0]
            if self.manifest is None or first.code != "N0604":
                raise
            help = "where the recordings have moved, say where to: `--data folder:PATH`"
            raise DslnasError(replace(first, help=help), *error.diagnostics[1:]) from None

    @property
    def frontend(self) -> FrontEnd:
        """The front end of the features; raises DslnasError N0601 where it is still to be chosen."""
        return self.frontends.decided(self.decisions).only

    @property
    def ways(self) -> tuple[Experiment, ...]:
        """The experiment with each front end that may still be chosen; itself where there is one."""
        left = self.frontends.decided(self.decisions).ways
        return (self,) if len(left) == 1 else tuple(replace(self, decisions=way.taken) for way in left)

    @cached_property
    def split(self) -> str:
        """What the split of the data is called: `official`, `speaker`, `hash`, ..."""
        return split_called(self.data, self.settings.split, self.settings.folds)

    def decided_by(self, genotype: Genotype) -> Experiment:
        """The experiment with the front end that a genotype chooses."""
        return replace(self, decisions=dict(genotype.choices))

    def setup(self, stage: StageSettings) -> Setup:
        """The parameters, the input type and the classes that the network of a stage is built for."""
        input = self.frontends if self.frontends.points else self.frontend.output
        return Setup(stage.parameters, input, len(self.classes), batch=stage.batch)

    def built(self, stage: StageSettings, parts: int = 1) -> Program:
        """The program of a stage's network before passes; raises DslnasError where sizes do not work out.

        parts: candidates of an edge see one in `parts` of its channels (PC-DARTS).
        """
        setup = replace(self.setup(stage), parts=parts)
        program, diagnostics = build(self.space, self.definitions.ops, setup)
        if program is None:
            raise DslnasError(*errors(diagnostics))
        return verify(program, "build")

    def program(self, stage: StageSettings) -> Program:
        """The program of a stage's network after all passes; raises DslnasError as `built` does."""
        return run_passes(self.built(stage), PIPELINE)

    def searched(self, stage: StageSettings) -> Program:
        """The program of a search stage after all passes, with partial channels where the method has them."""
        parts = self.method.parts if isinstance(self.method, RelaxedMethod) else 1
        return run_passes(self.built(stage, parts), PIPELINE)

    @cached_property
    def supernet(self) -> Program:
        """The program of the supernet, at the sizes of the settings."""
        return self.searched(self.settings.search)

    @cached_property
    def search_stages(self) -> tuple[StageSettings, ...]:
        """The settings of each stage of the search; one stage but for progressive methods (P-DARTS)."""
        search, train = self.settings.search, self.settings.train
        stages = self.method.stages if isinstance(self.method, RelaxedMethod) else WHOLE
        return tuple(stage.settings(search, train) for stage in stages)

    @cached_property
    def supernets(self) -> tuple[Program, ...]:
        """The program of each stage of the search, with all candidates."""
        whole = self.settings.search
        return tuple(
            self.supernet if stage == whole else self.searched(stage) for stage in self.search_stages
        )

    @cached_property
    def evaluation(self) -> Program:
        """The program of the network that is retrained, with all choices still open."""
        return self.program(self.settings.train)

    def search_steps(self, per_epoch: int) -> int:
        """The steps of the search, with `per_epoch` in an epoch; 0 where nothing moves the architecture."""
        if isinstance(self.method, SampledMethod) and self.method.supernet is None:
            return 0
        if isinstance(self.method, RelaxedMethod) and self.method.arch is None:
            return 0
        return self.settings.search.length(per_epoch)

    def shortened(self, steps: int) -> Experiment:
        """The same, with a retraining of so many steps."""
        train = replace(self.settings.train, steps=steps, epochs=0)
        return replace(self, settings=replace(self.settings, train=train))

    @property
    def only_genotype(self) -> Genotype | None:
        """The genotype of a space in which every choice is made; None where there is something to search."""
        if self.evaluation.choices or self.evaluation.selections:
            return None
        return prune(self.evaluation, {}, {}, {}, self.space_hash, self.method.name)

    @property
    def space_hash(self) -> str:
        """The hash of what a genotype of this space depends on: operations, candidates, cells, network."""
        return space_hash(self.space, self.definitions)


def check_decided(experiment: Experiment) -> None:
    """Raise DslnasError where a search could not lead to a network that is trained.

    N0603: the retrained network has a choice that the searched one lacks. N0601: the method requires what no
    network keeps to.
    """
    searched, trained = experiment.supernets[-1], experiment.evaluation
    undecided = {*trained.choices, *trained.selections} - {*searched.choices, *searched.selections}
    if undecided:
        message = (
            f"the search decides nothing about `{min(undecided)}`, which the network that is trained has"
        )
        help = "the search too needs each kind of cell, and as many nodes: `--set search.repeat=1`"
        raise fail("N0603", message, help=help)
    if found := unmet(experiment.method, experiment.evaluation):
        raise DslnasError(*found)


# --- as JSON data -------------------------------------------------------------------------------------------


def describe_settings(experiment: Experiment) -> Mapping[str, Any]:
    """The resolved settings as JSON data, for the run folder and `plan`."""
    settings = experiment.settings
    return {
        "space": experiment.space.name,
        "method": experiment.method.name,
        "frontend": experiment.frontend_text,
        "domain": settings.domain,
        "preset": settings.preset,
        "precision": settings.precision,
        "seed": settings.seed,
        "data": {
            "name": experiment.data,
            "split": experiment.split,
            "fold": settings.fold,
            **({"folds": settings.folds} if settings.folds else {}),
            "clips": settings.clips,
            "skip_limit": settings.skip_limit,
            "windows": settings.windows,
            "resampling": experiment.resampling,
        },
        "search": _describe_stage(settings.search, SEARCH_KEYS),
        "train": _describe_stage(settings.train, TRAIN_KEYS),
        "set": list(experiment.overrides),
        "origins": dict(settings.origins),
        "beaten": {key: [list(one) for one in said] for key, said in settings.beaten.items()},
    }


def _describe_stage(stage: StageSettings, keys: Iterable[str]) -> dict[str, Any]:
    """The parameters of the space but for `domain`, and the other settings of the stage."""
    own = {key: getattr(stage, key) for key in keys}
    own = {name: value for name, value in own.items() if value or name not in LENGTHS}  # the one that is set
    return {name: value for name, value in stage.parameters.items() if name != "domain"} | own
