"""Pruning of nodes by adversarial learning: a student with masks plays against a frozen teacher."""
