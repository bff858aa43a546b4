"""Searches: how weights and architecture are trained together.

`relaxed/` mixes all candidates and trains how (DARTS and its family).
"""
