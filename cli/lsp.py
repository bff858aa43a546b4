"""`dslnas lsp`: the language server over stdin and stdout, for editors."""

from __future__ import annotations

import typer

EXAMPLE = "Example: dslnas lsp (an editor starts it; see editors/vscode)"


def lsp() -> None:
    """Serve an editor over stdin and stdout: diagnostics, types, completion, definitions, rename, format.

    Needs the extra `lsp`: pip install "dslnas[lsp]".
    """
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        from .terminal import say

        say('error: the language server needs pygls, which is not installed: pip install "dslnas[lsp]"')
        raise typer.Exit(1)
    from dslnas.editor.lsp.server import server

    server.start_io()
