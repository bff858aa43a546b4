"""Architecture search: how weights and architecture parameters are trained together.

`relaxed/` trains a mixture of all candidates (DARTS and its family).
"""
