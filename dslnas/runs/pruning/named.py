"""The method that a pruning names: from its name or its file to a text that stands by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...base.diagnostics import DslnasError, errors, fail
from ...base.source import Source
from ...methods.adversarial import PruningMethod, Rank
from ...methods.pruning import prunes
from ...methods.read import read_pruning_call, read_pruning_method
from ...parse import syntax
from ...parse.format import one_line
from ...parse.parse import parse_value
from ...resolve.definitions import Keys
from ...resolve.frozen import keys_text
from ...resolve.resolve import resolve
from ...resolve.settings import parse_override

SUFFIX = ".nas"
EARLIER: Mapping[str, Rank] = {
    "gal": "adversarial",
    "random": "random",
    "l1": "l1",
    "bn": "bn",
    "taylor": "taylor",
}


@dataclass(frozen=True)
class Named:
    """A method that prunes, with its definition as a text that needs no other, and its call in it."""

    method: PruningMethod
    text: str
    call: str


def named(what: str, known: Mapping[str, Keys], overrides: Sequence[str] = ()) -> Named:
    """The method that a name, a call or a file says. overrides: the texts of `--set method.KEY=VALUE`.

    A file says the last of its methods that prune. Raises DslnasError with every error in it, N0201 where no
    method has the name, N0601 where it searches, N0603 where a setting is of something else.
    """
    keys, arguments, call = _of_file(Path(what)) if what.endswith(SUFFIX) else _of_name(what, known)
    for text in overrides:
        setting = parse_override(text)
        first, *rest = setting.path
        if first != "method" or not rest:
            message = f"`{setting.key}` is nothing of a method, and the rest is set by the run"
            raise fail("N0603", message, setting.span, help="`--set method.keep=1e-3`")
        keys = keys.with_setting(".".join(rest), setting.values, setting.span)
    method, found = read_pruning_method(keys, arguments)
    if method is None:
        raise DslnasError(*found)
    return Named(method, keys_text("method", keys), call)


def _of_name(what: str, known: Mapping[str, Keys]) -> tuple[Keys, tuple[syntax.Argument, ...], str]:
    one, *more = parse_value(what, "--method")
    if more:
        raise fail("N0207", "`--method` takes one method", more[0].span)
    return *read_pruning_call(one, known), one_line(one.span.text)


def _of_file(path: Path) -> tuple[Keys, tuple[syntax.Argument, ...], str]:
    definitions, diagnostics = resolve(path)
    if errors(diagnostics):
        raise DslnasError(*errors(diagnostics))
    own = [keys for keys in definitions.methods.values() if keys.span.source == definitions.main]
    pruning = [keys for keys in own if prunes(keys)]
    if not pruning:
        place = own[-1].span if own else None
        message = f"{path} defines no method that makes a trained network smaller"
        raise fail("N0601", message, place, help="`method mine = gal with { keep: 1e-3 }`")
    return pruning[-1], (), pruning[-1].name


def taken_up(text: str, call: str, path: Path) -> Named:
    """The method in the order of a run that is at `path`; raises DslnasError N0701."""
    source = Source(str(path), text)
    try:
        definitions, diagnostics = resolve(path, lambda _path, _span: source)
        if errors(diagnostics):
            raise DslnasError(*errors(diagnostics))
        (expr,) = parse_value(call, str(path))
        keys, arguments = read_pruning_call(expr, definitions.methods)
        method, found = read_pruning_method(keys, arguments)
        if method is None:
            raise DslnasError(*found)
    except (DslnasError, ValueError) as error:
        first = error.diagnostics[0].message if isinstance(error, DslnasError) else "it is no call"
        raise fail("N0701", f"{path}: its method cannot be read: {first}") from None
    return Named(method, text, call)


def of_earlier(name: str) -> Named:
    """The method of an order that names it and has no text: these had no `keep`, `patience` and `trials`."""
    return Named(PruningMethod(name, EARLIER[name]), "", name)
