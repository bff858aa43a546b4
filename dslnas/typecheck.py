"""The checker: proves spaces well formed for all channels and sizes, checks methods and profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import limits
from .arguments import show
from .build import Elaborate, Setup, build
from .calls import wrong_arguments
from .data.catalog import parse_spec
from .definitions import Definitions, Keys, Space, did_you_mean
from .diagnostics import Diagnostic, DslnasError, fail, first_of_each
from .fixing import Fixes
from .fixing import found as decided_by
from .frontend import FrontEnds
from .genotype_text import places_of
from .graph import Program
from .method import Method, misfits, read_call, read_method, unmixable
from .names import circular, single_options, taken_names, unknown_names, unused_names, unused_parts
from .resolve import library, resolve
from .scope import Work
from .settings import DOMAINS, GROUPS, group_settings, profile_keys, symbolic
from .source import Span
from .stages import build_frontends, frontends_of
from .syntax import Expr, GenotypeText, Parameter
from .tensortype import Dim, Domain, tensor
from .values import evaluate

EXPERIMENT_KEYS = ("space", "method", "data", "domain", "precision", "frontend")
EXAMPLE_SIZE = {"F": 32, "T": 32}  # what messages show for the symbols


def check_file(path: Path) -> list[Diagnostic]:
    """Every error and warning of a file, in its order; raises DslnasError if it cannot be read."""
    definitions, diagnostics = resolve(path)
    return check(definitions, diagnostics)


def check(definitions: Definitions, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Every error and warning: those found so far, then those of names, types, methods and experiments."""
    unknown = unknown_names(definitions)
    found = [*diagnostics, *unknown, *wrong_arguments(definitions), *circular(definitions.ops)]
    found += [*taken_names(definitions), *unused_names(definitions), *single_options(definitions)]
    if not unknown:  # what is misspelled seems unused
        found += [one for name in definitions.own_spaces for one in unused_parts(definitions.spaces[name])]
    programs: dict[str, Program | None] = {}
    work = Work()
    for name in _checked_spaces(definitions):
        programs[name], problems = typecheck(definitions.spaces[name], definitions, work=work)
        found += problems
    for text in definitions.own_genotypes:
        found += _genotype(text, definitions)
    for keys in definitions.methods.values():
        if _complete(keys.parameters):
            found += read_method(keys)[1]
    for template in definitions.frontends.values():
        if _complete(template.parameters):
            found += build_frontends(template, definitions, None, "real")[1]
    for profile in definitions.profiles.values():
        found += _profile(profile, definitions)
    if definitions.experiment is not None:
        found += _experiment(definitions, definitions.experiment, programs)
    if definitions.sweeps:
        from .sweep.checking import check_sweeps  # which proves spaces as this module does

        found += check_sweeps(definitions, programs)
    return first_of_each(found)


def _genotype(text: GenotypeText, definitions: Definitions) -> list[Diagnostic]:
    """Where the space of a genotype is known: whether it has what the genotype chooses."""
    if text.name not in definitions.genotypes or text.space not in definitions.spaces:
        return []
    fix = decided_by(definitions.genotypes[text.name], None, text.span, places_of(text))
    space = definitions.spaces[text.space]
    return typecheck(replace(space, fixes=(*space.fixes, fix)), definitions)[1]


def _complete(parameters: Iterable[Parameter]) -> bool:
    """Whether a method or a front end can be checked before anyone gives it arguments."""
    return all(parameter.default is not None for parameter in parameters)


def _checked_spaces(definitions: Definitions) -> list[str]:
    """The spaces of the file, and that of its experiment, which another file may define."""
    named = _word(definitions.experiment, "space") if definitions.experiment else None
    elsewhere = named in definitions.spaces and named not in definitions.own_spaces
    used = [named] if named and elsewhere else []
    return [*used, *definitions.own_spaces]


def _word(keys: Keys, key: str) -> str | None:
    """The word that a key says; None where it says none."""
    try:
        said = _plain(keys.values[key][0]) if key in keys.values else None
    except DslnasError:
        return None
    return said if isinstance(said, str) else None


