"""Editor features: types at a place, definitions and uses of names, completion, renaming, outline.

Independent of any editor's protocol but for `lsp/`. Places are lines and columns from 1, as in `Span`.
"""
