"""The language server: the features of `editor/` over the Language Server Protocol (LSP).

Needs pygls, which the extra `dslnas[lsp]` installs.
"""
