"""Checks the whole product of a sweep before it runs: each method on each space in each domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from ..base.diagnostics import Diagnostic, DslnasError
from ..base.spelling import did_you_mean
from ..elaborate.scope import Work
from ..ir.graph import Program
from ..parse import syntax
from ..resolve.definitions import Definitions, Keys
from ..resolve.settings import DOMAINS
from ..resolve.sweeps import (
    FOLDS,
    SWEEP_KEYS,
    Configuration,
    read_sweep,
    settings_known,
    text_of,
    too_many,
)
from .methods import located, misfits, unmixable
from .references import frontends_named, method_called, unknown_space, wrong_data
from .typecheck import typecheck


def check_sweeps(definitions: Definitions, programs: Mapping[str, Program | None]) -> list[Diagnostic]:
    """All errors in the sweeps of a file.

    programs: those of the spaces already checked, each in its own domain.
    """
    check = _Check(definitions, programs)
    found: list[Diagnostic] = []
    stated: dict[str, tuple[str, Configuration]] = {}
    for keys in definitions.sweeps:
        if many := too_many(keys):
            found.append(many)
            continue
        found += check.sweep(keys)
        try:
            sweep = read_sweep(keys, definitions)
        except DslnasError as error:
            found += error.diagnostics
            continue
        for one in sweep.configurations:
            other, same = stated.setdefault(one.name, (sweep.name, one))
            if same.experiment.values != one.experiment.values:
                message = f"`{one.name}` is another experiment than in sweep `{other}`"
                help = "its settings are others: give one of the two sweeps a file of its own"
                found.append(Diagnostic("N0202", message, keys.span, help=help))
    return found


class _Check:
    """Checks the parts of sweeps; each program is built once."""

    def __init__(self, definitions: Definitions, programs: Mapping[str, Program | None]) -> None:
        self.definitions = definitions
        self._work = Work()  # one bound on the elaboration for all sweeps of a file
        self._programs: dict[tuple[str, str], Program | None] = {
            (name, ""): p for name, p in programs.items()
        }

    def sweep(self, keys: Keys) -> Iterator[Diagnostic]:
        """All errors of one sweep, except those of `read_sweep`."""
        yield from self._keys(keys)
        for expr in (*keys.values.get("spaces", ()), *keys.values.get("baselines", ())):
            if text_of(expr) not in self.definitions.spaces:
                yield from unknown_space(self.definitions, text_of(expr), expr.span)
        for expr in keys.values.get("domains", ()):
            if text_of(expr) not in DOMAINS:
                help = did_you_mean(text_of(expr), DOMAINS)
                message = f"the domain is `real` or `complex`, not `{text_of(expr)}`"
                yield Diagnostic("N0301", message, expr.span, help=help)
        for expr in keys.values.get("data", ()):
            yield from wrong_data(expr)
        yield from self._product(keys)
        yield from self._baselines(keys)

    def _keys(self, keys: Keys) -> Iterator[Diagnostic]:
        """Errors for keys that no space of the sweep has, and for settings with several values."""
        named = [text_of(e) for key in ("spaces", "baselines") for e in keys.values.get(key, ())]
        spaces = [self.definitions.spaces[name] for name in named if name in self.definitions.spaces]
        known = [*SWEEP_KEYS, *settings_known(spaces)]
        for key, span in keys.spans.items():
            if key not in known:
                help = did_you_mean(key, known) or f"known: {', '.join(known)}"
                yield Diagnostic("N0204", f"a sweep has no key `{key}`", span, help=help)
            if key in keys.values and key not in (*SWEEP_KEYS, FOLDS) and len(keys.values[key]) > 1:
                yield Diagnostic("N0207", f"`{key}` takes one value", keys.values[key][1].span)

    def _product(self, keys: Keys) -> Iterator[Diagnostic]:
        """Errors of each space in each domain, and of each method on all of them."""
        frontends, found = frontends_named(keys, self.definitions)
        yield from found
        programs: list[Program] = []
        named: list[syntax.Expr | None] = [
            expr for expr in keys.values.get("domains", ()) if text_of(expr) in DOMAINS
        ]
        for space, domain in product(keys.values.get("spaces", ()), named or [None]):
            program, found = self._program(space, domain)
            yield from found
            if program is not None:
                programs.append(program)
                if not program.choices and not program.selections:
                    message = f"space `{program.space}` has nothing to search"
                    help = f"`baselines: {program.space}` trains it"
                    yield Diagnostic("N0601", message, space.span, help=help)
        for expr in keys.values.get("methods", ()):
            method, found = method_called(self.definitions, expr)
            yield from found
            if method is None:
                continue
            for program in programs:
                yield from located(misfits(method, program), method, expr.span, self.definitions.main)
            if frontends is not None:
                yield from unmixable(method, frontends.points)

    def _baselines(self, keys: Keys) -> Iterator[Diagnostic]:
        for expr in keys.values.get("baselines", ()):
            program, found = self._program(expr, None)
            yield from found
            if program is not None and (program.choices or program.selections):
                message = f"baseline `{program.space}` has choices that are open"
                help = "`spaces` are searched; a baseline is a space in which every choice is made"
                yield Diagnostic("N0601", message, expr.span, help=help)

    def _program(
        self, expr: syntax.Expr, domain: syntax.Expr | None
    ) -> tuple[Program | None, list[Diagnostic]]:
        """The program of a space in a domain, and its errors unless they are already reported."""
        name = text_of(expr)
        place = (name, text_of(domain) if domain is not None else "")
        if place in self._programs or name not in self.definitions.spaces:
            return self._programs.get(place), []
        space = self.definitions.spaces[name]
        if domain is not None:
            space = replace(space, parameters={**space.parameters, "domain": domain})
        self._programs[place], found = typecheck(space, self.definitions, work=self._work)
        return self._programs[place], found
