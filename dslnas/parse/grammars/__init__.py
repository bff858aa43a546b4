"""The language as one grammar for other tools, which read text without the lexer of `parse/tokens.py`."""
