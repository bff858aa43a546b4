"""The report of a run, made from the files in its folder alone: the page, its figures, its verdicts."""
