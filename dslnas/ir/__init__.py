"""The intermediate representation: types of tensors, the graph of a space, genotypes, front ends.

`primitives/` declares what the language cannot say itself; `analysis/` answers questions about a graph.
"""
