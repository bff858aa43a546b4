"""What a run keeps of its space: one text without `use`, and a hash of what a genotype depends on."""

from __future__ import annotations

import hashlib

from . import syntax
from .definitions import Definitions, Keys, Space
from .names import reachable
from .parse import parse
from .source import Source


def space_hash(space: Space, definitions: Definitions) -> str:
    """A hash of the space's structure: operations, candidates, cells, network.

    It stays when comments, layout, the order of definitions or the values of parameters change.
    """
    sets = {name: sorted(options.items()) for name, options in sorted(space.sets.items())}
    cells = [
        (cell.name, cell.inputs, cell.items, cell.value, sorted(cell.settings.items()))
        for _, cell in sorted(space.cells.items())
    ]
    used = reachable([*space.sets.values(), cells, space.network], definitions.ops)
    ops = [(name, definitions.ops[name].parameters, definitions.ops[name].body) for name in sorted(used)]
    fixes = [space.fixes] if space.fixes else []
    text = repr((space.name, sets, cells, space.network, ops, *fixes))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def frozen_text(
    definitions: Definitions, method: Keys, profile: Keys, frontend: syntax.FrontEndTemplate
) -> str:
    """All that a run is made of as one text that loads alike: no `use`, one experiment.

    The files that the main file uses keep their text. Of the library come the method, the profile and the
    front end, where no file defines them, with every `with` written out.
    """
    parts: list[str] = []
    if frontend.name not in definitions.frontends:
        parts.append(_frontend_text(frontend))
    if profile.name not in definitions.profiles:
        parts.append(_keys_text("profile", profile))
    if method.name not in definitions.methods:
        parts.append(_keys_text("method", method))
    if not parts and len(definitions.sources) == 1:
        return _own_text(definitions.main, is_main=True) + "\n"
    if parts:
        parts.insert(0, "# --- from the library")
    others = [source for source in definitions.sources if source != definitions.main]
    for source in (*reversed(others), definitions.main):
        parts += [f"# --- {source.name}", _own_text(source, source == definitions.main)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _own_text(source: Source, is_main: bool) -> str:
    """A source without its `use` lines and, unless it is the main one, without its experiment."""
    lines: list[str | None] = list(source.lines)
    for definition in parse(source)[0].definitions:
        is_experiment = isinstance(definition, syntax.Settings) and definition.kind == "experiment"
        if isinstance(definition, syntax.Use) or (is_experiment and not is_main):
            first, last = definition.span.line, definition.span.end_line
            lines[first - 1 : last] = [None] * (last - first + 1)
    return "\n".join(line for line in lines if line is not None).strip("\n")


def _keys_text(kind: str, keys: Keys) -> str:
    """A method or a profile as text, without `with`."""
    values = (f"    {key}: {', '.join(e.span.text for e in exprs)}" for key, exprs in keys.values.items())
    return "\n".join([f"{kind} {keys.name}{_parameters_text(keys.parameters)} {{", *values, "}"])


def _frontend_text(template: syntax.FrontEndTemplate) -> str:
    return f"frontend {template.name}{_parameters_text(template.parameters)} = {template.value.span.text}"


def _parameters_text(parameters: tuple[syntax.Parameter, ...]) -> str:
    shown = [f"{p.name} = {p.default.span.text}" if p.default else p.name for p in parameters]
    return f"({', '.join(shown)})" if shown else ""
