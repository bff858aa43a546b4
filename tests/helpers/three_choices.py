"""A space of three choices between two operations each, which is searched at once."""

from __future__ import annotations

from pathlib import Path

from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

TEXT = """
use "lib/methods.nas"
op one = x -> conv(3, C_in) -> bn -> relu
op other = x -> conv((1, 5), C_in) -> bn -> relu
space Three(channels = 6) {
    network = input -> conv(3, channels, 4) -> bn
        -> choose {one, other} -> choose {one, other} -> choose {one, other}
        -> global_pool -> linear(classes)
}
experiment {
    space:        Three
    method:       darts
    search.steps: 4
    search.batch: 4
}
"""


def three_choices(folder: Path, data: str = "fsdd", *overrides: str) -> Experiment:
    """An experiment on the space, whose text is written into a folder."""
    path = folder / "three.nas"
    path.write_text(TEXT)
    return load(path, Request(data=data, overrides=overrides))
