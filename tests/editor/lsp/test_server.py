"""The language server as an editor meets it: a process, spoken to over stdin and stdout."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from dslnas.base.explanations import path_of
from dslnas.base.source import Source
from dslnas.parse.format import formatted

LIBRARY = """\
# Two convolutions in a row. \N{SMILING FACE WITH OPEN MOUTH}
op twice(k) {
    let a = x -> relu -> conv(k, C, stride) -> bn
    a -> relu -> conv(k) -> bn
}
"""
# A character that is two code units of UTF-16 stands before everything else on its line.
MAIN = """\
use "library.nas"
space Small(channels = 4) {
    candidates { one = twice(3), two = twice(5) }
    cell normal(prev) {
        node n[1..2] = sum(choose candidates(p) for p in earlier)
        concat(n)
    }
    network = input -> conv(3, channels) -> bn
        -> normal -> global_pool -> linear(classes)
}
experiment { space: Small }
"""
BROKEN = MAIN.replace("-> bn\n", "-> bnn\n") + 'op odd = x -> "\N{SMILING FACE WITH OPEN MOUTH}" -> rellu\n'


class Editor:
    """A client with the documents of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("test", "1")
        self.told: dict[str, list[types.Diagnostic]] = {}
        self.heard = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def hear(params: types.PublishDiagnosticsParams) -> None:
            self.told[params.uri] = list(params.diagnostics)
            self.heard.set()

    async def start(self) -> types.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "cli", "lsp")
        folder = types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)
        params = types.InitializeParams(types.ClientCapabilities(), workspace_folders=[folder])
        result = await self.client.initialize_async(params)
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> int | None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        code = await asyncio.wait_for(process.wait(), 10)
        await self.client.stop()
        return code

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(name), "nas", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str) -> None:
        identifier = types.VersionedTextDocumentIdentifier(2, self.uri(name))
        changes = [types.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    async def diagnostics(self, name: str, codes: list[str]) -> list[types.Diagnostic]:
        """The diagnostics of a document, once they have these codes."""
        async with asyncio.timeout(20):
            while [one.code for one in self.told.get(self.uri(name), ())] != codes:
                self.heard.clear()
                await self.heard.wait()
        return self.told[self.uri(name)]


def place(text: str, what: str, after: str = "") -> types.Position:
    """The position of a text in another, in UTF-16 code units."""
    start = text.index(what, text.index(after))
    line = text.count("\n", 0, start)
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return types.Position(line, len(before.encode("utf-16-le")) // 2)


def covered(text: str, range: types.Range) -> str:
    """The text of a range on one line, in UTF-16 code units."""
    assert range.start.line == range.end.line
    line = text.split("\n")[range.start.line].encode("utf-16-le")
    return line[2 * range.start.character : 2 * range.end.character].decode("utf-16-le")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library.nas").write_text(LIBRARY, encoding="utf-8")
    (tmp_path / "main.nas").write_text(MAIN, encoding="utf-8")
    return tmp_path.resolve()


def run(folder: Path, talk: Callable[[Editor, types.InitializeResult], Awaitable[None]]) -> None:
    """Start a server, talk to it, and see it end as it should."""

    async def whole() -> None:
        editor = Editor(folder)
        result = await editor.start()
        try:
            await talk(editor, result)
        finally:
            code = await editor.stop()
        assert code == 0

    asyncio.run(whole())


def test_an_editor_at_work(folder: Path) -> None:
    async def talk(editor: Editor, result: types.InitializeResult) -> None:
        await _broken_text(editor)
        await _questions(editor)
        await _library(editor)
        await _colours(editor, result)
        await _names(editor)
        await _layout(editor)
        await _counterexample(editor)

    run(folder, talk)


async def _broken_text(editor: Editor) -> None:
    editor.open("main.nas", BROKEN)
    found = await editor.diagnostics("main.nas", ["N0201", "N0201"])
    assert [covered(BROKEN, one.range) for one in found] == ["bnn", "rellu"]
    link = found[0].code_description
    assert link is not None and link.href == path_of("N0201").as_uri()
    assert "did you mean `relu`?" in found[1].message
    actions: Any = await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document("main.nas"), found[1].range, types.CodeActionContext(found))
    )
    assert [action.title for action in actions] == ["Change to `relu`"]
    (change,) = actions[0].edit.changes[editor.uri("main.nas")]
    assert covered(BROKEN, change.range) == "rellu"
    entries: Any = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(editor.document("main.nas"))
    )
    assert [entry.name for entry in entries] == ["Small", "experiment", "odd"]
    editor.change("main.nas", MAIN)
    await editor.diagnostics("main.nas", [])
    # What is not saved counts for the files that use it, too.
    editor.open("library.nas", LIBRARY.replace("twice(k)", "thrice(k)"))
    await editor.diagnostics("main.nas", ["N0201", "N0201"])
    editor.change("library.nas", LIBRARY)
    await editor.diagnostics("main.nas", [])


