"""Scores of networks that nobody has trained: `scores` has the formulas, `scorer` applies them to a space."""
