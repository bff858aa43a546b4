"""What every phase stands on: source text, diagnostics, files, the cache, bounds on input."""
