"""Go to definition, find references, rename."""

from __future__ import annotations

from pathlib import Path

from ..base.diagnostics import errors, fail
from ..base.source import Source, Span, start_of
from ..ir.primitives.registry import taken
from ..parse import syntax
from ..parse.grammar import is_name
from ..resolve.library import find_used, shipped
from ..resolve.settings import SIZES
from .places.lookup import Place, contains
from .places.references import Occurrence, occurrence_at
from .workspace import Workspace, file_of


def definition(workspace: Workspace, path: Path, place: Place) -> Span | None:
    """The span at which the name at a place is defined; of the text of a `use`, the beginning of its file."""
    analysis = workspace.analysis(path)
    for one in analysis.file.definitions:
        if isinstance(one, syntax.Use) and contains(one.span, place):
            used = find_used(one.path, path)
            return start_of(workspace.read(used)) if used is not None else None
    found = occurrence_at(analysis.occurrences, place)
    return found.symbol.span if found is not None else None


def references(workspace: Workspace, path: Path, place: Place) -> list[Occurrence]:
    """Every occurrence of the name at a place, its definition included, in all reachable files."""
    analysis = workspace.analysis(path)
    found = occurrence_at(analysis.occurrences, place)
    if found is None:
        return []
    files = dict.fromkeys((path, *workspace.reachable(), file_of(found.symbol.span.source)))
    everywhere = (one for file in files for one in workspace.analysis(file).occurrences)
    return [one for one in everywhere if one.symbol == found.symbol]


def renamable(workspace: Workspace, path: Path, place: Place) -> Span | None:
    """The span of the name at a place if it can be renamed; None where no file of the user defines it."""
    found = occurrence_at(workspace.analysis(path).occurrences, place)
    if found is None or not _own(workspace, file_of(found.symbol.span.source)):
        return None
    sized = found.symbol.kind == "parameter" and found.symbol.name in SIZES
    return None if sized else found.span


def rename(workspace: Workspace, path: Path, place: Place, name: str) -> dict[Path, list[Span]]:
    """The spans that a new name replaces, by file.

    Raises DslnasError: N0201 where the name is not the user's, N0101 where the new one is no name, N0202
    where the texts would not mean the same any more.
    """
    span = renamable(workspace, path, place)
    if span is None:
        raise fail("N0201", "no file of yours makes this name", help="names of the library stay as they are")
    if not is_name(name) or name in taken():
        raise fail("N0101", f"`{name}` cannot be a name", span, help="a letter, then letters, digits and `_`")
    changed: dict[Path, list[Span]] = {}
    for one in references(workspace, path, place):
        changed.setdefault(file_of(one.span.source), []).append(one.span)
    _must_mean_the_same(workspace, changed, name, span)
    return changed


def _own(workspace: Workspace, path: Path) -> bool:
    """Whether a file is the user's: a shipped one is not, unless its folder is open."""
    opened = any(path.is_relative_to(folder) for folder in workspace.folders)
    return opened or path in workspace.documents or not path.is_relative_to(shipped().resolve())


def _must_mean_the_same(workspace: Workspace, changed: dict[Path, list[Span]], name: str, span: Span) -> None:
    """Raise DslnasError N0202 where renaming unites two names, separates uses of one, or adds an error."""
    after = Workspace(workspace.folders)
    for file in workspace.documents:
        after.put(file, workspace.read(file).text)
    for file, spans in changed.items():
        after.put(file, replaced(workspace.read(file), spans, name))
    for file in workspace.reachable():
        if _pattern(workspace, file) != _pattern(after, file):
            help = "choose a name that nothing has yet"
            raise fail("N0202", f"`{name}` means something already where this name is used", span, help=help)
        if changed.keys() & {*workspace.analysis(file).closure}:
            before, found = (errors(one.analysis(file).diagnostics) for one in (workspace, after))
            if len(found) > len(before):
                known = {one.message for one in before}
                new = [one.message for one in found if one.message not in known] or [found[-1].message]
                raise fail("N0202", f"called `{name}`, the text has an error: {new[0]}", span)


def _pattern(workspace: Workspace, path: Path) -> list[tuple[int, Path, int]]:
    """For each occurrence of a name in a file, where its symbol is defined, independent of spelling."""
    numbers: dict[tuple[Path, int, int], int] = {}

    def place_of(span: Span) -> tuple[Path, int]:
        """The place of a definition: its file and its number among the tokens."""
        file = file_of(span.source)
        key = (file, span.line, span.column)
        if key not in numbers:
            words = [t for t in workspace.analysis(file).text.tokens if (t.line, t.column) < key[1:]]
            numbers[key] = len(words)
        return file, numbers[key]

    found = workspace.analysis(path).occurrences
    return [(place_of(one.span)[1], *place_of(one.symbol.span)) for one in found]


def replaced(source: Source, spans: list[Span], name: str) -> str:
    """The text with a name in the place of each span; a span lies on one line."""
    lines = list(source.lines)
    for span in sorted(spans, key=lambda one: (one.line, one.column), reverse=True):
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.column - 1] + name + line[span.end_column - 1 :]
    return "\n".join(lines)
