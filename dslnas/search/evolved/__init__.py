"""Search by evolution: networks that are accurate and cheap, found among the paths of a supernet (NSGA-II).

`goals` are what is looked for, `nsga2` sorts candidates and selects them (Deb et al., 2002), `population`
makes the next ones, `evolve` goes from generation to generation, `archive` keeps what was evaluated, `front`
says what came out, and `front_file` keeps that. What a candidate is stands in `ir/analysis/genes.py`; what
evaluates it is passed in.
"""
