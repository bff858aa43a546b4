"""Questions about a graph that change nothing in it: polynomial order, live edges, size of the space, ..."""
