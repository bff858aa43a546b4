"""Conversion between LSP (lines from 0, code units) and the analysis (lines and columns from 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from ...base.diagnostics import Diagnostic
from ...base.explanations import path_of as path_of_code
from ...base.rendering import show_counterexample
from ...base.source import Source, Span
from ..call import Call
from ..completion import Completion
from ..meanings import MARKS, MEANINGS, Meaning
from ..outline import Entry
from ..places.lookup import Place
from ..workspace import file_of

SYMBOL_KINDS = {
    "operation": types.SymbolKind.Function,
    "space": types.SymbolKind.Class,
    "method": types.SymbolKind.Object,
    "front end": types.SymbolKind.Function,
    "profile": types.SymbolKind.Object,
    "experiment": types.SymbolKind.Module,
    "sweep": types.SymbolKind.Module,
    "set": types.SymbolKind.Enum,
    "candidate": types.SymbolKind.EnumMember,
    "cell": types.SymbolKind.Struct,
    "node": types.SymbolKind.Array,
    "network": types.SymbolKind.Interface,
    "intermediate": types.SymbolKind.Variable,
    "key": types.SymbolKind.Property,
}

COMPLETION_KINDS = {
    "operation": types.CompletionItemKind.Function,
    "primitive": types.CompletionItemKind.Function,
    "space": types.CompletionItemKind.Class,
    "method": types.CompletionItemKind.Module,
    "front end": types.CompletionItemKind.Function,
    "cell": types.CompletionItemKind.Struct,
    "set": types.CompletionItemKind.Enum,
    "key": types.CompletionItemKind.Property,
    "keyword": types.CompletionItemKind.Keyword,
    "file": types.CompletionItemKind.File,
    "word": types.CompletionItemKind.Value,
}


def path_of(uri: str) -> Path:
    """The file of a URI."""
    return Path(to_fs_path(uri) or uri).resolve()


def semantic_tokens(found: Iterable[Meaning], positions: Positions) -> types.SemanticTokens:
    """Meanings as LSP encodes them: line and character relative to the token before, length, kind, marks."""
    data: list[int] = []
    line = character = 0
    for one in found:
        place = positions.range(one.span)
        start, length = place.start, place.end.character - place.start.character
        column = start.character - (character if start.line == line else 0)
        marks = sum(1 << MARKS.index(mark) for mark in one.marks)
        data += [start.line - line, column, length, MEANINGS.index(one.kind), marks]
        line, character = start.line, start.character
    return types.SemanticTokens(data)


def signature_help(call: Call) -> types.SignatureHelp:
    """The signature of a call, with the parameter that is being written marked as active."""
    signature = call.signature
    parameters, end = [], signature.text.find("(") + 1
    for name, takes in signature.parameters:
        found = re.compile(rf"\b{name}\b").search(signature.text, end)
        label = name if found is None else found.span()
        end = end if found is None else found.end()
        parameters.append(types.ParameterInformation(label, takes or None))
    active = len(parameters) if call.active is None else call.active  # beyond the last: none stands out
    shown = types.SignatureInformation(signature.text, signature.doc or None, parameters, active)
    return types.SignatureHelp([shown], 0, active)


class Positions:
    """Positions in the code units that the editor counts in, UTF-16 unless it agreed to another.

    uris: the URIs by which the editor opened files, which may be links.
    """

    def __init__(self, codec: PositionCodec, uris: Mapping[Path, str]) -> None:
        self._codec, self._uris = codec, uris

    def uri(self, path: Path) -> str:
        """The URI of a file, as the editor opened it."""
        return self._uris.get(path) or path.as_uri()

    def place(self, source: Source, position: types.Position) -> Place:
        """The place of a position; one beyond the end of its line is at that end."""
        line = source.line(position.line + 1)
        units = min(position.character, self._codec.client_num_units(line))
        at = types.Position(0, units)
        column = self._codec.position_from_client_units([line], at).character if units else 0
        return Place(position.line + 1, column + 1)

    def position(self, source: Source, line: int, column: int) -> types.Position:
        """The position of a line and a column."""
        before = source.line(line)[: column - 1]
        return types.Position(line - 1, self._codec.client_num_units(before))

    def range(self, span: Span) -> types.Range:
        """The range of a span."""
        return types.Range(
            self.position(span.source, span.line, span.column),
            self.position(span.source, span.end_line, span.end_column),
        )

    def location(self, path: Path, span: Span) -> types.Location:
        """The location of a span in a file."""
        return types.Location(self.uri(path), self.range(span))

    def whole(self, source: Source) -> types.Range:
        """The range of a whole text."""
        last = len(source.lines)
        return types.Range(types.Position(0, 0), self.position(source, last, len(source.line(last)) + 1))

    def diagnostic(self, found: Diagnostic) -> types.Diagnostic:
        """A diagnostic with its notes and its help as one message, and its labels as related places.

        Its code is a link to the file that explains it.
        """
        parts = [found.message, found.label, *found.notes]
        if found.counterexample:
            parts.append(f"counterexample: {show_counterexample(found.counterexample)}")
        parts.append(f"help: {found.help}" if found.help else "")
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        severity = types.DiagnosticSeverity
        return types.Diagnostic(
            range=self.range(found.span) if found.span else start,
            message="\n".join(part for part in parts if part),
            severity=severity.Error if found.severity == "error" else severity.Warning,
            code=found.code,
            code_description=types.CodeDescription(path_of_code(found.code).as_uri()),
            source="dslnas",
            related_information=[
                types.DiagnosticRelatedInformation(
                    self.location(file_of(label.span.source), label.span), label.text
                )
                for label in found.labels
            ],
        )

    def symbol(self, entry: Entry) -> types.DocumentSymbol:
        """An entry of the outline, with those inside it."""
        return types.DocumentSymbol(
            name=entry.name,
            detail=entry.detail,
            kind=SYMBOL_KINDS[entry.kind],
            range=self.range(entry.span),
            selection_range=self.range(entry.name_span),
            children=[self.symbol(inner) for inner in entry.inner],
        )

    def completion(self, one: Completion, rank: int, use_place: Span) -> types.CompletionItem:
        """A completion item; editors sort by `rank`. use_place: where the `use` goes that it may need."""
        use = f'use "{one.use}"'
        return types.CompletionItem(
            label=one.text.removesuffix(": "),
            kind=COMPLETION_KINDS.get(one.kind, types.CompletionItemKind.Variable),
            detail=one.signature or one.kind,
            documentation=types.MarkupContent(types.MarkupKind.Markdown, one.doc) if one.doc else None,
            sort_text=f"{rank:04}",
            filter_text=one.text,
            text_edit=types.TextEdit(self.range(one.span), one.text),
            label_details=types.CompletionItemLabelDetails(description=use) if one.use else None,
            additional_text_edits=[types.TextEdit(self.range(use_place), f"{use}\n")] if one.use else None,
        )
