"""The stages of a run, one a module: its data, the search, the training of what was found, the test."""
