"""The graph as torch modules: the supernet of all candidates, and the pruned network of the chosen ones."""
