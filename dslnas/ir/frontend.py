"""The front end of a space as data: the steps from a wave or an image to the network's input.

`dslnas.elaborate.frontends` builds it from its text; `dslnas.data.frontend` runs it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..base.diagnostics import fail
from ..base.source import Span
from .graph import ChoicePoint
from .primitives.frontend import UNSAID_PHASE, Phase
from .tensortype import Domain, TensorType


@dataclass(frozen=True)
class FrontEndStep:
    """One step: a primitive with its attributes in base units (seconds, hertz, decibels, fractions of 1)."""

    primitive: str
    attributes: tuple[tuple[str, Any], ...]
    output: TensorType
    span: Span | None = field(default=None, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        return dict(self.attributes)[name]


@dataclass(frozen=True)
class FrontEnd:
    """A chain of steps after a source: `wave`, a mono waveform, or `image`."""

    name: str
    domain: Domain
    source: FrontEndStep
    steps: tuple[FrontEndStep, ...]

    @property
    def sees_images(self) -> bool:
        """Whether the source is an image; else it is a wave."""
        return self.source.primitive == "image"

    @property
    def input(self) -> TensorType:
        """The type of the first step's input: `1 x samples`, or `channels x height x width`."""
        return self.source.output

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """The shape of a raw example in memory: (samples,), or (channels, height, width)."""
        return self.input.shape if self.sees_images else (self.samples,)

    @property
    def rate(self) -> int:
        """The sampling rate of the wave in Hz."""
        rate: float = self.source["rate"]
        return round(rate)

    @property
    def clip(self) -> float:
        """The duration of the wave in seconds."""
        return float(self.source["clip"])

    @property
    def samples(self) -> int:
        """The length of the wave in samples."""
        return self.input.shape[1]

    @property
    def output(self) -> TensorType:
        """The type of the network's input, the output of the last step."""
        return self.steps[-1].output

    @property
    def phase(self) -> Phase | None:
        """From where the phases of the features count; None where they are real numbers, which have none."""
        if self.output.domain == "real":
            return None
        phase: Phase = next(
            dict(s.attributes).get("phase", UNSAID_PHASE) for s in self.steps if s.primitive == "stft"
        )
        return phase

    @property
    def fingerprint(self) -> str:
        """A hash of everything that determines the features, the key of their cache.

        `phase` is a part of it where it changes them: in a complex space, where it is not the one that an
        `stft` has unsaid. So what was cached before there was a choice is found again; `resize` and `whole`
        likewise.
        """
        phased = self.phase not in (None, UNSAID_PHASE)
        steps = [
            [step.primitive, [pair for pair in step.attributes if _counts(pair, phased)]]
            for step in (self.source, *self.steps)
        ]
        text = json.dumps([self.domain, steps], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _counts(attribute: tuple[str, Any], phased: bool) -> bool:
    """Whether an attribute is a part of the fingerprint."""
    name, value = attribute
    unsaid = (name == "resize" and value is None) or (name == "whole" and value is False)
    return phased if name == "phase" else not unsaid


@dataclass(frozen=True)
class Way:
    """One way to decide the choices in the text of a front end. taken: choice point -> option."""

    taken: Mapping[str, str]
    frontend: FrontEnd


@dataclass(frozen=True)
class FrontEnds:
    """All front ends that the text of one describes: one for each way to decide its choices.

    points: its choice points, in the order in which they appear; none if there is only one way.
    """

    points: tuple[ChoicePoint, ...]
    ways: tuple[Way, ...]

    @property
    def only(self) -> FrontEnd:
        """The single front end; raises DslnasError N0601 if several compete."""
        if len(self.ways) > 1:
            point = self.points[0]
            message = f"which front end it is, `{point.id}` is to decide: {', '.join(point.options)}"
            help = "name one, `--set frontend=logmel(40)`, or a genotype that decides it"
            raise fail("N0601", message, point.span, help=help)
        return self.ways[0].frontend

    def decided(self, choices: Mapping[str, str]) -> FrontEnds:
        """The front ends that agree with given options of choice points, such as those of a genotype."""
        left = (way for way in self.ways if all(choices.get(id, o) == o for id, o in way.taken.items()))
        return FrontEnds(self.points, tuple(left))
