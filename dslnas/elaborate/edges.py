"""Type checks for the edges of a cell: channels and stride of what each candidate outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..base.diagnostics import fail
from ..base.source import Span
from ..ir.names import Site
from ..ir.tensortype import Dim, TensorType
from ..parse import syntax
from .scope import Poison, Ref, Scope


@dataclass(frozen=True)
class Edge:
    """The edge that is built now.

    choice: the `choose` that the edge ends with, if any; wanted: the type that its options must have.
    """

    node: str
    source: str
    choice: syntax.Choose | None
    wanted: TensorType

    @property
    def site(self) -> Site:
        """The site of values on this edge."""
        return Site(self.node, self.source)


def expect(result: Any, x: Ref, scope: Scope, wanted: TensorType, option: syntax.Expr) -> None:
    """Check that a candidate outputs the type `wanted` of its edge; raises DslnasError N0306 or N0309."""
    if not isinstance(result, Ref) or result.type == wanted:
        return
    check_stride("candidate", result, x, scope.find("stride"), wanted, option.span)
    message = f"this candidate hands out `{result.type}` where its edge needs `{wanted}`"
    raise fail("N0309", message, option.span, symbols=result.type.symbols | wanted.symbols)


def check_stride(
    what: str, result: Ref | Poison, x: Ref, stride: int, wanted: TensorType, span: Span
) -> None:
    """Check that a result does not have the size of `x` if a stride is needed; raises DslnasError N0306."""
    if isinstance(result, Ref) and wanted.size != x.type.size == result.type.size:
        message = f"this {what} ignores the stride of {stride} of its edge"
        help = "give `stride` to one of its convolutions or pools"
        label, symbols = f"`{result.type}`, expected `{wanted}`", result.type.symbols | wanted.symbols
        raise fail("N0306", message, span, help=help, label=label, symbols=symbols)


def strided(type: TensorType, scope: Scope) -> TensorType:
    """The output type of an edge from a tensor of this type: `C` channels, sizes divided by the stride."""
    stride, channels = scope.find("stride"), Dim.of(scope.find("C"))
    return TensorType(type.domain, channels, tuple(size.divided(stride) for size in type.size))
