"""The intermediate representation: types of tensors, the graph of a space, its genotypes, its front ends.

`primitives/` declares what the language cannot say itself; `analysis/` answers questions about a graph.
"""
