"""The parts of `prune` that decide by what networks recognise, not by weights of an architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base import limits
from ..base.diagnostics import fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..resolve.arguments import coerce
from ..resolve.values import Applied


@dataclass(frozen=True)
class Rerank:
    """Genotypes are drawn by the final weights and judged; the best of them is found.

    sample: how many are judged, that of the greatest weights among them. train: the steps for which each is
    trained from new weights before; with 0 it is judged with those of the supernet.
    """

    sample: int = 32
    train: int = 0

    @property
    def inherits(self) -> bool:
        """Whether candidates are judged with the weights of the supernet."""
        return self.train == 0


@dataclass(frozen=True)
class Perturb:
    """Of each choice the option remains whose removal hurts the supernet most (Wang et al., 2021).

    tune: the steps that train the weights after each decision. clips: at most so many judge.
    """

    tune: int = 10
    clips: int = 512


Deciding = Rerank | Perturb
KINDS: Mapping[str, type[Rerank] | type[Perturb]] = {"rerank": Rerank, "perturb": Perturb}
ARGUMENTS: Mapping[str, tuple[str, ...]] = {"rerank": ("sample", "train"), "perturb": ("tune", "clips")}
WRITTEN = ("rerank(sample: 32, train: 0)", "perturb(tune: 10, clips: 512)")  # as they are without arguments


def decides(value: Any) -> bool:
    """Whether a part of `prune` says how it is decided: `rerank`, `perturb(tune: 20)`."""
    return (value.name if isinstance(value, Applied) else value) in KINDS


def read_deciding(value: Any, span: Span) -> Deciding:
    """The way of such a part; raises DslnasError where an argument is wrong."""
    if not isinstance(value, Applied):
        return KINDS[value]()
    known = ARGUMENTS[value.name]
    if value.positional:
        help = f"`{next(one for one in WRITTEN if one.startswith(value.name))}`"
        raise fail("N0207", f"`{value.name}` takes named arguments", span, help=help)
    found: dict[str, int] = {}
    for name, given in value.keyword.items():
        place = value.spans[name]
        if name not in known:
            help = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise fail("N0204", f"`{value.name}` has no argument `{name}`", place, help=help)
        least = {"tune": 0, "train": 0, "sample": 2}.get(name, 1)
        if type(given) is int and given < least:
            raise fail("N0301", f"`{name}` is at least {least}, not {given}", place)
        found[name] = given if given == 0 and least == 0 else coerce(given, "int", f"`{name}`", place)
        if name != "clips" and found[name] > limits.DECIDED:
            raise fail("N0301", f"`{name}` is at most {limits.DECIDED:,}", place)
    return KINDS[value.name](**found)
