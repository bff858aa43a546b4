"""From a request to a finished run: experiment, metrics, predictions, transfer, comparison.

`plan/` says what a run would do and cost; `sweep/` repeats runs for a comparison.
"""
