"""Scores of the nodes of a trained network, by which the least important ones are removed."""
