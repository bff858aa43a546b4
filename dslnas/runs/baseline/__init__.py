"""What stands beside the network of a run: a probe of the same recordings."""
