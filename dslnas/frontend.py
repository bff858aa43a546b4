"""The front end of a space as data: the stages from a wave to the network's input.

The text of a front end resolves to this; `dslnas.data.frontend` runs it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .source import Span
from .tensortype import Domain, TensorType


@dataclass(frozen=True)
class Stage:
    """One stage: a primitive with its attributes in base units (seconds, hertz, decibels, fractions of 1)."""

    primitive: str
    attributes: tuple[tuple[str, Any], ...]
    output: TensorType
    span: Span | None = field(default=None, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        return dict(self.attributes)[name]


@dataclass(frozen=True)
class FrontEnd:
    """A chain of stages over a mono wave of `clip` seconds at `rate` hertz."""

    name: str
    rate: int
    clip: float
    domain: Domain
    stages: tuple[Stage, ...]

    @property
    def samples(self) -> int:
        """Length of the wave that enters the first stage."""
        return round(self.rate * self.clip)

    @property
    def output(self) -> TensorType:
        """The type of what reaches the network."""
        return self.stages[-1].output

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides the features, for their cache."""
        stages = [[stage.primitive, stage.attributes] for stage in self.stages]
        text = json.dumps([self.rate, self.clip, self.domain, stages], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
