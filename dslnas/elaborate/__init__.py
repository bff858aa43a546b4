"""A space to its graph: expressions become nodes, `choose` becomes choice points, tensors have types.

With numbers for channels and sizes the graph is what is lowered to a network; with symbols it is the proof
that the space is well formed for all of them.
"""
