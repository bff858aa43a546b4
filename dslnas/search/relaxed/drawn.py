"""Steps of methods that compute one drawn path of the supernet instead of all its candidates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...train.batches import seeded
from .step import RelaxedSearch


@contextmanager
def drawn(search: RelaxedSearch, seed: int, step: int, progress: float) -> Iterator[None]:
    """Inside, the supernet of a method that draws computes one path, which both halves of a step share.

    The path follows from the seed, the step and the architecture parameters. Its temperature falls evenly
    from the first to the last one of the method over `progress`, the share of the steps that is done.
    Nothing where the method mixes all candidates.
    """
    if search.method.temperature is None:
        yield
        return
    first, last = search.method.temperature
    temperature = first + (last - first) * progress
    with search.supernet.architecture.drawing(temperature, seeded(seed, "draw", step)):
        yield
