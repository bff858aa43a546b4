"""Elaborates a space to typed graphs: expressions become nodes, `choose` becomes choice points.

With numbers for channels and sizes the graphs are lowered to a network; with symbols they prove that the
space is well formed for all channels and sizes.
"""
