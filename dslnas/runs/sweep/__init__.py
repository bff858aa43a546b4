"""Sweeps: experiments of methods x spaces x domains x data, repeated with other seeds, and their tables.

`product` reads the `sweep { ... }` of a file, `checking` proves all of it, `trials` names what there is to
do, `folder` lays it out as run folders, `work` does it, `results` reads what came out, `tables` shows it.
"""
