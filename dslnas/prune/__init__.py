"""Derives genotypes from the weights of a search, reads published ones, and checks that they fit a space."""
