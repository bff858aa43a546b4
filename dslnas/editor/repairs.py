"""Quick fixes: the repairs of the mistakes on lines of a file."""

from __future__ import annotations

from collections.abc import Iterator

from ..check.repairs import Repair
from ..check.repairs import repairs as repairs_of
from .workspace import Analysis


def repairs(analysis: Analysis, first: int, last: int) -> Iterator[Repair]:
    """The repairs of the mistakes on the lines from `first` to `last` of a file."""
    for one in repairs_of(analysis.diagnostics, analysis.source):
        if one.diagnostic.span is not None and first <= one.diagnostic.span.line <= last:
            yield one
