"""Probes: a linear classifier on simple facts of recordings, to hold a network against."""
