"""Hover: the name at a place with its documentation, the type of its value, and the cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lark import Token

from ..base.source import Span
from ..ir.primitives import REGISTRY
from ..parse import syntax
from ..parse.tokens import span_of
from . import topics
from .places.keys import Key, keys_of, stage_of
from .places.lookup import Place, contains, nodes_at
from .places.references import Occurrence, occurrence_at
from .places.signatures import (
    FUNCTION_WORDS,
    KIND_WORDS,
    PLACE_WORDS,
    SPACE_WORDS,
    comment_of,
    of_symbol,
)
from .places.symbols import kind_of
from .types import PRESET, Fact
from .workspace import Analysis, Workspace

SHOWN = 4  # of the types that one expression has in different places


@dataclass(frozen=True)
class Hover:
    """A text in Markdown, and the span that it describes."""

    text: str
    span: Span


def hover(workspace: Workspace, path: Path, place: Place) -> Hover | None:
    """The description of what stands at a place; None where nothing does or nothing is known of it."""
    analysis = workspace.analysis(path)
    token = analysis.text.token_at(place)
    if token is None:
        return None
    nodes = nodes_at(analysis.file, place)
    found = occurrence_at(analysis.occurrences, place)
    expr = _expression(nodes, found)
    # The value of a name may stand far away: then the name alone is marked.
    named = found.span if found else span_of(analysis.source, token)
    span = expr if expr is not None and not found and contains(expr, place) else named
    words = [*_named(token, nodes, found)]
    if expr is not None:
        words += _types(expr, workspace.witnesses(path))
    return Hover("\n\n".join(words), span) if words else None


# --- names --------------------------------------------------------------------------------------------------


def _named(token: Token, nodes: list[object], found: Occurrence | None) -> Iterable[str]:
    """What a name is, and the comments of its author."""
    if found is not None:
        yield _code(of_symbol(found.symbol))
        comment = comment_of(found.symbol)
        yield f"*{found.symbol.kind}*" + (f": {comment}" if comment else "")
        return
    key = _key(nodes)
    if key is not None:
        yield _code(f"{token if '.' not in key[0] else key[0]}: {key[1].takes}")
        yield key[1].doc
    elif (parameter := _parameter(nodes)) is not None:
        yield parameter
    elif token in FUNCTION_WORDS:
        signature, doc = FUNCTION_WORDS[token]
        yield from (_code(signature), doc)
    elif token in REGISTRY:
        yield from topics.markdown(topics.of(REGISTRY[token]))
    elif token in (words := {**PLACE_WORDS, **SPACE_WORDS}) and token.type == "NAME":
        yield f"`{token}`: {words[token]}"


def _key(nodes: list[object]) -> tuple[str, Key] | None:
    """The key at a place, in a block or a group of settings; None where there is none or it is unknown."""
    blocks = [node for node in nodes if isinstance(node, syntax.SettingsBlock | syntax.Derived)]
    setting = next((node for node in nodes if isinstance(node, syntax.Setting)), None)
    if setting is None or not blocks:
        return None
    if nodes[-1] is setting:
        known = keys_of(kind_of(blocks[-1]))
        return (setting.key, known[setting.key]) if setting.key in known else None
    if isinstance(nodes[-1], syntax.Argument) and isinstance(nodes[-2], syntax.Group):
        name = nodes[-1].name or ""
        known = stage_of(setting.key)
        return (name, known[name]) if name in known else None
    return None


def _parameter(nodes: list[object]) -> str | None:
    """The parameter of a primitive that is given by name at a place."""
    match nodes:
        case [*_, syntax.Call() as call, syntax.Argument() as argument]:
            known = REGISTRY[call.function.name].parameters if call.function.name in REGISTRY else ()
            kinds = {parameter.name: parameter.kind for parameter in known}
            if argument.name in kinds:
                return f"`{argument.name}` of `{call.function.name}`: {KIND_WORDS[kinds[argument.name]]}"
    return None


# --- types --------------------------------------------------------------------------------------------------


def _expression(nodes: list[object], found: Occurrence | None) -> Span | None:
    """The expression whose type is shown at a place: the value of a name, or the innermost expression."""
    if not nodes:
        return None
    innermost = nodes[-1]
    if found is not None and (found.span == found.symbol.span or found.symbol.kind == "node"):
        return value_of(found.symbol.node)
    match nodes:
        case [*_, syntax.Call(function=name) as call, last] if last is name:
            return call.span
        case [*_, syntax.Choose(candidates=call) as choose, last] if last is call:
            return choose.span
        case [*_, syntax.Choose() as choose, syntax.Call(function=name), last] if last is name:
            return choose.span
    if isinstance(innermost, syntax.Network):  # no name of the user's
        return value_of(innermost)
    return innermost.span if isinstance(innermost, syntax.Expr) else None


def value_of(node: object) -> Span | None:
    """The span of the value of a name, from the tree of its definition; None where it has none."""
    match node:
        case syntax.Let() | syntax.FrontEndTemplate() | syntax.CellTemplate():
            return node.value.span
        case syntax.Op() | syntax.Network():
            return node.body.value.span
        case syntax.SpaceTemplate():
            networks = (item for item in node.items if isinstance(item, syntax.Network))
            return next((item.body.value.span for item in networks if item.name == "network"), None)
        case syntax.NodeArray(value=syntax.Call(arguments=[syntax.Argument(value=each)])):
            return each.value.span if isinstance(each, syntax.Comprehension) else None
        case syntax.Setting(values=[value]):
            return value.span
        case _:
            return None


def _types(span: Span, witnesses: Iterable[Analysis]) -> Iterable[str]:
    """The types of an expression with symbolic sizes, then with those of the experiment and their costs."""
    for witness in witnesses:
        if span not in witness.types:
            continue
        facts = witness.types[span]
        yield ", ".join(f"`{fact.type}`" for fact in facts[:SHOWN]) + _more(len(facts))
        if witness.costs is not None and span in witness.costs.facts:
            yield _table(witness.costs.facts[span], witness.costs.experiment.data)
        return


def _table(facts: tuple[Fact, ...], data: str) -> str:
    lines = [f"| `{data}`, preset `{PRESET}` | parameters | MACs |", "|---|--:|--:|"]
    for fact in facts[:SHOWN]:
        cost = fact.cost
        if cost is not None:
            lines.append(f"| `{fact.type}` | {cost.params:,} | {cost.macs:,} |")
    return "\n".join(lines) + _more(len(facts))


def _more(count: int) -> str:
    return f"\n\nand {count - SHOWN} more" if count > SHOWN else ""


def _code(text: str) -> str:
    return f"```nas\n{text}\n```"
