"""The language server: requests and notifications of an editor, answered from the analysis."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ...base.diagnostics import DslnasError
from ...base.source import Source
from ...base.version import dslnas_version
from ...parse.format import formatted
from .. import navigation
from ..call import call_at
from ..completion import completions
from ..hover import hover
from ..inlays import inlays
from ..meanings import MARKS, MEANINGS, meanings
from ..outline import outline
from ..places.lookup import Place
from ..repairs import repairs
from ..workspace import Workspace, file_of
from .convert import Positions, path_of, semantic_tokens, signature_help

PAUSE = 0.2  # seconds without a change after which a text is checked


class AtPlace(Protocol):
    """The parameters that all requests about a place have."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


class Server(LanguageServer):
    """The language server. `editor/workspace.py` holds the texts; pygls transports the messages."""

    def __init__(self) -> None:
        super().__init__("dslnas", dslnas_version(), types.TextDocumentSyncKind.Full)
        self.texts = Workspace()
        self.uris: dict[Path, str] = {}  # open files -> their URIs in the editor
        self.changes = 0
        self.published: set[Path] = set()  # the files that have diagnostics in the editor

    @property
    def positions(self) -> Positions:
        """The converter of positions, in the encoding agreed with the editor."""
        return Positions(self.workspace.position_codec, self.uris)

    def at(self, params: AtPlace) -> tuple[Path, Place]:
        """The file and the place that a request is about."""
        path = path_of(params.text_document.uri)
        return path, self.positions.place(self.source(path), params.position)

    def source(self, path: Path) -> Source:
        """The text of a file; empty where it cannot be read."""
        return self.texts.analysis(path).source

    def put(self, uri: str) -> None:
        """Update the workspace with the text of a document."""
        self.uris[path_of(uri)] = uri
        self.texts.put(path_of(uri), self.workspace.get_text_document(uri).source)

    def publish(self) -> None:
        """Publish the diagnostics of every file, empty where there are none any more."""
        found = self.texts.diagnostics()
        for path in self.published - found.keys():
            found[path] = []
        for path, diagnostics in found.items():
            converted = [self.positions.diagnostic(diagnostic) for diagnostic in diagnostics]
            params = types.PublishDiagnosticsParams(self.positions.uri(path), converted)
            self.text_document_publish_diagnostics(params)
        self.published = {path for path, diagnostics in found.items() if diagnostics}

    async def publish_soon(self) -> None:
        """Publish the diagnostics once nothing has changed for `PAUSE` seconds."""
        self.changes += 1
        change = self.changes
        await asyncio.sleep(PAUSE)
        if change == self.changes:
            self.publish()


server = Server()


# --- documents ----------------------------------------------------------------------------------------------


@server.feature(types.INITIALIZE)
def initialize(server: Server, params: types.InitializeParams) -> None:
    """Begin a session: a workspace over the folders that the editor shows."""
    folders = [folder.uri for folder in params.workspace_folders or []]
    roots = folders or [params.root_uri] if params.root_uri else folders
    server.texts = Workspace(Path(path) for uri in roots if (path := to_fs_path(uri)))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Publish diagnostics at once for a document that was opened."""
    server.put(params.text_document.uri)
    server.publish()


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Update a document, and publish diagnostics after a pause."""
    server.put(params.text_document.uri)
    await server.publish_soon()


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Drop the unsaved text of a document."""
    server.texts.close(path_of(params.text_document.uri))
    server.publish()


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def did_change_files(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Analyse again after files have changed on disk."""
    server.texts.forget()
    server.publish()


# --- requests -----------------------------------------------------------------------------------------------


