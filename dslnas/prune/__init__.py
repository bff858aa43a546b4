"""From the weights of a search to a genotype, from a published genotype to one of ours, and whether one fits."""
