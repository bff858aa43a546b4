"""Diagnostics: errors and warnings as plain data, and their codes; `rendering.py` shows them.

Phases collect diagnostics instead of raising them; a `DslnasError` with diagnostics is raised where nothing
sensible can follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from . import limits
from .source import Span

Severity = Literal["error", "warning"]

# The phase is the first two digits: N01 syntax, N02 names, N03 types, N04 graph, N05 genotype,
# N06 method, settings and data, N07 files and runs.
CODES: dict[str, str] = {
    "N0101": "the text does not follow the grammar",
    "N0102": "a file cannot be read",
    "N0103": "text nested too deeply",
    "N0201": "a name that nothing defines",
    "N0202": "a name defined twice",
    "N0203": "a `use` that cannot be followed",
    "N0204": "an unknown key or parameter",
    "N0205": "a definition that depends on itself",
    "N0206": "a definition of another kind than its place needs",
    "N0207": "wrong arguments",
    "N0208": "a primitive of Python that cannot be used",
    "N0301": "a value of the wrong type or out of range",
    "N0302": "tensors of different size are joined",
    "N0303": "tensors of different channels are joined",
    "N0304": "real and complex meet without a cast",
    "N0305": "a tensor of the wrong number of axes",
    "N0306": "an operation ignores the stride of its edge",
    "N0307": "a size or a number of channels that is not whole or not positive",
    "N0308": "an operation without a form in this domain",
    "N0309": "options of one choice differ in type",
    "N0310": "a product of complex tensors that nothing bounds",
    "N0311": "a network that hands out something other than its classes",
    "N0401": "a graph that is not well formed",
    "N0402": "a node that nobody uses",
    "N0403": "a choice with a single option",
    "N0404": "two options that are the same",
    "N0405": "more edges kept than arrive",
    "N0501": "a genotype that cannot be read",
    "N0502": "a genotype that does not fit its space",
    "N0601": "a method that cannot train this space",
    "N0602": "a part of a method that has nothing to work on",
    "N0603": "an unknown or unusable setting",
    "N0604": "a data set that was not found",
    "N0605": "recordings that cannot be used",
    "N0606": "a profile that is missing",
    "N0607": "a search that needs more memory than is free",
    "N0701": "a run folder that cannot be used",
    "N0702": "a network that cannot be exported",
}


@dataclass(frozen=True)
class Label:
    """A second place that matters to a diagnostic, with a short text about it."""

    span: Span
    text: str


@dataclass(frozen=True)
class Decision:
    """What is taken of what there is: of a choice point its option, of a node the source whose edge is kept.

    point: its id; taken: one, or two where they meet: those that the supernet mixes or a node joins. name:
    what the point is called where it stands. edge: the id of the node and the source of the edge that it is
    on, if it is on one. around: the ids of the choice points inside of whose options it is.
    """

    point: str
    taken: tuple[str, ...]
    name: str
    edge: tuple[str, str] | None = None
    around: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """One step of the path from a space to a mistake in it: its name, and what is selected there.

    A frame without text only selects and is not shown in the path.
    """

    text: str
    decision: Decision | None = None


# What all failing architectures have in common.
Counterexample = tuple[Decision, ...]


def _cut(text: str) -> str:
    """The text, without its end where a user's own names make it very long."""
    return text if len(text) <= limits.MESSAGE else f"{text[: limits.MESSAGE]}..."


@dataclass(frozen=True)
class Diagnostic:
    """One message: what is wrong, where, in which context, and what to do about it.

    counterexample: the choices with which every architecture fails here, whatever its others are; empty where
    all architectures fail, None where the message is not about architectures. symbols: those
    of the types that the message names.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: Severity = "error"
    counterexample: Counterexample | None = None
    symbols: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def __post_init__(self) -> None:
        assert self.code in CODES, self.code
        for part in ("message", "label", "help"):
            object.__setattr__(self, part, _cut(getattr(self, part)))
        object.__setattr__(self, "notes", tuple(map(_cut, self.notes)))

    @property
    def location(self) -> str:
        """`file:line:column`; empty where the diagnostic has no place."""
        return self.span.location if self.span else ""


class DslnasError(Exception):
    """A mistake that a user can mend, with the diagnostics that say what is wrong and where."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics
        # The place in the space, outermost first: cell, edge, candidate, operation.
        self.frames: tuple[Frame, ...] = ()


def fail(code: str, message: str, span: Span | None = None, *, help: str = "", **more: object) -> DslnasError:
    """An error of one diagnostic, ready to raise."""
    return DslnasError(Diagnostic(code, message, span, help=help, **more))  # type: ignore[arg-type]


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics of severity `error`, without the warnings."""
    return [d for d in diagnostics if d.severity == "error"]


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics without repeats, in the order of the text: by file, line and column."""

    def place(d: Diagnostic) -> tuple[str, int, int]:
        return (d.span.source.name, d.span.line, d.span.column) if d.span else ("", 0, 0)

    return sorted(dict.fromkeys(diagnostics), key=place)


def first_of_each(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The first diagnostic of each code and place, since one text is elaborated many times.

    An operation without a form in a domain (N0308) is one mistake wherever it stands. A warning at the place
    of an error follows from that error and is left out.
    """
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for diagnostic in in_order(diagnostics):
        place = diagnostic.message if diagnostic.code == "N0308" else diagnostic.span or diagnostic.message
        kept.setdefault((diagnostic.code, place), diagnostic)
    wrong = {one.span for one in errors(kept.values()) if one.span}
    return [one for one in kept.values() if one.severity == "error" or one.span not in wrong]
