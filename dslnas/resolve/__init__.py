"""Syntax tree to definitions: what `use` brings, what names mean, what `with` derives, what values hold."""
