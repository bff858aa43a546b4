"""Single-path steps of a search: one drawn path of the supernet instead of all its candidates (GDAS)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...train.batches import seeded
from .step import RelaxedSearch


@contextmanager
def drawn(search: RelaxedSearch, seed: int, step: int, way: float) -> Iterator[None]:
    """A context in which the supernet of a method that draws computes one path, for both halves of a step.

    The path follows from the seed, the step and the architecture parameters. Its temperature falls evenly
    from the first to the last one of the method over `way`: 0 at the first step that moves the architecture,
    1 at the last. It does nothing where the method mixes all candidates.
    """
    if search.method.temperature is None:
        yield
        return
    first, last = search.method.temperature
    temperature = first + (last - first) * way
    with search.supernet.architecture.drawing(temperature, seeded(seed, "draw", step)):
        yield
