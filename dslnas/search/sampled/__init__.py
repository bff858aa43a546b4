"""Search by sampling: a supernet that is trained path by path, and candidates judged with its weights.

`draws.py` says which paths a batch trains, `step.py` trains them, `judge.py` tells how good a path is.
"""
