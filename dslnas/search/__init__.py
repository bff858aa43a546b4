"""Architecture search: how weights and architecture parameters are trained together.

`relaxed/` trains a mixture of all candidates (DARTS and its family); `evolved/` looks for the best paths of a
supernet by evolution (NASC-net).
"""
