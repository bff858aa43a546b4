"""What elaboration works with: tensors and names in sight, and what the graphs of one program share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ..base import limits
from ..base.diagnostics import Decision, Diagnostic, DslnasError, Frame, fail
from ..base.source import Span
from ..ir.graph import ChoicePoint, GraphNode, Selection
from ..ir.tensortype import TensorType
from ..parse import syntax
from .fixes import Fixes

# The codes of what is wrong with tensors; each has a counterexample.
TYPE_ERRORS = frozenset(f"N03{number:02}" for number in range(2, 11))


@dataclass(frozen=True)
class Ref:
    """A tensor: the node that computes it, and the text that names it."""

    id: str
    type: TensorType
    span: Span | None = field(default=None, compare=False)


class Poison:
    """The value of what was already reported: everything made of it is poison as well, silently."""


POISON = Poison()


def sound(value: Any) -> Any:
    """The value, unless it is poison: then an error without a message ends what needs it."""
    if isinstance(value, Poison):
        raise DslnasError()
    return value


class Scope:
    """Names in sight; inner ones hide outer ones."""

    def __init__(self, values: Mapping[str, Any], outer: Scope | None = None) -> None:
        self.values = dict(values)
        self.outer = outer

    def inner(self, **values: Any) -> Scope:
        """A scope inside this one."""
        return Scope(values, self)

    def find(self, name: str) -> Any:
        """The value; raises KeyError."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        raise KeyError(name)

    def has(self, name: str) -> bool:
        try:
            self.find(name)
        except KeyError:
            return False
        return True

    def names(self) -> list[str]:
        return [*self.values, *(self.outer.names() if self.outer else [])]


@dataclass(frozen=True)
class Recipe:
    """A candidate as it was elaborated once: its nodes, each with what it reads, and its result.

    What a node reads is told by the number of that node; None is the tensor that the candidate is applied to,
    as is a result of None.
    """

    nodes: tuple[tuple[GraphNode, tuple[int | None, ...]], ...]
    result: int | None
    type: TensorType


@dataclass
class Work:
    """How many applications of operations were elaborated, over several programs."""

    spent: float = 0


@dataclass
class Shared:
    """What the graphs of one program have in common while they are built.

    parameters: those of the space, which its candidates may name. excused: whether an operation is missing
    because its text could not be read. fixes: the choices that are made already. recipes: by candidate set,
    then (input type, stride, channels), then candidate. stack: where in the space elaboration is, outermost
    first: cell, edge, candidate, operation. work: what this program and others of the same file have cost.
    parts: the candidates of an edge see one of so many parts of its channels. batch: the examples of a
    batch in training, None where nobody knows.
    """

    ops: Mapping[str, syntax.Op]
    symbols: Mapping[str, int]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    excused: Callable[[str], bool] = lambda name: False
    fixes: Fixes = field(default_factory=Fixes)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    choices: dict[str, ChoicePoint] = field(default_factory=dict)
    selections: dict[str, Selection] = field(default_factory=dict)
    recipes: dict[str, dict[tuple[Any, ...], dict[str, Recipe]]] = field(default_factory=dict)
    stack: list[Frame] = field(default_factory=list)
    spent: float = 0
    work: Work = field(default_factory=Work)
    parts: int = 1
    batch: int | None = None

    def report(self, error: DslnasError) -> None:
        """Keep the diagnostics of an error, with the place in the space where it arose.

        What is wrong with a type is wrong in every architecture that takes the same way to it.
        """
        frames = error.frames or tuple(self.stack)
        texts = [frame.text for frame in frames if frame.text]
        shown = [*texts[:4], "...", *texts[-3:]] if len(texts) > 8 else texts
        where = (f"in: {', '.join(shown)}",) if texts else ()
        way = tuple(frame.decision for frame in frames if frame.decision is not None)
        for one in error.diagnostics:
            notes = (*where, *one.notes, *self._bound(one))
            fails = way if one.severity == "error" and one.code in TYPE_ERRORS else None
            self.diagnostics.append(replace(one, notes=notes, counterexample=fails))

    def _bound(self, diagnostic: Diagnostic) -> tuple[str, ...]:
        """What the symbols of the types in a message stand for: `with: C = 16, F = 32, T = 32`."""
        named = [f"{name} = {value}" for name, value in self.symbols.items() if name in diagnostic.symbols]
        return (f"with: {', '.join(named)}",) if named else ()

    def spend(self, span: Span, count: float = 1) -> None:
        """Count applications of operations; raises DslnasError where a text asks for far too many."""
        self.spent += count
        self.work.spent += count
        help = "use fewer repeats, nodes, candidates or nested operations"
        if self.spent > limits.APPLICATIONS:
            message = f"the space applies more than {limits.APPLICATIONS:,} operations, one by one"
            raise fail("N0401", message, span, help=help)
        if self.work.spent > limits.CHECKED_APPLICATIONS:
            message = f"the spaces of a file apply more than {limits.CHECKED_APPLICATIONS:,} operations"
            raise fail("N0401", message, span, help="put some of the spaces into files of their own")

    @contextmanager
    def frame(self, text: str, decision: Decision | None = None) -> Iterator[None]:
        """Name the place for errors that arise inside, and what an architecture takes to come there."""
        self.stack.append(Frame(text, decision))
        try:
            yield
        except DslnasError as error:
            error.frames = error.frames or tuple(self.stack)
            raise
        finally:
            self.stack.pop()
