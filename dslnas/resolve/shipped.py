"""An index of the definitions in the shipped files, to suggest the `use` that a file lacks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ..parse import syntax
from ..parse.parse import parse
from .library import read_source, shipped, usable


def kind_of(definition: syntax.Definition) -> str:
    """The kind of a definition: `op`, `space`, `method`, ..."""
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
    """A help that suggests the `use` of the shipped file that defines a name; empty if none does."""
    file = _definers().get((kind, name))
    return f'`use "{file}"` at the top of the file: it defines `{name}`' if file else ""


@cache
def _definers() -> Mapping[tuple[str, str], str]:
    """(kind, name) -> the shipped file that defines it; files in `lib/` come first."""
    found: dict[tuple[str, str], str] = {}
    for file in sorted(usable(), key=lambda file: not file.startswith("lib/")):
        for definition in parse(read_source(shipped() / file))[0].definitions:
            if not isinstance(definition, syntax.Use):
                found.setdefault((kind_of(definition), getattr(definition, "name", "")), file)
    return found
