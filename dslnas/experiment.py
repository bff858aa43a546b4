"""An experiment: a file, a data set and settings brought together, all that is decided before a weight is made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import syntax
from .build import Setup, build
from .data.catalog import class_names, profile_name
from .diagnostics import Diagnostic, DslnasError, errors, fail
from .frontend import FrontEnd
from .graph import Program, verify
from .method import Method, read_method
from .names import reachable
from .passes import PIPELINE, run_passes
from .resolve import Definitions, Keys, Space, did_you_mean, find_space, library, override, resolve
from .settings import Settings, Stage, parse_override, resolve_settings
from .stages import frontend_of
from .tensortype import Domain, TensorType
from .typecheck import check
from .values import evaluate

DEFAULT_METHOD = "darts"


@dataclass(frozen=True)
class Experiment:
    """What a run does. `overrides` are the texts of `--set`, kept so that a run can be repeated."""

    path: Path
    definitions: Definitions
    space: Space
    method: Method
    frontend: FrontEnd
    settings: Settings
    data: str
    classes: tuple[str, ...]
    overrides: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]

    def program(self, stage: Stage) -> Program:
        """The network of a stage as a verified graph; raises DslnasError where sizes do not work out."""
        setup = Setup(stage.parameters, self.frontend.output, len(self.classes))
        program, diagnostics = build(self.space, self.definitions.ops, setup)
        if program is None:
            raise DslnasError(*_distinct(errors(diagnostics)))
        return run_passes(verify(program, "build"), PIPELINE)

    @property
    def supernet(self) -> Program:
        """The network that is searched."""
        return self.program(self.settings.search)

    @property
    def evaluation(self) -> Program:
        """The network that is retrained, with all its choices still open."""
        return self.program(self.settings.train)

    @property
    def space_hash(self) -> str:
        """A hash of what a genotype of this space depends on: operations, candidates, cells, network."""
        return space_hash(self.space, self.definitions)

    @property
    def text(self) -> str:
        """The space and all it uses as one file without `use`."""
        return frozen_text(self.definitions)


def load(
    name: str | Path,
    *,
    data: str = "digits",
    data_root: Path | None = None,
    preset: str = "quick",
    overrides: Sequence[str] = (),
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> Experiment:
    """The experiment that a file, a data set and settings describe; raises DslnasError with all errors.

    classes: those of the data where they are known already, so that it need not be there.
    """
    path = find_space(str(name))
    definitions, diagnostics = resolve(path)
    found = check(definitions, diagnostics)
    if errors(found):
        raise DslnasError(*found)
    settings = [parse_override(text) for text in overrides]
    space = _space(definitions, _take(settings, "space"))
    space, domain = _with_domain(space, definitions, _take(settings, "domain"))
    space = _with_candidates(space, settings)
    method = _method(definitions, _take(settings, "method"), settings)
    profile = _profile(definitions, data)
    settings = [*_experiment_settings(definitions), *settings]
    resolved = resolve_settings(profile, space, domain, preset, settings, seed)
    known = definitions if profile.name in definitions.profiles else library()
    experiment = Experiment(
        path, definitions, space, method, frontend_of(profile, known, domain), resolved, data,
        tuple(class_names(data, data_root) if classes is None else classes), tuple(overrides),
        tuple(d for d in found if d.severity == "warning"),
    )  # fmt: skip
    _check_method(experiment)
    return experiment


def _take(settings: list[syntax.Setting], key: str) -> syntax.Setting | None:
    """Remove the last setting of a key and return it."""
    found = [setting for setting in settings if setting.key == key]
    settings[:] = [setting for setting in settings if setting.key != key]
    return found[-1] if found else None


def _word(value: syntax.Expr) -> str:
    return str(evaluate(value, lambda name: name.name))


def _stated(definitions: Definitions, key: str, given: syntax.Setting | None) -> tuple[str | None, Any]:
    """The word that `--set` or the experiment of the file gives for a key, and its place."""
    if given is not None:
        return _word(given.values[0]), given.span
    experiment = definitions.experiment
    if experiment is not None and key in experiment.values:
        expr = experiment.values[key][0]
        return _word(expr), expr.span
    return None, None


def _space(definitions: Definitions, given: syntax.Setting | None) -> Space:
    name, span = _stated(definitions, "space", given)
    if name is None:
        if not definitions.own_spaces:
            raise fail("N0206", f"{definitions.main.name} defines no space", help="`space Name { ... }`")
        name = definitions.own_spaces[-1]
    if name not in definitions.spaces:
        raise fail("N0201", f"there is no space `{name}`", span, help=did_you_mean(name, definitions.spaces))
    return definitions.spaces[name]


def _with_domain(space: Space, definitions: Definitions, given: syntax.Setting | None) -> tuple[Space, Domain]:
    name, span = _stated(definitions, "domain", given)
    if name is None:
        default = space.parameters.get("domain")
        name, span = (_word(default), default.span) if default else ("real", None)
    if name == "real":
        domain: Domain = "real"
    elif name == "complex":
        domain = "complex"
    else:
        raise fail("N0301", f"the domain is `real` or `complex`, not `{name}`", span)
    if "domain" in space.parameters:
        parameters = {**space.parameters, "domain": syntax.Name(domain, span or space.span)}
        space = replace(space, parameters=parameters)
    return space, domain


def _with_candidates(space: Space, settings: list[syntax.Setting]) -> Space:
    """`--set candidates.sep_conv_5x5=asym5(7, 1)` and the like change the space itself."""
    for setting in [s for s in settings if s.path[0] in (*space.sets, *space.cells, "network")]:
        space = override(space, setting)
        settings.remove(setting)
    return space


def _method(definitions: Definitions, given: syntax.Setting | None, settings: list[syntax.Setting]) -> Method:
    """The method, with what `--set method.KEY=...` changes in it."""
    name, span = _stated(definitions, "method", given)
    name = name or DEFAULT_METHOD
    known = {**library().methods, **definitions.methods}
    if name not in known:
        help = did_you_mean(name, known) or f"known: {', '.join(known)}"
        raise fail("N0201", f"there is no method `{name}`", span, help=help)
    keys = known[name]
    for setting in [s for s in settings if s.path[0] == "method"]:
        key = ".".join(setting.path[1:])
        keys = replace(
            keys, values={**keys.values, key: setting.values}, spans={**keys.spans, key: setting.span}
        )
        settings.remove(setting)
    method, found = read_method(keys)
    if method is None:
        raise DslnasError(*found)
    return method


def _profile(definitions: Definitions, data: str) -> Keys:
    name = profile_name(data)
    known = {**library().profiles, **definitions.profiles}
    if name not in known:
        help = f"define `profile {name} {{ ... }}` in your file"
        raise fail("N0606", f"there is no profile for `{name}`", help=help)
    return known[name]


def _experiment_settings(definitions: Definitions) -> list[syntax.Setting]:
    experiment = definitions.experiment
    if experiment is None:
        return []
    return [
        syntax.Setting(tuple(key.split(".")), values, False, experiment.spans[key])
        for key, values in experiment.values.items()
        if key not in ("space", "method", "domain")
    ]


def _check_method(experiment: Experiment) -> None:
    """What the method keeps must be what the space's nodes keep, or less than arrives."""
    kept = experiment.method.keep_edges
    if kept is None:
        return
    for selection in experiment.supernet.selections.values():
        if kept > len(selection.sources):
            message = f"method `{experiment.method.name}` keeps {kept} edges where {len(selection.sources)} arrive"
            raise fail("N0405", message, help=f"at node {selection.node} of cell `{selection.cell}`")


