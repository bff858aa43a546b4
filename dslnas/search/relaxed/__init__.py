"""Search by relaxation: all candidates at once, mixed by architecture parameters that are trained (DARTS).

`step` is one step of weights and architecture, `second_order` its gradient past a step of the weights
(DARTS), `gumbel` draws a single path for a step (GDAS), `progressive` runs a search in stages with fewer
candidates and more depth (P-DARTS), `losses` and `formula` are the regularizers of a loss and when they set
in (FairDARTS, ForceDARTS). The part of an edge's channels that its candidates see (PC-DARTS) is made in
`elaborate/partial_channels.py`; what a derived network keeps is decided in `prune/`.
"""
