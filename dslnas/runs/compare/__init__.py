"""Two experiments, genotypes or runs beside each other.

`facts` lists what differs in what they are; `tested` compares two tests, clip by clip where both heard the
same.
"""
