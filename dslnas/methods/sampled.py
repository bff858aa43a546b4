"""Reads sampled methods: path sampling in the supernet, the evolutionary search, and its objectives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ..base.diagnostics import Diagnostic, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.definitions import Keys
from ..resolve.values import Applied
from .budget import PRICES, QUALITIES, SCORES, Requirement, read_requirements
from .keys import RELAXED_KEYS, SAMPLED_KEYS, KeyReader, Schedule, read_schedule
from .method import Kind, SampledMethod, Sampling, Wanted

# The argument that counts random paths, its least value, and the value where it is not given.
SUPERNETS: Mapping[str, tuple[str, int, int]] = {
    "uniform": ("paths", 1, 1),
    "sandwich": ("random", 0, 2),
    "none": ("train", 1, 0),
}
WAYS = "`fair`, `uniform(paths: 1)`, `sandwich(random: 2)`, `none`, `none(train: 100)`"
OBJECTIVES: Mapping[str, tuple[str, ...]] = {"maximize": (*QUALITIES, *SCORES), "minimize": PRICES}
EVOLUTION = "`evolve: nsga2(population: 64, generations: 70)`"
POPULATION = 4  # the least that crosses over and is still sorted into fronts
WAYS_TO_LOOK = f"{EVOLUTION}, `evolve: random(sample: 16)`"
# Each way to look for networks, with its arguments and their least values.
LOOKING: Mapping[str, Mapping[str, int]] = {
    "nsga2": {"population": POPULATION, "generations": 1},
    "random": {"sample": 1},
}


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
        population, generations = self.get("evolve", _evolution, (0, 0))
        way = self.get("supernet", _supernet, Sampling())
        supernet = way if isinstance(way, Sampling) else None
        trained = way if isinstance(way, int) else 0
        draws_one = (supernet, trained, population, generations) == (None, 0, 1, 0)
        for key, example in (
            ("supernet", "`supernet: fair`"),
            ("evolve", EVOLUTION),
            *(() if draws_one else (("maximize", "`maximize: accuracy`"),)),
        ):
            if key not in self.keys.values:
                message = f"method `{self.keys.name}` does not say `{key}`"
                self.diagnostics.append(Diagnostic("N0601", message, self.keys.span, help=example))
        self._check_judged(supernet is not None or trained > 0)
        goals = self.keys.values.get("maximize")
        return SampledMethod(
            **self.shared(),
            supernet=supernet,
            population=population,
            generations=max(generations, 1),
            breeds=generations > 0,
            trained=trained,
            maximize=self.get_all("maximize", _objectives("maximize"), ()),
            minimize=self.get_all("minimize", _objectives("minimize"), ()),
            require=self.get_written("require", _required, ()),
            random=self.get("random", _wanted, "auto"),
            weights_warmup=self._weights_warmup(),
            maximize_span=goals[0].span if goals else None,
        )

    def _check_judged(self, trains: bool) -> None:
        """Record N0601 for each objective of trained weights where nothing trains them, and the reverse."""
        for expr in self.keys.values.get("maximize", ()):
            name = expr.name if isinstance(expr, syntax.Name) else ""
            if not trains and name in QUALITIES:
                message = f"`{name}` takes trained weights, and `supernet: none` trains none"
                scores = ", ".join(SCORES)
                help = f"`supernet: none(train: 100)`, `supernet: fair`; or `maximize: naswot`, of {scores}"
                self.diagnostics.append(Diagnostic("N0601", message, expr.span, help=help))
            elif trains and name in SCORES:
                message = f"`{name}` scores networks that nobody has trained, and here they are trained"
                help = f"`supernet: none`; or `maximize: {QUALITIES[0]}`"
                self.diagnostics.append(Diagnostic("N0601", message, expr.span, help=help))

    def _weights_warmup(self) -> int:
        """The epochs over which the learning rate of the supernet rises, which is constant from then on."""
        schedule: Schedule = self.get("weights.schedule", read_schedule, Schedule())
        if schedule.floor is not None:
            message = "the learning rate of a sampled supernet is constant, after a warmup or without one"
            span = self.keys.values["weights.schedule"][0].span
            help = "`warmup(3)`, `constant`"
            self.diagnostics.append(Diagnostic("N0601", message, span, help=help))
        return schedule.warmup


def _supernet(value: Any, key: str, span: Span) -> Sampling | int | None:
    """How the paths of a supernet are drawn; where there is none, the steps that each network is trained for.

    None for `none` alone, which trains nothing.
    """
    name = value.name if isinstance(value, Applied) else value
    if value == "none":
        return None
    if name == "fair":
        if isinstance(value, Applied):
            help = "`fair` stands without parentheses: a batch has as many paths as a choice has options"
            raise fail("N0207", "`fair` takes no argument", span, help=help)
        return Sampling()
    if name not in SUPERNETS:
        help = did_you_mean(str(name), ("fair", *SUPERNETS)) or f"known: {WAYS}"
        raise fail("N0301", f"`{key}` is no way to train a supernet path by path", span, help=help)
    counted, least, paths = SUPERNETS[name]
    if isinstance(value, Applied):
        for argument in value.keyword:
            if argument != counted:
                help = did_you_mean(argument, (counted,)) or f"known: {counted}"
                raise fail(
                    "N0204", f"`{name}` has no argument `{argument}`", value.spans[argument], help=help
                )
        if value.positional:
            raise fail("N0207", f"`{name}` takes `{counted}` by name", span, help=f"known: {WAYS}")
        paths = coerce(value.keyword[counted], "count", f"`{counted}`", value.spans[counted])
        if paths < least:
            raise fail("N0301", f"`{counted}` is at least {least}, not {paths}", value.spans[counted])
    return paths if name == "none" else Sampling(cast(Kind, name), paths)


def _required(exprs: tuple[syntax.Expr, ...]) -> tuple[Requirement, ...]:
    """The bounds of `require`, none for `none`."""
    first = exprs[0]
    if len(exprs) == 1 and isinstance(first, syntax.Name) and first.name == "none":
        return ()
    return read_requirements(exprs)


def _wanted(value: Any, key: str, span: Span) -> Wanted:
    """Whether there is a random search: `auto`, `on` or `off`."""
    known = get_args(Wanted)
    if value not in known:
        help = did_you_mean(str(value), known) or "`auto`: where it takes less than a tenth of the search"
        raise fail("N0301", f"`{key}` is {', '.join(known[:-1])} or {known[-1]}", span, help=help)
    return cast(Wanted, value)


def _evolution(value: Any, key: str, span: Span) -> tuple[int, int]:
    """The population and the generations of `nsga2`; the networks of `random`, and 0."""
    if not isinstance(value, Applied) or value.name not in LOOKING or value.positional:
        raise fail("N0301", f"`{key}` takes an evolutionary search, or a random one", span, help=WAYS_TO_LOOK)
    wanted = LOOKING[value.name]
    for name in value.keyword:
        if name not in wanted:
            help = did_you_mean(name, tuple(wanted)) or f"known: {', '.join(wanted)}"
            raise fail("N0204", f"`{value.name}` has no argument `{name}`", value.spans[name], help=help)
    counts: list[int] = []
    for name, least in wanted.items():
        if name not in value.keyword:
            raise fail("N0207", f"`{value.name}` needs `{name}`", span, help=WAYS_TO_LOOK)
        count = coerce(value.keyword[name], "int", f"`{name}`", value.spans[name])
        if count < least:
            raise fail("N0301", f"`{name}` is at least {least}, not {count}", value.spans[name])
        counts.append(count)
    return counts[0], (*counts, 0)[1]


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
