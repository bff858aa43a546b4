"""Reads sampled methods: path sampling in the supernet, the evolutionary search, and its objectives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base.diagnostics import Diagnostic, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.definitions import Keys
from ..resolve.values import Applied
from .keys import RELAXED_KEYS, SAMPLED_KEYS, KeyReader
from .method import SampledMethod, Sampling

SUPERNETS = ("fair",)
OBJECTIVES = {"maximize": ("accuracy", "macro_f1"), "minimize": ("macs", "params")}
EVOLUTION = "`evolve: nsga2(population: 64, generations: 70)`"
POPULATION = 4  # the least that crosses over and is still sorted into fronts


def samples(keys: Keys) -> bool:
    """Whether keys describe a sampled method: they have `supernet`, or sampled keys and no relaxed ones."""
    if "supernet" in keys.values:
        return True
    return not any(key in keys.values for key in RELAXED_KEYS) and any(
        key in keys.values for key in SAMPLED_KEYS
    )


class SampledReader(KeyReader):
    """Reads a sampled method from its keys."""

    own = SAMPLED_KEYS
    reason = "a sampled supernet trains one option at a time: there is nothing to mix and no loss to add to"

    def read(self) -> SampledMethod:
        """The method; errors are added to `diagnostics`."""
        self.check_keys()
        for key, example in (
            ("supernet", "`supernet: fair`"),
            ("evolve", EVOLUTION),
            ("maximize", "`maximize: accuracy`"),
        ):
            if key not in self.keys.values:
                message = f"method `{self.keys.name}` does not say `{key}`"
                self.diagnostics.append(Diagnostic("N0601", message, self.keys.span, help=example))
        population, generations = self.get("evolve", _evolution, (0, 0))
        return SampledMethod(
            **self.shared(),
            supernet=self.get("supernet", _supernet, Sampling()),
            population=population,
            generations=generations,
            maximize=self.get_all("maximize", _objectives("maximize"), ()),
            minimize=self.get_all("minimize", _objectives("minimize"), ()),
        )


def _supernet(value: Any, key: str, span: Span) -> Sampling:
    if value == "fair":
        return Sampling()
    help = did_you_mean(str(value), SUPERNETS) or f"known: {', '.join(SUPERNETS)}"
    raise fail("N0301", f"`{key}` is no way to train a supernet path by path", span, help=help)


def _evolution(value: Any, key: str, span: Span) -> tuple[int, int]:
    """Population and generations of `nsga2(population: 64, generations: 70)`."""
    if not isinstance(value, Applied) or value.name != "nsga2" or value.positional:
        raise fail("N0301", f"`{key}` takes an evolutionary search", span, help=EVOLUTION)
    known = ("population", "generations")
    for name in value.keyword:
        if name not in known:
            help = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise fail("N0204", f"`nsga2` has no argument `{name}`", value.spans[name], help=help)
    counts: list[int] = []
    for name, least in (("population", POPULATION), ("generations", 1)):
        if name not in value.keyword:
            raise fail("N0207", f"`nsga2` needs `{name}`", span, help=EVOLUTION)
        count = coerce(value.keyword[name], "int", f"`{name}`", value.spans[name])
        if count < least:
            raise fail("N0301", f"`{name}` is at least {least}, not {count}", value.spans[name])
        counts.append(count)
    return counts[0], counts[1]


def _objectives(key: str) -> Callable[[tuple[Any, ...], tuple[syntax.Expr, ...]], tuple[str, ...]]:
    """A reader of the objectives that a key (`maximize`, `minimize`) names, each once."""

    def read(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> tuple[str, ...]:
        known = OBJECTIVES[key]
        for place, (value, expr) in enumerate(zip(values, exprs, strict=True)):
            if value not in known:
                help = did_you_mean(str(value), known) or f"known: {', '.join(known)}"
                raise fail("N0301", f"`{expr.span.text}` is nothing to {key}", expr.span, help=help)
            if value in values[:place]:
                raise fail("N0202", f"`{value}` is named twice", expr.span)
        return tuple(map(str, values))

    return read
