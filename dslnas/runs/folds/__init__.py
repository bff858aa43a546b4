"""Cross-validation: one run for each fold of a data set, in one folder, and what they say together.

`folder` lays the runs out and does what is left of them; `results` reads their tests.
"""
