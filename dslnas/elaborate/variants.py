"""Variants of a network: copies of its stages for each option of a choice of depth, channels or size.

If all options of a choice have one type, a mix joins them and the network continues as one. If not, or if
cells read earlier outputs, it continues in one variant per option, each typed by itself. As soon as variants
agree in everything that later stages read, mixes under the same choice point join them again: the rest is
built once, and a chain of such choices grows with its length, not with the number of its combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..ir.graph import ChoicePoint
from .scope import Ref

# Makes the mix of a choice point over one tensor for each of its options.
Mix = Callable[[ChoicePoint, Sequence[Ref]], Ref]


class Undecided(Exception):
    """Raised if a stage cannot be built before an option of a choice is taken."""

    def __init__(self, point: ChoicePoint) -> None:
        super().__init__(point.id)
        self.point = point


@dataclass(frozen=True)
class Stream:
    """How far a pipe has come: what the next stage reads, and what it may read besides.

    x: the output of the last stage. history: the outputs of the cells that the next cell may read.
    channels: the `C` of the next stage.
    """

    x: Ref
    history: tuple[Ref, ...]
    channels: Any

    @property
    def form(self) -> tuple[Any, ...]:
        """Everything that determines the types of later stages."""
        return (self.x.type, tuple(ref.type for ref in self.history), self.channels)


@dataclass(frozen=True)
class Variant:
    """The network up to a stage, for certain options of its choices.

    taken: choice point -> option. stream: the pipe that is built. names: the tensors with a name that later
    text reads, `input` among them, each with the pipe that made it.
    """

    taken: Mapping[str, str]
    stream: Stream
    names: Mapping[str, Stream]

    def taking(self, point: ChoicePoint, option: str) -> Variant:
        """The same variant with one more option taken."""
        return replace(self, taken={**self.taken, point.id: option})

    def without(self, point: ChoicePoint) -> Variant:
        """The same variant without its option of a choice point."""
        return replace(self, taken={id: taken for id, taken in self.taken.items() if id != point.id})

    def reading(self, names: Collection[str]) -> Variant:
        """The same variant without the named tensors that later text does not read."""
        return replace(self, names={name: one for name, one in self.names.items() if name in names})

    @property
    def form(self) -> tuple[Any, ...]:
        """Everything that determines the types of later stages, and of later pipes."""
        return (self.stream.form, tuple((name, one.form) for name, one in self.names.items()))


def joined(variants: Sequence[Variant], points: Sequence[ChoicePoint], mix: Mix) -> list[Variant]:
    """The variants, with those joined that have the same form under every option of a choice point.

    points: the choice points of the variants, in the order in which they appeared.
    """
    found = list(variants)
    for point in reversed(points):
        alike: dict[tuple[Any, ...], dict[str, Variant]] = {}
        for variant in found:
            if point.id in variant.taken:
                rest = variant.without(point)
                key = (frozenset(rest.taken.items()), variant.form)
                alike.setdefault(key, {})[variant.taken[point.id]] = rest
        for options in alike.values():
            if len(options) == len(point.options):
                gone = [variant.taking(point, option) for option, variant in options.items()]
                found = [variant for variant in found if variant not in gone]
                found.append(_join(point, [options[option] for option in point.options], mix))
    return found if len(found) == len(variants) else joined(found, points, mix)


def _join(point: ChoicePoint, variants: Sequence[Variant], mix: Mix) -> Variant:
    """One variant for all options of a choice point, in their order."""
    first = variants[0]
    known: dict[tuple[str, ...], Ref] = {}

    def of(refs: Sequence[Ref]) -> Ref:
        ids = tuple(ref.id for ref in refs)
        if ids not in known:
            known[ids] = refs[0] if len(set(ids)) == 1 else mix(point, refs)
        return known[ids]

    def stream(streams: Sequence[Stream]) -> Stream:
        history = tuple(of(refs) for refs in zip(*(one.history for one in streams), strict=True))
        return replace(streams[0], x=of([one.x for one in streams]), history=history)

    names = {name: stream([variant.names[name] for variant in variants]) for name in first.names}
    return replace(first, stream=stream([variant.stream for variant in variants]), names=names)


def output_of(variants: Sequence[Variant], points: Sequence[ChoicePoint], mix: Mix) -> Ref:
    """The output of the whole network, from variants of one type."""
    if len(variants) == 1:
        return variants[0].stream.x
    point = next(point for point in reversed(points) if any(point.id in v.taken for v in variants))
    refs: list[Ref] = []
    for option in point.options:
        own = [v.without(point) for v in variants if v.taken.get(point.id, option) == option]
        refs.append(output_of(own, points, mix))
    return refs[0] if len({ref.id for ref in refs}) == 1 else mix(point, refs)


def common_cause(variants: Sequence[Variant], fails: Callable[[Variant], bool]) -> Mapping[str, str] | None:
    """Options with which every variant fails, none of which can be left out; None where no variant fails."""
    failing = next(filter(fails, variants), None)
    if failing is None:
        return None
    cause = dict(failing.taken)
    for id in failing.taken:
        rest = {other: option for other, option in cause.items() if other != id}
        if all(fails(variant) for variant in variants if _agrees(variant, rest)):
            cause = rest
    return cause


def _agrees(variant: Variant, taken: Mapping[str, str]) -> bool:
    return all(variant.taken.get(id, option) == option for id, option in taken.items())
