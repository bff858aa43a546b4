"""Search by relaxation: all candidates at once, mixed by architecture parameters that are trained (DARTS)."""
