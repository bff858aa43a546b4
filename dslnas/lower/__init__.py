"""Lowers the graph IR to torch modules: the supernet of all candidates, or the pruned network of a genotype."""
