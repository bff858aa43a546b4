"""Reports of runs, made from the files of the run folder alone: HTML page, charts, findings, verdicts."""
