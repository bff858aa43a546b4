"""Sweeps: experiments of methods x spaces x domains x data, repeated with other seeds, and their tables.

`trials` lists searches and retrainings, `estimate` their sizes and times; `folder` holds their run folders;
`work` does them, one after another, in `processes` or on a `cluster`; `results` and `transferred` read the
figures, `tables`, `publish` and `measurement` write them.
"""