@server.feature(types.TEXT_DOCUMENT_HOVER)
def on_hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    """Documentation, type and cost of what is under the cursor."""
    found = hover(server.texts, *server.at(params))
    if found is None:
        return None
    text = types.MarkupContent(types.MarkupKind.Markdown, found.text)
    return types.Hover(text, server.positions.range(found.span))


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list('.(:">')))
def on_completion(server: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
    """Proposals for what may be written at the cursor."""
    path, place = server.at(params)
    found = completions(server.texts, path, place)
    use_place = server.texts.analysis(path).use_place
    return [server.positions.completion(one, rank, use_place) for rank, one in enumerate(found)]


@server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(["(", ","], [":"]))
def on_signature_help(server: Server, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The signature of the call around the cursor."""
    found = call_at(server.texts, *server.at(params))
    return None if found is None else signature_help(found)


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def on_definition(server: Server, params: types.DefinitionParams) -> types.Location | None:
    """Where the name under the cursor is defined."""
    found = navigation.definition(server.texts, *server.at(params))
    return None if found is None else server.positions.location(file_of(found.source), found)


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def on_references(server: Server, params: types.ReferenceParams) -> list[types.Location]:
    """Every occurrence of the name under the cursor."""
    found = navigation.references(server.texts, *server.at(params))
    wanted = (one for one in found if params.context.include_declaration or one.span != one.symbol.span)
    return [server.positions.location(file_of(one.span.source), one.span) for one in wanted]


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def on_prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.Range | None:
    """The range of the name under the cursor, if it can be renamed."""
    found = navigation.renamable(server.texts, *server.at(params))
    return None if found is None else server.positions.range(found)


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def on_rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit:
    """The edits that rename the name under the cursor; JsonRpcInvalidParams where it cannot be."""
    try:
        changed = navigation.rename(server.texts, *server.at(params), params.new_name)
    except DslnasError as error:
        raise JsonRpcInvalidParams("; ".join(d.message for d in error.diagnostics)) from None
    positions = server.positions
    edits = {
        positions.uri(path): [types.TextEdit(positions.range(span), params.new_name) for span in spans]
        for path, spans in changed.items()
    }
    return types.WorkspaceEdit(changes=edits)


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def on_outline(server: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """The outline of a document."""
    analysis = server.texts.analysis(path_of(params.text_document.uri))
    return [server.positions.symbol(entry) for entry in outline(analysis)]


@server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensLegend(MEANINGS, MARKS))
def on_semantic_tokens(server: Server, params: types.SemanticTokensParams) -> types.SemanticTokens:
    """What each word of a document means, for its colour."""
    analysis = server.texts.analysis(path_of(params.text_document.uri))
    return semantic_tokens(meanings(analysis), server.positions)


@server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
def on_inlays(server: Server, params: types.InlayHintParams) -> list[types.InlayHint]:
    """The types shown beside the lines of a range."""
    path = path_of(params.text_document.uri)
    source = server.source(path)
    found = inlays(server.texts, path, params.range.start.line + 1, params.range.end.line + 1)
    return [
        types.InlayHint(
            position=server.positions.position(source, one.line, one.column),
            label=one.text,
            kind=types.InlayHintKind.Type,
            tooltip="\n".join(one.types),
        )
        for one in found
    ]


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions([types.CodeActionKind.QuickFix]))
def on_code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The quick fixes on the lines of a range."""
    uri, lines = params.text_document.uri, params.range
    analysis = server.texts.analysis(path_of(uri))
    return [
        types.CodeAction(
            title=one.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[server.positions.diagnostic(one.diagnostic)],
            is_preferred=one.safe,
            edit=types.WorkspaceEdit({uri: [types.TextEdit(server.positions.range(one.span), one.text)]}),
        )
        for one in repairs(analysis, lines.start.line + 1, lines.end.line + 1)
    ]


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
def on_formatting(server: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    """The edit that puts a document into canonical text; none where it has a syntax error."""
    source = server.source(path_of(params.text_document.uri))
    try:
        text = formatted(source)
    except DslnasError:
        return []  # a syntax error, which the diagnostics report
    return [] if text == source.text else [types.TextEdit(server.positions.whole(source), text)]
