"""From the weights of a search, or from a published genotype, to a genotype that fits its space."""
