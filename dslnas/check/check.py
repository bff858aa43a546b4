"""Static checks of a whole file: its spaces, genotypes, methods, profiles, experiments and sweeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..base.diagnostics import Diagnostic, DslnasError, first_of_each
from ..base.spelling import did_you_mean
from ..elaborate.fixes import Fixes
from ..elaborate.frontends import build_frontends
from ..elaborate.scope import Work
from ..ir.graph import Program
from ..methods.read import check_method
from ..parse.syntax import GenotypeText, Parameter
from ..resolve.definitions import Definitions, Keys, Space
from ..resolve.found import decided_by
from ..resolve.genotype_text import places_of
from ..resolve.resolve import resolve
from ..resolve.settings import GROUPS, group_settings, profile_keys
from ..resolve.values import evaluate_words
from .arguments import wrong_arguments
from .methods import located, misfits, unmixable
from .names import circular, single_options, taken_names, unknown_names, unused_names, unused_parts
from .references import frontends_named, method_called, unknown_space, wrong_data
from .typecheck import typecheck

EXPERIMENT_KEYS = ("space", "method", "data", "domain", "precision", "frontend")


def check_file(path: Path) -> list[Diagnostic]:
    """All errors and warnings of a file; raises DslnasError if it cannot be read."""
    definitions, diagnostics = resolve(path)
    return check(definitions, diagnostics)


def check(
    definitions: Definitions, diagnostics: list[Diagnostic], classes: int | None = None, fit: bool = True
) -> list[Diagnostic]:
    """All errors and warnings of definitions, those of `resolve` (`diagnostics`) first.

    classes: their number, of a run, whose data stays what it is; else the proof is for any number.
    fit: whether the method of the experiment must fit its space; a run checks that of what it was asked for.
    """
    unknown = unknown_names(definitions)
    found = [*diagnostics, *unknown, *wrong_arguments(definitions), *circular(definitions.ops)]
    found += [*taken_names(definitions), *unused_names(definitions), *single_options(definitions)]
    if not unknown:  # a misspelled name would make its target seem unused
        found += [one for name in definitions.own_spaces for one in unused_parts(definitions.spaces[name])]
    programs: dict[str, Program | None] = {}
    work = Work()
    for name in _checked_spaces(definitions):
        programs[name], problems = typecheck(
            definitions.spaces[name], definitions, work=work, classes=classes
        )
        found += problems
    for text in definitions.own_genotypes:
        found += _genotype(text, definitions)
    for keys in definitions.methods.values():
        if _complete(keys.parameters):
            found += check_method(keys)
    for template in definitions.frontends.values():
        if _complete(template.parameters):
            found += build_frontends(template, definitions, None, "real")[1]
    for profile in definitions.profiles.values():
        found += _profile(profile, definitions)
    if definitions.experiment is not None:
        found += _experiment(definitions, definitions.experiment, programs, fit)
    if definitions.sweeps:
        from .sweeps import check_sweeps

        found += check_sweeps(definitions, programs)
    return first_of_each(found)


def _genotype(text: GenotypeText, definitions: Definitions) -> list[Diagnostic]:
    """Errors of a genotype in its space; none if the space is unknown."""
    if text.name not in definitions.genotypes or text.space not in definitions.spaces:
        return []
    fix = decided_by(definitions.genotypes[text.name], None, text.span, places_of(text))
    space = definitions.spaces[text.space]
    return typecheck(replace(space, fixes=(*space.fixes, fix)), definitions)[1]


def _complete(parameters: Iterable[Parameter]) -> bool:
    """Whether a method or a front end can be checked without arguments: all parameters have defaults."""
    return all(parameter.default is not None for parameter in parameters)


def _checked_spaces(definitions: Definitions) -> list[str]:
    """The names of the file's own spaces, after that of its experiment if another file defines it."""
    named = _word(definitions.experiment, "space") if definitions.experiment else None
    elsewhere = named in definitions.spaces and named not in definitions.own_spaces
    used = [named] if named and elsewhere else []
    return [*used, *definitions.own_spaces]


def _profile(profile: Keys, definitions: Definitions) -> list[Diagnostic]:
    """Errors in the keys of a profile and in its front end; a run checks what depends on its space."""
    parameters = {name for space in definitions.spaces.values() for name in space.parameters}
    return [*profile_keys(profile, parameters), *frontends_named(profile, definitions)[1]]


def _experiment(
    definitions: Definitions, experiment: Keys, programs: dict[str, Program | None], fit: bool
) -> list[Diagnostic]:
    """Errors in the keys and references of the experiment; a run checks what depends on its profile."""
    found: list[Diagnostic] = []
    name = _word(experiment, "space") or ""
    if "space" in experiment.values and name not in definitions.spaces:
        found += unknown_space(definitions, name, experiment.values["space"][0].span)
    space = definitions.spaces.get(name)
    found += _experiment_keys(experiment, space)
    program = programs.get(name)
    fixed = space is not None and space.fixes
    searched = "method" in experiment.values  # without one it says how a network is trained
    if searched and program is not None and not (program.choices or program.selections or fixed):
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
        if not fit:
            return found
        if method is not None and program is not None:
            place = experiment.values["method"][0].span
            found += located(misfits(method, program), method, place, definitions.main)
        if method is not None and frontends is not None:
            found += unmixable(method, frontends.points)
    return found


def _experiment_keys(experiment: Keys, space: Space | None) -> list[Diagnostic]:
    """Errors for unknown keys of an experiment; of an unknown space, any `search.x` may be a parameter."""
    known = [*EXPERIMENT_KEYS, *group_settings(space.parameters if space else ())]
    found = []
    for key, span in experiment.spans.items():
        group, _, setting = key.partition(".")
        if key not in known and (space is not None or not setting or group not in GROUPS):
            last = [one for one in known if one.rpartition(".")[2] == key]
            help = f"did you mean `{last[-1]}`?" if last else did_you_mean(key, known)
            help = help or f"known: {', '.join(known)}"
            found.append(Diagnostic("N0204", f"an experiment has no key `{key}`", span, help=help))
    return found


def _word(keys: Keys, key: str) -> str | None:
    """The value of a key if it is a word, else None."""
    try:
        value = evaluate_words(keys.values[key][0]) if key in keys.values else None
    except DslnasError:
        return None
    return value if isinstance(value, str) else None
