"""Foundations of all phases: source text, diagnostics, files, run folders, cache, bounds on input."""
