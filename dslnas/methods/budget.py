"""What a network may cost: the figures that an objective or a requirement is about, and requirements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from ..base.source import Span

Quality = Literal["accuracy", "macro_f1"]
Price = Literal["macs", "params", "latency", "memory"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
PRICES: tuple[Price, ...] = get_args(Price)


@dataclass(frozen=True)
class Requirement:
    """A bound that a network must stay below: `params < 100k`.

    price: what is bounded. limit: the bound, which is not reached, in parameters, multiply-accumulates for
    one example, seconds, or bytes. text: as it is written.
    """

    price: Price
    limit: float
    text: str
    span: Span | None = field(default=None, compare=False, repr=False)

    def excess(self, value: float) -> float:
        """By how much of the bound a value breaks it; 0 where it keeps to it."""
        return max(0.0, value / self.limit - 1.0) if value >= self.limit else 0.0
