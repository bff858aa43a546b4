"""Foundations of all phases: source text, diagnostics, files, the run folder, the cache, bounds on input."""
