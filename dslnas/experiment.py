"""An experiment: a file, a data set and settings, all that is decided before a weight is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from . import syntax
from .build import Setup, build
from .data.catalog import class_names, profile_name
from .definitions import Definitions, Keys, Space, did_you_mean
from .derive import override
from .diagnostics import Diagnostic, DslnasError, errors, fail
from .fixing import Fixes
from .freeze import frozen_text, space_hash
from .frontend import FrontEnd, FrontEnds
from .genotype import Genotype
from .graph import Program
from .library import find_space
from .method import Method, RelaxedMethod, misfits, read_call, read_method
from .passes import PIPELINE, run_passes
from .progressive import WHOLE, without_depth
from .prune import prune
from .resolve import library, resolve
from .settings import (
    DOMAINS,
    LENGTHS,
    SEARCH_KEYS,
    TRAIN_KEYS,
    Settings,
    Stage,
    parse_override,
    resolve_settings,
)
from .stages import frontends_for, template_of
from .tensortype import Domain
from .typecheck import check, stated_data
from .values import evaluate
from .verify import verify

DEFAULT_METHOD = "darts"
DEFAULT_DATA = "digits"


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

    def setup(self, stage: Stage) -> Setup:
        """The sizes that the network of a stage is built for."""
        input = self.frontends if self.frontends.points else self.frontend.output
        return Setup(stage.parameters, input, len(self.classes))

    def built(self, stage: Stage, parts: int = 1) -> Program:
        """The network of a stage as its text says it; raises DslnasError where sizes do not work out.

        parts: the candidates of an edge see one of so many parts of its channels.
        """
        setup = replace(self.setup(stage), parts=parts)
        program, diagnostics = build(self.space, self.definitions.ops, setup)
        if program is None:
            raise DslnasError(*errors(diagnostics))
        return verify(program, "build")

    def program(self, stage: Stage) -> Program:
        """The network of a stage as it is lowered, after all passes; raises DslnasError as `built` does."""
        return run_passes(self.built(stage), PIPELINE)

    def searched(self, stage: Stage) -> Program:
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
    def stages(self) -> tuple[Stage, ...]:
        """The settings of each stage of the search."""
        search, train = self.settings.search, self.settings.train
        stages = self.method.stages if isinstance(self.method, RelaxedMethod) else WHOLE
        return tuple(stage.settings(search, train) for stage in stages)

    @cached_property
    def supernets(self) -> tuple[Program, ...]:
        """The network of each stage of the search, with all its candidates."""
        whole = self.settings.search
        return tuple(self.supernet if stage == whole else self.searched(stage) for stage in self.stages)

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


def load(
    name: str | Path,
    *,
    data: str | None = None,
    data_root: Path | None = None,
    preset: str = "quick",
    overrides: Sequence[str] = (),
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> Experiment:
    """The experiment that a file, a data set and settings describe; raises DslnasError with all errors.

    data: None for what the file says, or else `digits`.
    classes: those of the data where they are known already, so that it need not be there.
    """
    path = find_space(str(name))
    definitions, diagnostics = resolve(path)
    found = check(definitions, diagnostics)
    if errors(found):
        raise DslnasError(*found)
    return fitting(assemble(path, definitions, found, data, data_root, preset, overrides, seed, classes))


def fitting(experiment: Experiment) -> Experiment:
    """The experiment with warnings about its method, if that can search its space; DslnasError if not."""
    problems = misfits(experiment.method, experiment.supernet)
    if isinstance(experiment.method, RelaxedMethod):
        problems += without_depth(experiment.method.stages, experiment.space)
    if errors(problems):
        raise DslnasError(*problems)
    new = [problem for problem in problems if problem not in experiment.warnings]
    return replace(experiment, warnings=(*experiment.warnings, *new)) if new else experiment


def check_decided(experiment: Experiment) -> None:
    """Raise DslnasError N0603 where the network that is trained has a choice that its search has not."""
    searched, trained = experiment.supernets[-1], experiment.evaluation
    open = {*trained.choices, *trained.selections} - {*searched.choices, *searched.selections}
    if open:
        message = f"the search decides nothing about `{min(open)}`, which the network that is trained has"
        help = "the search too needs each kind of cell, and as many nodes: `--set search.repeat=1`"
        raise fail("N0603", message, help=help)


def assemble(
    path: Path,
    definitions: Definitions,
    found: Sequence[Diagnostic] = (),
    data: str | None = None,
    data_root: Path | None = None,
    preset: str = "quick",
    overrides: Sequence[str] = (),
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> Experiment:
    """The experiment of definitions that are resolved already, without the proof that its parts fit.

    found: what was told about the definitions. Raises DslnasError as `load` does.
    """
    settings = _overrides(overrides)
    space = _space(definitions, _take(settings, "space"))
    space, domain = _with_domain(space, definitions, _take(settings, "domain"))
    space = _with_candidates(space, settings)
    keys, method = _method(definitions, _take(settings, "method"), settings)
    stated = _stated(definitions, "data", _take(settings, "data"))
    if data is None:
        data = stated_data(stated) if stated is not None else DEFAULT_DATA
    own = _profile(definitions, data)
    profile = _with_frontend(own, definitions, _take(settings, "frontend"))
    settings = [*_experiment_settings(definitions), *settings]
    resolved = resolve_settings(profile, space, domain, preset, settings, seed)
    return Experiment(
        path=path,
        definitions=definitions,
        space=space,
        method=method,
        frontends=frontends_for(data, profile, definitions, domain, Fixes(space.fixes)),
        settings=resolved,
        data=data,
        classes=tuple(class_names(data, data_root) if classes is None else classes),
        overrides=tuple(overrides),
        warnings=tuple(d for d in found if d.severity == "warning"),
        text=frozen_text(definitions, keys, own, template_of(profile.values["frontend"][0], definitions)),
    )


# --- what is stated where -----------------------------------------------------------------------------------


def _overrides(texts: Sequence[str]) -> list[syntax.Setting]:
    """The settings of the command line; raises DslnasError with every problem in them."""
    settings: list[syntax.Setting] = []
    problems: list[Diagnostic] = []
    for text in texts:
        try:
            settings.append(parse_override(text))
        except DslnasError as error:
            problems += error.diagnostics
    if problems:
        raise DslnasError(*problems)
    return settings


def _take(settings: list[syntax.Setting], key: str) -> syntax.Setting | None:
    """Remove the settings of a key and return the last."""
    found = [setting for setting in settings if setting.key == key]
    settings[:] = [setting for setting in settings if setting.key != key]
    return found[-1] if found else None


def _stated(definitions: Definitions, key: str, given: syntax.Setting | None) -> syntax.Expr | None:
    """What `--set`, or else the experiment of the file, says for a key; raises DslnasError."""
    experiment = definitions.experiment
    values = given.values if given is not None else experiment.values.get(key, ()) if experiment else ()
    if len(values) > 1:
        raise fail("N0207", f"`{key}` takes one value", values[1].span)
    return values[0] if values else None


def _word(value: syntax.Expr) -> str:
    """The word that an expression is, or its text."""
    word = evaluate(value, lambda name: name.name)
    return word if isinstance(word, str) else value.span.text


# --- the parts ----------------------------------------------------------------------------------------------


def _space(definitions: Definitions, given: syntax.Setting | None) -> Space:
    expr = _stated(definitions, "space", given)
    if expr is None:
        if not definitions.own_spaces:
            raise fail("N0206", f"{definitions.main.name} defines no space", help="`space Name { ... }`")
        return definitions.spaces[definitions.own_spaces[-1]]
    name = _word(expr)
    if name not in definitions.spaces:
        help = did_you_mean(name, definitions.spaces) or f"known: {', '.join(definitions.spaces)}"
        raise fail("N0201", f"there is no space `{name}`", expr.span, help=help)
    return definitions.spaces[name]


def _with_domain(
    space: Space, definitions: Definitions, given: syntax.Setting | None
) -> tuple[Space, Domain]:
    expr = _stated(definitions, "domain", given) or space.parameters.get("domain")
    name = _word(expr) if expr is not None else "real"
    domain: Domain | None = next((domain for domain in DOMAINS if domain == name), None)
    if domain is None:
        span = expr.span if expr is not None else None
        help = did_you_mean(name, DOMAINS)
        raise fail("N0301", f"the domain is `real` or `complex`, not `{name}`", span, help=help)
    if "domain" in space.parameters and expr is not None:
        parameters = {**space.parameters, "domain": syntax.Name(domain, expr.span)}
        space = replace(space, parameters=parameters)
    return space, domain


def _with_candidates(space: Space, settings: list[syntax.Setting]) -> Space:
    """`--set candidates.sep_conv_5x5=asym5(7, 1)` and the like change the space itself."""
    for setting in [s for s in settings if s.path[0] in (*space.sets, *space.cells, "network")]:
        space = override(space, setting)
        settings.remove(setting)
    return space


def _method(
    definitions: Definitions, given: syntax.Setting | None, settings: list[syntax.Setting]
) -> tuple[Keys, Method]:
    """The method as a file defines it, and as it runs: with arguments and what `--set method.KEY` changes."""
    known = {**library().methods, **definitions.methods}
    expr = _stated(definitions, "method", given)
    own, arguments = read_call(expr, known) if expr is not None else (known[DEFAULT_METHOD], ())
    keys = own
    for setting in [s for s in settings if s.path[0] == "method"]:
        keys = keys.with_setting(".".join(setting.path[1:]), setting.values, setting.span)
        settings.remove(setting)
    method, found = read_method(keys, arguments)
    if method is None:
        raise DslnasError(*found)
    return own, method


def _profile(definitions: Definitions, data: str) -> Keys:
    name = profile_name(data)
    known = {**library().profiles, **definitions.profiles}
    if name not in known:
        help = f"define `profile {name} {{ ... }}` in your file"
        raise fail("N0606", f"there is no profile for `{name}`", help=help)
    return known[name]


def _with_frontend(profile: Keys, definitions: Definitions, given: syntax.Setting | None) -> Keys:
    """The profile with the front end that `--set` or the experiment names instead of its own."""
    expr = _stated(definitions, "frontend", given)
    return profile if expr is None else profile.with_setting("frontend", (expr,), expr.span)


def _experiment_settings(definitions: Definitions) -> list[syntax.Setting]:
    experiment = definitions.experiment
    if experiment is None:
        return []
    return [
        syntax.Setting(tuple(key.split(".")), values, False, experiment.spans[key])
        for key, values in experiment.values.items()
        if key not in ("space", "method", "data", "domain", "frontend")
    ]


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


def _describe_stage(stage: Stage, keys: Iterable[str]) -> dict[str, Any]:
    """The parameters of the space, `domain` apart, and what else the stage is told."""
    own = {key: getattr(stage, key) for key in keys}
    own = {name: value for name, value in own.items() if value or name not in LENGTHS}  # the one that is set
    return {name: value for name, value in stage.parameters.items() if name != "domain"} | own
