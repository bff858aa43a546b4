"""The parts of a layered drawing: slots in columns, and links between neighbouring columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(eq=False)
class Slot:
    """A place in a column: a node, a label, or an arrow that only passes (`bend`); sizes in points."""

    kind: Literal["node", "label", "bend"]
    name: str
    column: int
    width: float
    height: float
    left: list[Link] = field(default_factory=list)
    right: list[Link] = field(default_factory=list)
    y: float = 0.0


@dataclass(eq=False)
class Link:
    """A piece of an arrow between slots of neighbouring columns; its ends' offsets from their centres."""

    start: Slot
    end: Slot
    leaves: float = 0.0
    enters: float = 0.0
