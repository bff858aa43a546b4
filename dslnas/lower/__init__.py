"""Lowers the graph IR to torch modules: the supernet of a space, or the pruned network of a genotype."""
