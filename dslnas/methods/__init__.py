"""Architecture search methods as data: relaxation, sampling, optimizers, loss, search stages, pruning."""
