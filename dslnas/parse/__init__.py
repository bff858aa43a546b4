"""Text to syntax tree: the grammar, tokens, the parser, and the formatter that writes a tree as text."""