async def _counterexample(editor: Editor) -> None:
    wrong = MAIN.replace("two = twice(5)", "two = avgpool(3, 2)")
    editor.change("main.nas", wrong)
    (found,) = await editor.diagnostics("main.nas", ["N0309"])
    assert "counterexample: normal/n1<-prev = two" in found.message


async def _questions(editor: Editor) -> None:
    at = place(MAIN, "conv(3")
    told = await editor.client.text_document_hover_async(types.HoverParams(editor.document("main.nas"), at))
    assert told is not None and isinstance(told.contents, types.MarkupContent) and told.range is not None
    assert "conv(kernel, out = C" in told.contents.value
    assert "`C x F x T`" in told.contents.value
    assert "| `4 x 32 x 32` | 36 | 36,864 |" in told.contents.value
    assert covered(MAIN, told.range) == "conv(3, channels)"
    after = types.Position(at.line, at.character + 3)
    items: Any = await editor.client.text_document_completion_async(
        types.CompletionParams(editor.document("main.nas"), after)
    )
    by_label = {item.label: item for item in items}
    assert {"conv", "normal", "twice"} <= by_label.keys()
    assert by_label["twice"].detail == "op twice(k)"
    assert covered(MAIN, by_label["conv"].text_edit.range) == "con"
    helped = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(editor.document("main.nas"), place(MAIN, "channels)", "conv(3"))
    )
    assert helped is not None and helped.active_parameter == 1
    shown = helped.signatures[0]
    labels = [parameter.label for parameter in shown.parameters or ()]
    parts = [shown.label[label[0] : label[1]] for label in labels if isinstance(label, tuple)]
    assert shown.label.startswith("conv(kernel, out = C") and parts[:2] == ["kernel", "out"]
    whole = types.Range(types.Position(0, 0), types.Position(20, 0))
    hints = await editor.client.text_document_inlay_hint_async(
        types.InlayHintParams(editor.document("main.nas"), whole)
    )
    assert hints is not None
    shown = {(hint.position.line, hint.label) for hint in hints}
    assert shown == {(4, ": C x F x T"), (7, " C x F x T"), (8, " classes")}


async def _library(editor: Editor) -> None:
    """What a shipped library defines brings its `use`, by completion and as a quick fix."""
    text = MAIN + "op more = x -> sep_conv(3)\n"
    editor.change("main.nas", text)
    (missing,) = await editor.diagnostics("main.nas", ["N0201"])
    at = missing.range.end
    items: Any = await editor.client.text_document_completion_async(
        types.CompletionParams(editor.document("main.nas"), at)
    )
    (item,) = [item for item in items if item.label == "sep_conv"]
    actions: Any = await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document("main.nas"), missing.range, types.CodeActionContext([missing]))
    )
    (fix,) = [edit for action in actions for edit in action.edit.changes[editor.uri("main.nas")]]
    assert list(item.additional_text_edits) == [fix] and fix.new_text == 'use "lib/darts.nas"\n'
    assert item.label_details.description == 'use "lib/darts.nas"'
    lines = text.splitlines(keepends=True)
    lines.insert(fix.range.start.line, fix.new_text)
    assert fix.range.start == fix.range.end == types.Position(1, 0)
    editor.change("main.nas", "".join(lines))
    await editor.diagnostics("main.nas", [])
    editor.change("main.nas", MAIN)
    await editor.diagnostics("main.nas", [])