def _distinct(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    kept: dict[Any, Diagnostic] = {}
    for diagnostic in diagnostics:
        kept.setdefault((diagnostic.code, diagnostic.span or diagnostic.message), diagnostic)
    return list(kept.values())


def space_hash(space: Space, definitions: Definitions) -> str:
    """A hash of the space's structure: not of the values of its parameters, nor of spelling and layout."""
    sets = {name: dict(options) for name, options in space.sets.items()}
    cells = [(cell.name, cell.inputs, cell.items, cell.value, dict(cell.settings)) for cell in space.cells.values()]
    used = reachable([*sets.values(), cells, space.network], definitions.ops)
    ops = {name: (definitions.ops[name].parameters, definitions.ops[name].body) for name in sorted(used)}
    text = repr((space.name, sets, cells, space.network, ops))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def frozen_text(definitions: Definitions) -> str:
    """All sources as one text: `use` lines left out, and the experiments of files other than the main one."""
    from .parse import parse

    parts: list[str] = []
    used = {source.name for source in definitions.sources}
    extra = [source for source in library().sources if source.name not in used]
    for source in [*extra, *_in_use_order(definitions)]:
        lines = source.text.splitlines()
        file, _ = parse(source)
        for definition in file.definitions:
            foreign = isinstance(definition, syntax.Settings) and definition.kind == "experiment"
            if isinstance(definition, syntax.Use):
                lines[definition.span.line - 1] = ""
            elif foreign and source != definitions.main:
                for number in range(definition.span.line - 1, definition.span.end_line):
                    lines[number] = ""
        text = "\n".join(line for line in lines).strip("\n")
        parts.append(f"# --- {source.name}\n{text}\n")
    return "\n".join(parts)


def _in_use_order(definitions: Definitions) -> list[Any]:
    """The main file last: it derives from the others."""
    others = [source for source in definitions.sources if source != definitions.main]
    return [*reversed(others), definitions.main]


def describe_settings(experiment: Experiment) -> Mapping[str, Any]:
    """The resolved settings as JSON data, for the run folder and `plan`."""
    settings = experiment.settings

    def stage(values: Stage) -> dict[str, Any]:
        given = {name: value for name, value in values.parameters.items() if name != "domain"}
        return {**given, "batch": values.batch, "epochs": values.epochs, "steps": values.steps, "travel": values.travel, "warmup": values.warmup, "mixup": values.mixup}

    return {
        "space": experiment.space.name,
        "method": experiment.method.name,
        "domain": settings.domain,
        "preset": settings.preset,
        "precision": settings.precision,
        "seed": settings.seed,
        "data": {"name": experiment.data, "split": settings.split, "fold": settings.fold, "clips": settings.clips,
                 "skip_limit": settings.skip_limit},
        "search": stage(settings.search),
        "train": stage(settings.train),
        "set": list(experiment.overrides),
        "origins": dict(settings.origins),
    }  # fmt: skip


def input_type(experiment: Experiment) -> TensorType:
    """What enters the network."""
    return experiment.frontend.output
