"""Runs that make the network of another run smaller: parts are removed, what is left is trained again."""
