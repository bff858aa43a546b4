"""What editors ask of a text: types at a place, names and where they are made, what may be written next.

Free of torch and of any editor's protocol. Places are lines and columns that count from 1, as in `Span`.
"""
