"""The intermediate representation: types of tensors, the graph of a space, genotypes, front ends.

`primitives/` declares the built-in operations; `analysis/` computes properties of a graph.
"""
