"""The search of a run by the kind of its method: `relaxed.py` mixes all options, `sampled.py` samples."""
