"""Runs that make the network of another run smaller: nodes are removed, what is left is trained again."""
