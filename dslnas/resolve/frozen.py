"""Freezes the space of a run: one self-contained text without `use`, and a hash of the space's structure."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ..base.source import Source, Span
from ..parse import syntax
from ..parse.parse import parse
from ..parse.walking import reachable
from .definitions import Definitions, Keys, Space


def space_hash(space: Space, definitions: Definitions) -> str:
    """A hash (SHA-256, 32 digits) of the space's structure: operations, candidates, cells, network.

    It does not depend on comments, layout, the order of definitions or the values of parameters.
    """
    sets = {name: sorted(options.items()) for name, options in sorted(space.sets.items())}
    cells = [
        (cell.name, cell.inputs, cell.items, cell.value, sorted(cell.settings.items()))
        for _, cell in sorted(space.cells.items())
    ]
    network = space.network if space.network.lets else space.network.value
    lets = {name: let.value for name, let in sorted(space.lets.items())}
    used = reachable([*space.sets.values(), cells, *lets.values(), network], definitions.ops)
    ops = [(name, definitions.ops[name].parameters, definitions.ops[name].body) for name in sorted(used)]
    more = [part for part in (space.fixes, tuple(lets.items())) if part]
    text = repr((space.name, sets, cells, network, ops, *more))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def frozen_text(
    definitions: Definitions, method: Keys, profile: Keys, frontend: syntax.FrontEndTemplate
) -> str:
    """All definitions of a run as one self-contained text: no `use`, one experiment, no sweep.

    The text of the main file and of the files it uses is kept. The method, the profile and the front end are
    added where they come from the library, with every `with` expanded. The experiment of a sweep's trial,
    which no file contains, is written out.
    """
    parts: list[str] = []
    if frontend.name not in definitions.frontends:
        parts.append(_frontend_text(frontend))
    if profile.name not in definitions.profiles:
        parts.append(keys_text("profile", profile))
    if method.name not in definitions.methods:
        parts.append(keys_text("method", method))
    experiment = definitions.experiment
    if not parts and len(definitions.sources) == 1:
        parts = [_own_text(definitions.main, experiment)]
    else:
        if parts:
            parts.insert(0, "# --- from the library")
        others = [source for source in definitions.sources if source != definitions.main]
        for source in (*reversed(others), definitions.main):
            parts += [f"# --- {source.name}", _own_text(source, experiment)]
    if experiment is not None and experiment.span not in _experiments(definitions.main):
        parts.append(keys_text("experiment", replace(experiment, name="")))
    return "\n\n".join(part for part in parts if part) + "\n"


def _own_text(source: Source, experiment: Keys | None) -> str:
    """The text of a file without its `use` lines, its sweeps, and any experiment but that of the run."""
    lines: list[str | None] = list(source.lines)
    for definition in parse(source)[0].definitions:
        runs = isinstance(definition, syntax.SettingsBlock) and definition.kind in ("experiment", "sweep")
        kept = experiment is not None and definition.span == experiment.span and _is_experiment(definition)
        if isinstance(definition, syntax.Use) or (runs and not kept):
            first, last = definition.span.line, definition.span.end_line
            lines[first - 1 : last] = [None] * (last - first + 1)
    return "\n".join(line for line in lines if line is not None).strip("\n")


def _experiments(source: Source) -> list[Span]:
    return [one.span for one in parse(source)[0].definitions if _is_experiment(one)]


def _is_experiment(definition: syntax.Definition) -> bool:
    return isinstance(definition, syntax.SettingsBlock) and definition.kind == "experiment"


def keys_text(kind: str, keys: Keys) -> str:
    """A method, a profile or an experiment as text, without `with`."""
    values = (f"    {key}: {', '.join(e.span.text for e in exprs)}" for key, exprs in keys.values.items())
    head = f"{kind} {keys.name}{_parameters_text(keys.parameters)}".rstrip()
    return "\n".join([f"{head} {{", *values, "}"])


def _frontend_text(template: syntax.FrontEndTemplate) -> str:
    return f"frontend {template.name}{_parameters_text(template.parameters)} = {template.value.span.text}"


def _parameters_text(parameters: tuple[syntax.Parameter, ...]) -> str:
    shown = [f"{p.name} = {p.default.span.text}" if p.default else p.name for p in parameters]
    return f"({', '.join(shown)})" if shown else ""
