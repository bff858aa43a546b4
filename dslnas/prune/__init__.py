"""Derives genotypes from the weights of a search, reads published ones, and validates them."""
