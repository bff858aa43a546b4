"""The state of elaboration: tensor references, scopes of names, and what the graphs of a program share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
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

# The codes of errors in tensor types; each is shown with a counterexample.
TYPE_ERRORS = frozenset(f"N03{number:02}" for number in range(2, 12))


@dataclass(frozen=True)
class Ref:
    """A reference to a tensor: the node that computes it, its type, and its text."""

    id: str
    type: TensorType
    span: Span | None = field(default=None, compare=False)


class Poison:
    """The value of an expression with a reported error; what uses it is poison too, without an error."""


POISON = Poison()


def sound(value: Any) -> Any:
    """The value; poison raises a DslnasError without diagnostics."""
    if isinstance(value, Poison):
        raise DslnasError()
    return value


class Scope:
    """A scope of names; inner names hide outer ones."""

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
        """Whether the name is visible."""
        try:
            self.find(name)
        except KeyError:
            return False
        return True

    def names(self) -> list[str]:
        """All visible names, inner ones first."""
        return [*self.values, *(self.outer.names() if self.outer else [])]


@dataclass(frozen=True)
class Recipe:
    """An elaborated candidate to copy: its nodes, each with its inputs, and its result.

    Inputs and result are positions in `nodes`; None is the tensor that the candidate is applied to.
    """

    nodes: tuple[tuple[GraphNode, tuple[int | None, ...]], ...]
    result: int | None
    type: TensorType


@dataclass
class Work:
    """The number of operations elaborated so far, over several programs."""

    spent: float = 0


@dataclass
class Shared:
    """The state that the graphs of one program share while they are built.

    symbols: example values for messages. parameters: those of the space. excused: whether an operation is
    missing only because its text has errors. fixes: the choices already decided. recipes: by candidate set,
    then (input type, stride, channels), then candidate. stack: the current place in the space, outermost
    first: cell, edge, candidate, operation. work: of this program and of others of the same file.
    parts: the candidates of an edge process 1/parts of its channels (PC-DARTS). batch: the examples of a
    batch in training, None where it is unknown. local: the operations that the space itself names; seen: what
    they see of it.
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
    local: Collection[str] = ()
    seen: Mapping[str, Any] = field(default_factory=dict)

    def report(self, error: DslnasError) -> None:
        """Record the diagnostics of an error with its place in the space.

        A type error also gets a counterexample: the decisions of every architecture in which it occurs.
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
        """A note with values for the symbols in a message: `with: C = 16, F = 32, T = 32`."""
        named = [f"{name} = {value}" for name, value in self.symbols.items() if name in diagnostic.symbols]
        return (f"with: {', '.join(named)}",) if named else ()

    def spend(self, span: Span, count: float = 1) -> None:
        """Count elaborated operations; raises DslnasError N0401 beyond the limits."""
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
        """Attach a place, and the decision that leads there, to errors raised within the context."""
        self.stack.append(Frame(text, decision))
        try:
            yield
        except DslnasError as error:
            error.frames = error.frames or tuple(self.stack)
            raise
        finally:
            self.stack.pop()
