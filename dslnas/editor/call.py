"""Signature help: the call around a place, its parameters, and which of them is being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lark import Token

from ..ir.primitives import REGISTRY
from ..methods.keys import OPTIMIZERS
from .places.context import Context
from .places.lookup import Place
from .places.signatures import KIND_WORDS, comment_of, of_primitive, of_symbol
from .workspace import Analysis, Workspace


@dataclass(frozen=True)
class Signature:
    """The text of a signature, its documentation, and its parameters as (name, what it takes or empty)."""

    text: str
    doc: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Call:
    """A signature, and the index of the parameter that is being written; None beyond the last."""

    signature: Signature
    active: int | None


def call_at(workspace: Workspace, path: Path, place: Place) -> Call | None:
    """The innermost call whose parentheses are open at a place; None outside of all."""
    analysis = workspace.analysis(path)
    here = Context(analysis.source, place)
    calls = [bracket for bracket in here.brackets if bracket.block == "call"]
    signature = _signature(calls[-1].word, analysis) if calls and not here.silent else None
    if signature is None:
        return None
    written = _written(here.tokens[calls[-1].index + 1 :])
    names = [name for name, _ in signature.parameters]
    number = names.index(written) if isinstance(written, str) and written in names else written
    return Call(signature, number if isinstance(number, int) and number < len(names) else None)


def _signature(name: str, analysis: Analysis) -> Signature | None:
    if name in REGISTRY:
        primitive = REGISTRY[name]
        takes = tuple((one.name, KIND_WORDS[one.kind]) for one in primitive.parameters)
        return Signature(of_primitive(primitive), primitive.doc, takes)
    for kind in ("op", "method", "frontend"):
        symbol = analysis.visible.find(kind, name)
        if symbol is not None:
            parameters = tuple((one, "") for one in analysis.visible.parameters(symbol))
            return Signature(of_symbol(symbol), comment_of(symbol), parameters)
    if name in OPTIMIZERS:
        shown = ", ".join(f"{argument}:" for argument in OPTIMIZERS[name])
        return Signature(f"{name}({shown})", "", tuple((one, "") for one in OPTIMIZERS[name]))
    return None


def _written(tokens: Sequence[Token]) -> str | int:
    """The argument that is being written: its name, or how many stand before it."""
    count, depth, name = 0, 0, ""
    for place, token in enumerate(tokens):
        depth += (token.type in ("LPAR", "LSQB", "LBRACE")) - (token.type in ("RPAR", "RSQB", "RBRACE"))
        if depth == 0 and token.type == "COMMA":
            count, name = count + 1, ""
        elif depth == 0 and token.type == "COLON" and place:
            name = str(tokens[place - 1])
    return name or count
