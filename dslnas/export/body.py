"""Generates the forward pass of a module as straight-line Python code.

Each value is assigned to a variable; a short one that is read once is inlined where it is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .forms import Form
from .naming import Names

RESERVED = (
    "x",
    "self",
    "torch",
    "nn",
    "F",
    "Tensor",
    "product",
    "rescaled",
    "log_modulus",
    "nearest",
    "scores",
    "attend",
)  # what expressions may name
WIDTH = 64  # an expression that is longer has its operands on lines of their own


@dataclass(frozen=True)
class Step:
    """One value to compute.

    name: of its variable and of its module. apart: it has a line of its own; named: that line assigns it to
    its own name, as for cells, nodes and the `let`s of a space.
    """

    id: str
    name: str
    inputs: tuple[str, ...]
    form: Form
    apart: bool = False
    named: bool = False


@dataclass(frozen=True)
class _Value:
    """An expression, and the variables that it reads."""

    text: str
    variables: frozenset[str]
    operator: bool = False


class _Joined(tuple[str, ...]):
    """Several expressions, which a template joins by its format spec: `{inputs: + }`."""

    def __format__(self, between: str) -> str:
        return (between or ", ").join(self)


class Body:
    """Writes the lines of a forward pass.

    inputs: the arguments, by the ids that they stand for. A value that is read once stands in the expression
    that reads it while that stays short. The variable `x` is the current value of a chain.
    """

    def __init__(self, inputs: Mapping[str, str], steps: Sequence[Step], output: str) -> None:
        self.lines: list[str] = []
        self._names = Names([*inputs.values(), *RESERVED])
        self._values = {id: _Value(name, frozenset([name])) for id, name in inputs.items()}
        self._readers = Counter(source for step in steps for source in step.inputs)
        self._readers[output] += 1
        self._own = {step.id: step.name for step in steps}
        for step in steps:
            self._add(step, last=step.id == output)
        self._hand_out(self._values[output].text)

    def _hand_out(self, text: str) -> None:
        """Return a value; one that only the line before has named is returned by that line."""
        name, _, value = self.lines[-1].partition(" = ") if self.lines else ("", "", "")
        if value and name == text:
            del self.lines[-1]
            text = value
        self.lines.append(f"return {text}")

    def _add(self, step: Step, last: bool) -> None:
        for source in sorted(dict.fromkeys(step.inputs), key=self._length, reverse=True):
            if len(self._expression(step).text) > WIDTH:
                self._assign(source)
        self._values[step.id] = self._expression(step)
        self._readers.subtract(step.inputs)
        if not last and (step.apart or step.named or self._readers[step.id] > 1):
            self._assign(step.id, own=step.named)

    def _length(self, id: str) -> int:
        return len(self._values[id].text)

    def _expression(self, step: Step) -> _Value:
        read = [self._values[source] for source in step.inputs]
        binds = step.form.operator or re.search(r"\{\d\}[.\[]", step.form.called)
        texts = [f"({one.text})" if one.operator and binds else one.text for one in read]
        text = step.form.called.format(*texts, inputs=_Joined(texts), module=f"self.{step.name}")
        operator = step.form.operator or (len(read) == 1 and text == read[0].text and read[0].operator)
        return _Value(text, frozenset().union(*(one.variables for one in read)), operator)

    def _assign(self, id: str, own: bool = False) -> None:
        """Give a value a variable: `x` where it goes on with a chain, or a name of its own."""
        value = self._values[id]
        if value.text.isidentifier():
            return
        name = "x" if not own and self._chain(id, value) else self._names.fresh(self._own[id])
        self.lines.append(f"{name} = {value.text}")
        self._values[id] = _Value(name, frozenset([name]))

    def _chain(self, id: str, value: _Value) -> bool:
        """Whether nothing but this value reads the current `x`, and `x` alone leads here."""
        if len(value.variables) != 1:
            return False
        others = (v.variables for k, v in self._values.items() if k != id and self._readers[k] > 0)
        return not any("x" in variables for variables in others)
