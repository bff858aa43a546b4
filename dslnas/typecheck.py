"""The checker: proves spaces well formed for all channels and input sizes, and checks methods and profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .build import Setup, build
from .diagnostics import Diagnostic, DslnasError, in_order
from .graph import Program
from .method import read_method
from .names import unknown_names
from .resolve import Definitions, Keys, Space, did_you_mean, library, resolve
from .settings import symbolic
from .tensortype import Dim, tensor
from .values import evaluate

EXPERIMENT_KEYS = ("space", "method", "domain", "precision")
EXAMPLE_SIZE = {"F": 32, "T": 32}  # what messages show for the symbols


def check_file(path: Path) -> list[Diagnostic]:
    """Every error and warning of a file, in the order of the text; raises DslnasError if it cannot be read."""
    definitions, diagnostics = resolve(path)
    return check(definitions, diagnostics)


def check(definitions: Definitions, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Every error and warning: those found so far, then those of names, types, methods and experiments."""
    found = [*diagnostics, *unknown_names(definitions)]
    for name in definitions.own_spaces:
        space = definitions.spaces[name]
        found += typecheck(space, definitions)[1]
        found += _doubtful_options(space)
    for keys in definitions.methods.values():
        found += read_method(keys)[1]
    found += _frontends(definitions)
    if definitions.experiment is not None:
        found += _experiment(definitions, definitions.experiment)
    return _first_of_each(found)


def typecheck(space: Space, definitions: Definitions) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a space with symbols for channels and sizes, and every type error in it."""
    try:
        parameters = symbolic(space)
    except DslnasError as error:
        return None, list(error.diagnostics)
    domain = parameters.get("domain", "real")
    default = evaluate(space.parameters["channels"], lambda name: name.name) if "channels" in parameters else 1
    symbols = {"C": default, **EXAMPLE_SIZE}
    setup = Setup(parameters, tensor(domain, 1, "F", "T"), Dim.of("classes"), symbols)
    return build(space, definitions.ops, setup)


def _first_of_each(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """One text is elaborated many times: of the same mistake at the same place, the first is told."""
    kept: dict[tuple[Any, ...], Diagnostic] = {}
    for diagnostic in diagnostics:
        kept.setdefault((diagnostic.code, diagnostic.span or diagnostic.message), diagnostic)
    return in_order(kept.values())


def _doubtful_options(space: Space) -> list[Diagnostic]:
    """Choices that decide nothing: a set of one, and two candidates of the same text."""
    found: list[Diagnostic] = []
    for name, options in space.sets.items():
        if len(options) == 1:
            (only,) = options
            span = space.option_spans.get((name, only))
            message = f"`{name}` has a single candidate"
            found.append(Diagnostic("N0403", message, span, severity="warning"))
        seen: dict[Any, str] = {}
        for label, option in options.items():
            if option in seen:
                span = space.option_spans.get((name, label))
                message = f"candidate `{label}` is the same as `{seen[option]}`"
                found.append(Diagnostic("N0404", message, span, severity="warning"))
            seen.setdefault(option, label)
    return found


def _frontends(definitions: Definitions) -> list[Diagnostic]:
    from .stages import build_frontend

    found: list[Diagnostic] = []
    for template in definitions.frontends.values():
        found += build_frontend(template, definitions, None, "real")[1]
    return found


def _experiment(definitions: Definitions, experiment: Keys) -> list[Diagnostic]:
    """Keys and references of the experiment; what a profile decides is checked when the data is known."""
    found: list[Diagnostic] = []
    known: dict[str, list[str]] = {
        "space": list(definitions.spaces),
        "method": [*definitions.methods, *library().methods],
    }
    for key, values in experiment.values.items():
        span = experiment.spans[key]
        head = key.split(".")[0]
        if key in known:
            try:
                value = evaluate(values[0], lambda name: name.name)
            except DslnasError as error:
                found += error.diagnostics
                continue
            if value not in known[key]:
                help = did_you_mean(str(value), known[key]) or f"known: {', '.join(dict.fromkeys(known[key]))}"
                found.append(Diagnostic("N0201", f"there is no {key} `{value}`", values[0].span, help=help))
        elif key not in EXPERIMENT_KEYS and head not in ("search", "train", "data"):
            help = did_you_mean(key, EXPERIMENT_KEYS) or "known: space, method, domain, precision, search.*, train.*, data.*"
            found.append(Diagnostic("N0204", f"an experiment has no key `{key}`", span, help=help))
    return found