def typecheck(
    space: Space,
    definitions: Definitions,
    elaboration: Elaborate | None = None,
    work: Work | None = None,
) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a space with symbols for channels and sizes, and every type error in it.

    elaboration, work: as for `build`.
    """
    try:
        parameters = symbolic(space)
    except DslnasError as error:
        return None, list(error.diagnostics)
    domain, wrong = _domain(space, parameters)
    wrong += _wrong_sizes(space)
    if domain is None or wrong:
        return None, wrong
    default = _plain(space.parameters["channels"]) if "channels" in parameters else 1
    symbols = {"C": default, **EXAMPLE_SIZE}
    setup = Setup(parameters, tensor(domain, 1, "F", "T"), Dim.of("classes"), symbols)

    def excused(name: str) -> bool:
        return definitions.excused("op", name)

    return build(space, definitions.ops, setup, excused, elaboration, work)


def _plain(expr: Expr) -> Any:
    return evaluate(expr, lambda name: name.name)


def _domain(space: Space, parameters: Mapping[str, Any]) -> tuple[Domain | None, list[Diagnostic]]:
    value = parameters.get("domain", "real")
    for domain in DOMAINS:
        if value == domain:
            return domain, []
    message = f"the domain is `real` or `complex`, not {show(value)}"
    help = did_you_mean(str(value), DOMAINS)
    return None, [Diagnostic("N0301", message, space.parameters["domain"].span, help=help)]


def _wrong_sizes(space: Space) -> list[Diagnostic]:
    """Parameters whose default is a number that no network has."""
    return [
        Diagnostic("N0301", f"parameter `{name}` must be from 0 to {limits.SIZE:,}", expr.span)
        for name, expr in space.parameters.items()
        if type(value := _plain(expr)) in (int, float) and not 0 <= value <= limits.SIZE
    ]


def _profile(profile: Keys, definitions: Definitions) -> list[Diagnostic]:
    """Keys of a profile, and its front end; what depends on the space is checked when that is known."""
    parameters = {name for space in definitions.spaces.values() for name in space.parameters}
    return [*profile_keys(profile, parameters), *frontends_named(profile, definitions)[1]]


def frontends_named(
    keys: Keys, definitions: Definitions, fixes: Fixes | None = None
) -> tuple[FrontEnds | None, list[Diagnostic]]:
    """The front ends that a profile, an experiment or a sweep names, and what is wrong with them."""
    if "frontend" not in keys.values:
        return None, []
    try:
        return frontends_of(keys, definitions, "real", fixes), []
    except DslnasError as error:
        return None, list(error.diagnostics)


def _experiment(
    definitions: Definitions, experiment: Keys, programs: dict[str, Program | None]
) -> list[Diagnostic]:
    """Keys and references of the experiment; what a profile decides is checked when the data is known."""
    found: list[Diagnostic] = []
    name = _word(experiment, "space") or ""
    if "space" in experiment.values and name not in definitions.spaces:
        found += unknown_space(definitions, name, experiment.values["space"][0].span)
    space = definitions.spaces.get(name)
    found += _experiment_keys(experiment, space)
    program = programs.get(name)
    fixed = space is not None and space.fixes
    if program is not None and not program.choices and not program.selections and not fixed:
        place = experiment.values["space"][0].span
        help = "`choose` makes a choice point"
        message = f"space `{name}` has nothing to search"
        found.append(Diagnostic("N0601", message, place, help=help, severity="warning"))
    if "data" in experiment.values:
        found += wrong_data(experiment.values["data"][0])
    frontends, problems = frontends_named(experiment, definitions, Fixes(space.fixes if space else ()))
    found += problems
    if "method" in experiment.values:
        method, problems = method_called(definitions, experiment.values["method"][0])
        found += problems
        if method is not None and program is not None:
            found += misfits(method, program)
        if method is not None and frontends is not None:
            found += unmixable(method, frontends.points)
    return found


def _experiment_keys(experiment: Keys, space: Space | None) -> list[Diagnostic]:
    """The keys of an experiment that mean nothing; those of a space that nobody knows may mean something."""
    known = [*EXPERIMENT_KEYS, *group_settings(space.parameters if space else ())]
    found = []
    for key, span in experiment.spans.items():
        group, _, setting = key.partition(".")
        if key not in known and (space is not None or not setting or group not in GROUPS):
            help = did_you_mean(key, known) or f"known: {', '.join(known)}"
            found.append(Diagnostic("N0204", f"an experiment has no key `{key}`", span, help=help))
    return found


def unknown_space(definitions: Definitions, name: str, place: Span) -> list[Diagnostic]:
    """That an experiment or a sweep names no space, where its definition is not one that cannot be read."""
    if definitions.excused("space", name):
        return []
    known = [*definitions.spaces, *(unread for kind, unread in definitions.unread if kind == "space")]
    help = did_you_mean(name, known) or (f"known: {', '.join(known)}" if known else "")
    if not name:
        return [Diagnostic("N0201", "`space` takes the name of a space", place, help=help)]
    return [Diagnostic("N0201", f"there is no space {show(name)}", place, help=help)]


def wrong_data(expr: Expr) -> list[Diagnostic]:
    """What is wrong with the name of a data set."""
    try:
        stated_data(expr)
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def stated_data(expr: Expr) -> str:
    """The data set that a file names, `sc09` or `"folder:recordings"`; raises DslnasError if none."""
    name = _plain(expr)
    if not isinstance(name, str):
        help = 'its name, such as `sc09`, or `"folder:PATH"`'
        raise fail("N0301", "`data` takes a data set", expr.span, help=help)
    try:
        return str(parse_spec(name))
    except DslnasError as error:
        raise DslnasError(*(replace(one, span=expr.span) for one in error.diagnostics)) from None


def method_called(definitions: Definitions, expr: Any) -> tuple[Method | None, list[Diagnostic]]:
    """The method that `darts` or `darts(order: 1)` calls, None where there is none, and what is wrong."""
    known = {**library().methods, **definitions.methods}
    try:
        keys, arguments = read_call(expr, known)
    except DslnasError as error:
        name = getattr(getattr(expr, "function", expr), "name", "")
        return None, [] if definitions.excused("method", name) else list(error.diagnostics)
    return read_method(keys, arguments)
