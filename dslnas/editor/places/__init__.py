"""Queries about a place in a text: its token, its brackets, its symbol and the occurrences of that."""
