"""What every phase stands on: source text and places in it, diagnostics, files, the cache, bounds on input."""
