"""Experiments and runs: search, retraining, test, metrics, predictions, transfer, comparison.

`plan/` computes sizes, costs and times before a run; `sweep/` does many runs to compare methods and spaces.
"""
