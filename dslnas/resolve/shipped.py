"""What the shipped files define, for a name that a text lacks the `use` of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ..parse import syntax
from ..parse.parse import parse
from .library import read_source, shipped, usable


def kind_of(definition: syntax.Definition) -> str:
    """What a definition makes: an `op`, a `space`, a `method`, ..."""
    if isinstance(definition, syntax.Op):
        return "op"
    if isinstance(definition, syntax.SpaceTemplate):
        return "space"
    if isinstance(definition, syntax.FrontEndTemplate):
        return "frontend"
    if isinstance(definition, syntax.GenotypeText):
        return "genotype"
    assert isinstance(definition, syntax.SettingsBlock | syntax.Derived)
    return definition.kind


def use_of(kind: str, name: str) -> str:
    """The `use` that makes a name known, as a help; empty where no shipped file defines it."""
    file = _definers().get((kind, name))
    return f'`use "{file}"` at the top of the file: it defines `{name}`' if file else ""


@cache
def _definers() -> Mapping[tuple[str, str], str]:
    """(kind, name) -> the shipped file that defines it, of several the one in the library."""
    found: dict[tuple[str, str], str] = {}
    for file in sorted(usable(), key=lambda file: not file.startswith("lib/")):
        for definition in parse(read_source(shipped() / file))[0].definitions:
            if not isinstance(definition, syntax.Use):
                found.setdefault((kind_of(definition), getattr(definition, "name", "")), file)
    return found
