"""Static analyses of graphs: polynomial order, liveness, size of the space, cells up to isomorphism."""