async def _colours(editor: Editor, result: types.InitializeResult) -> None:
    """The words of the text with what they mean, as the legend of the server names it."""
    offered: Any = result.capabilities.semantic_tokens_provider
    kinds, marks = offered.legend.token_types, offered.legend.token_modifiers
    found = await editor.client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(editor.document("main.nas"))
    )
    assert found is not None
    line = character = 0
    seen: dict[tuple[int, str], tuple[str, list[str]]] = {}
    for start in range(0, len(found.data), 5):
        down, along, length, kind, bits = found.data[start : start + 5]
        line, character = line + down, along + (0 if down else character)
        end = types.Position(line, character + length)
        word = covered(MAIN, types.Range(types.Position(line, character), end))
        seen[line, word] = kinds[kind], [mark for place, mark in enumerate(marks) if bits >> place & 1]
    assert seen[0, "use"] == ("keyword", [])
    assert seen[1, "Small"] == ("class", ["declaration"]) and seen[10, "Small"] == ("class", [])
    assert seen[2, "one"] == ("enumMember", ["declaration"]) and seen[2, "twice"] == ("function", [])
    assert seen[7, "conv"] == ("function", ["defaultLibrary"]) and seen[7, "channels"] == ("parameter", [])
    assert seen[8, "normal"] == ("struct", []) and seen[10, "space"] == ("property", [])


async def _names(editor: Editor) -> None:
    at = place(MAIN, "twice(5)")
    where: Any = await editor.client.text_document_definition_async(
        types.DefinitionParams(editor.document("main.nas"), at)
    )
    assert where.uri == editor.uri("library.nas") and covered(LIBRARY, where.range) == "twice"
    edit = await editor.client.text_document_rename_async(
        types.RenameParams(editor.document("main.nas"), at, "double")
    )
    assert edit is not None and edit.changes is not None
    texts = {editor.uri("main.nas"): MAIN, editor.uri("library.nas"): LIBRARY}
    replaced = {uri: [covered(texts[uri], e.range) for e in edits] for uri, edits in edit.changes.items()}
    assert replaced == {editor.uri("main.nas"): ["twice"] * 2, editor.uri("library.nas"): ["twice"]}
    with pytest.raises(Exception, match="cannot be a name"):
        await editor.client.text_document_rename_async(
            types.RenameParams(editor.document("main.nas"), at, "cell")
        )


async def _layout(editor: Editor) -> None:
    untidy = MAIN.replace(" -> ", "->").replace("    cell", "cell") + "# \N{SMILING FACE WITH OPEN MOUTH}"
    params = types.DocumentFormattingParams(editor.document("main.nas"), types.FormattingOptions(4, True))
    editor.change("main.nas", untidy)
    (edit,) = await editor.client.text_document_formatting_async(params) or ()
    assert edit.new_text == formatted(Source("", untidy)) != untidy
    assert edit.range == types.Range(types.Position(0, 0), types.Position(MAIN.count("\n"), 4))
    editor.change("main.nas", edit.new_text)
    assert not await editor.client.text_document_formatting_async(params)
    editor.change("main.nas", untidy + "\nop broken = x -> (\n")
    await editor.diagnostics("main.nas", ["N0101"])
    assert not await editor.client.text_document_formatting_async(params)


def test_files_are_called_as_the_editor_calls_them(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "a link: 100%"
    link.symlink_to(folder, target_is_directory=True)

    async def talk(editor: Editor, result: types.InitializeResult) -> None:
        editor.open("main.nas", BROKEN)
        await editor.diagnostics("main.nas", ["N0201", "N0201"])
        assert set(editor.told) == {editor.uri("main.nas")}

    run(link, talk)


def test_the_server_loads_nothing_heavy() -> None:
    code = (
        "import sys, dslnas.editor.lsp.server\n"
        "print([name for name in ('torch', 'torchaudio', 'numpy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
