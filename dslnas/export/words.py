"""The names and docstrings of exported classes, from the operations of a space and its definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..base.source import Span
from ..ir.names import NOWHERE
from ..parse.syntax import Op
from ..resolve.definitions import Definitions, Space
from .naming import class_name
from .units import Unit


@dataclass(frozen=True)
class Words:
    """Looks up the names of operations in a space and its definitions."""

    space: Space
    definitions: Definitions

    def of(self, unit: Unit) -> tuple[str, str]:
        """The class name of a unit of several nodes, and its docstring: the candidate, operation or `let`."""
        label = _label(unit)
        for options in self.space.sets.values():
            if label in options:
                return class_name(label), f"The candidate `{label}`: `{options[label].span.text}`."
        if re.fullmatch(r"\w+\([^{}=]*\)|\w+", label):
            return class_name(label), f"The option `{label}`."
        site = unit.steps[0].node.site
        point = site.options[0][0] if site.options else None
        if point and point.site == NOWHERE and point.stem in self.definitions.ops:
            return class_name(point.stem), f"The operation `{point.stem}`."
        for op in self.definitions.ops.values():
            if all(_inside(step.node.span, op) for step in unit.steps):
                return class_name(op.name), f"The operation `{op.name}`."
        return class_name(site.node or unit.key), f"What `{unit.key}` computes."


def _label(unit: Unit) -> str:
    """The option that all nodes of a unit belong to; empty where they have none in common."""
    found = {step.node.site.options[:1] for step in unit.steps}
    ((*options,), *others) = found
    return options[0][1] if options and not others else ""


def _inside(span: Span | None, op: Op) -> bool:
    end = op.body.value.span
    return (
        span is not None
        and span.source == op.span.source
        and (op.span.line, op.span.column) <= (span.line, span.column) <= (end.end_line, end.end_column)
    )
