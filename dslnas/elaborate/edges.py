"""The edges of a cell: which one is being made, and what must arrive over it."""

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
    """The edge whose value is being made.

    choice: the `choose` that the edge ends with, if it does; wanted: what its options must then hand out.
    """

    node: str
    source: str
    choice: syntax.Choose | None
    wanted: TensorType

    @property
    def site(self) -> Site:
        return Site(self.node, self.source)


def expect(result: Any, x: Ref, scope: Scope, wanted: TensorType, option: syntax.Expr) -> None:
    """What competes on an edge must hand out `C` channels, at the size that the edge's stride leaves."""
    if not isinstance(result, Ref) or result.type == wanted:
        return
    check_stride("candidate", result, x, scope.find("stride"), wanted, option.span)
    message = f"this candidate hands out `{result.type}` where its edge needs `{wanted}`"
    raise fail("N0309", message, option.span, symbols=result.type.symbols | wanted.symbols)


def check_stride(
    what: str, result: Ref | Poison, x: Ref, stride: int, wanted: TensorType, span: Span
) -> None:
    """What is computed from `x` where a stride is needed must not have its size; raises DslnasError N0306."""
    if isinstance(result, Ref) and wanted.size != x.type.size == result.type.size:
        message = f"this {what} ignores the stride of {stride} of its edge"
        help = "give `stride` to one of its convolutions or pools"
        label, symbols = f"`{result.type}`, expected `{wanted}`", result.type.symbols | wanted.symbols
        raise fail("N0306", message, span, help=help, label=label, symbols=symbols)


def strided(type: TensorType, scope: Scope) -> TensorType:
    """What an edge from a tensor of this type hands out: `C` channels, at the size its stride leaves."""
    stride, channels = scope.find("stride"), Dim.of(scope.find("C"))
    return TensorType(type.domain, channels, tuple(size.divided(stride) for size in type.size))
