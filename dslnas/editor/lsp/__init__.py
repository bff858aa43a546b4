"""The language server: `editor/` as editors ask for it, over the Language Server Protocol.

Needs pygls, which the extra `dslnas[lsp]` installs.
"""
