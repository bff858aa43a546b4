"""Text to syntax tree: the grammar, the lexer, the parser, and the formatter of canonical text."""
