"""Expands a sweep to its configurations: the product of spaces, methods, domains and data sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..parse import syntax
from .arguments import coerce
from .definitions import Definitions, Keys, Space
from .settings import group_settings
from .values import evaluate_words

AXES = ("spaces", "methods", "domains", "data")  # the keys whose values are multiplied out
COUNTS = ("searches", "retrains")
SWEEP_KEYS = (*AXES, *COUNTS, "baselines")
FOLDS = "data.fold"  # the one setting whose values are multiplied out as well
OF_EXPERIMENTS = ("precision", "frontend")  # keys without a group that a sweep shares with an experiment


@dataclass(frozen=True)
class Configuration:
    """One experiment of a sweep, for all its seeds.

    name: its name in folders and tables, the same in every run of the same text.
    method: as written in the text; empty for a baseline, which is trained by the sweep's first method.
    experiment: its keys, as in an experiment of a file. fold: the fold of the data that it tests, as written,
    where the sweep has several; else empty.
    """

    name: str
    space: str
    domain: str
    data: str
    method: str
    experiment: Keys
    fold: str = ""

    @property
    def searched(self) -> bool:
        """Whether it is searched; a baseline has no choices and is only trained."""
        return bool(self.method)


@dataclass(frozen=True)
class Sweep:
    """An expanded sweep.

    searches: how many seeds are searched; retrains: with how many seeds each genotype is trained.
    """

    name: str
    searches: int
    retrains: int
    configurations: tuple[Configuration, ...]


def read_sweep(keys: Keys, definitions: Definitions) -> Sweep:
    """Read a sweep from its keys; raises DslnasError with all values that are invalid."""
    if many := too_many(keys):
        raise DslnasError(many)
    found: list[Diagnostic] = []
    for key in (*AXES, FOLDS, "baselines"):
        found += _repeated(keys.values.get(key, ()))
    counts = {key: _count(keys, key, found) for key in COUNTS}
    if "methods" in keys.values and "spaces" not in keys.values:
        place = keys.spans["methods"]
        found.append(Diagnostic("N0207", f"sweep `{keys.name}` names no `spaces` to search", place))
    if "spaces" in keys.values and "methods" not in keys.values:
        place = keys.spans["spaces"]
        found.append(Diagnostic("N0207", f"sweep `{keys.name}` names no `methods` to search with", place))
    if not {"spaces", "methods", "baselines"} & set(keys.values):
        help = "`spaces: SS1`, `methods: darts, forcedarts`"
        found.append(Diagnostic("N0207", f"sweep `{keys.name}` names nothing to train", keys.span, help=help))
    if found:
        raise DslnasError(*found)
    return Sweep(keys.name, counts["searches"], counts["retrains"], tuple(_configurations(keys, definitions)))


def _count(keys: Keys, key: str, found: list[Diagnostic]) -> int:
    """The value of `searches` or `retrains`: a whole number of at least 1, by default 1."""
    exprs = keys.values.get(key, ())
    if not exprs:
        return 1
    try:
        if len(exprs) > 1:
            raise fail("N0207", f"`{key}` takes one value", exprs[1].span)
        return int(coerce(evaluate_words(exprs[0]), "int", f"`{key}`", exprs[0].span))
    except DslnasError as error:
        found += error.diagnostics
        return 1


def _repeated(exprs: Iterable[syntax.Expr]) -> Iterator[Diagnostic]:
    seen: list[syntax.Expr] = []
    for expr in exprs:
        if expr in seen:
            yield Diagnostic("N0202", f"`{text_of(expr)}` is named twice", expr.span)
        seen.append(expr)


def too_many(keys: Keys) -> Diagnostic | None:
    """The error N0301 if a sweep has more trials than `limits.TRIALS`, else None."""
    length = {key: max(1, len(keys.values.get(key, ()))) for key in (*AXES, FOLDS, "baselines")}
    counts = {key: _count(keys, key, []) for key in COUNTS}
    searches = length["data"] * length["domains"] * length["spaces"] * length["methods"] * counts["searches"]
    trials = searches * (1 + counts["retrains"]) + length["data"] * length["baselines"] * counts["retrains"]
    trials *= length[FOLDS]
    if trials <= limits.TRIALS:
        return None
    message = f"sweep `{keys.name}` has {trials:,} trials, and at most {limits.TRIALS:,} are one sweep"
    return Diagnostic("N0301", message, keys.span)


def _configurations(keys: Keys, definitions: Definitions) -> Iterator[Configuration]:
    """Searched spaces first, data set by data set, then the baselines on each data set."""
    values = {key: keys.values.get(key, ()) for key in (*AXES, "baselines")}
    domains, data = values["domains"] or (None,), values["data"] or (None,)
    folds = keys.values.get(FOLDS, ())
    several: tuple[syntax.Expr | None, ...] = folds if len(folds) > 1 else (None,)
    for one, fold, domain, space, method in product(
        data, several, domains, values["spaces"], values["methods"]
    ):
        chosen = {"space": space, "method": method, "domain": domain, "data": one, FOLDS: fold}
        yield _configuration(keys, definitions, chosen, text_of(method))
    first = values["methods"][0] if values["methods"] else None
    for one, fold, space in product(data, several, values["baselines"]):
        chosen = {"space": space, "method": first, "data": one, FOLDS: fold}
        yield _configuration(keys, definitions, chosen, "")


def _configuration(
    keys: Keys, definitions: Definitions, chosen: dict[str, syntax.Expr | None], method: str
) -> Configuration:
    stated = {key: expr for key, expr in chosen.items() if expr is not None}
    name = text_of(stated["space"])
    space = definitions.spaces.get(name)
    domain = text_of(stated["domain"]) if "domain" in stated else own_domain(space)
    data = text_of(stated["data"]) if "data" in stated else "digits"
    values: dict[str, tuple[syntax.Expr, ...]] = {key: (expr,) for key, expr in stated.items()}
    spans = {key: expr.span for key, expr in stated.items()}
    fold = text_of(stated[FOLDS]) if FOLDS in stated else ""
    for key in settings_of(keys):
        if fold and key == FOLDS:
            continue
        if space is not None and key in settings_known([space]):
            values[key], spans[key] = keys.values[key], keys.spans[key]
    experiment = Keys(keys.name, MappingProxyType(values), MappingProxyType(spans), keys.span)
    parts = [name, domain, data, *([f"fold{fold}"] if fold else []), *([method] if method else [])]
    return Configuration("-".join(map(_slug, parts)), name, domain, data, method, experiment, fold)


def settings_of(keys: Keys) -> list[str]:
    """The keys of a sweep that are settings of its experiments."""
    return [key for key in keys.values if key not in SWEEP_KEYS]


def settings_known(spaces: Iterable[Space]) -> list[str]:
    """The settings that at least one of the spaces has; each experiment takes those of its own space."""
    parameters = dict.fromkeys(name for space in spaces for name in space.parameters)
    return [*OF_EXPERIMENTS, *group_settings(parameters)]


def own_domain(space: Space | None) -> str:
    """The default domain of a space."""
    expr = space.parameters.get("domain") if space is not None else None
    return text_of(expr) if expr is not None else "real"


def text_of(expr: syntax.Expr) -> str:
    """A value as written in the text, without quotes and with single spaces."""
    return expr.value if isinstance(expr, syntax.Text) else " ".join(expr.span.text.split())


def _slug(text: str) -> str:
    """A text with all characters replaced that do not belong in the name of a folder."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.")
