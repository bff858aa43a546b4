"""A small layer-wise space whose choices vary kernels, depth and channels and stand inside of each other."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

NESTED = """
op norm = x -> bn(affine: true)
op block(k) = x -> conv(k, C_in) -> norm -> relu
op deep(out) = x -> conv(3, out) -> norm -> choose { block(choose {1, 3, 5}), relu }
space Nested {
    network = input
        -> conv(choose {3, 5}, 4, stride: 2) -> norm -> relu
        -> choose { deep(4), conv(choose {1, 3}, 4) }
        -> choose {1, 2, 3} times block(choose {1, 3, 5, 7})
        -> conv(3, choose {4, 8}) -> norm -> choose { relu, tanh }
        -> global_pool -> linear(classes)
}
experiment {
    space:  Nested
    method: nasc
}
"""


@cache
def nested(data: str = "fsdd", *overrides: str) -> Experiment:
    """An experiment on it; the data is not read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nested.nas"
        path.write_text(NESTED)
        return load(path, Request(data=data, overrides=overrides))
