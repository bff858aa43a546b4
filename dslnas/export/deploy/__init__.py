"""Networks as devices need them: folded layers, and C code with one piece of memory for all buffers."""
