"""Partial channel connections (PC-DARTS): candidates process a part of the channels, the rest bypasses them.

PC-DARTS (Xu et al., 2020), section 3.2, as its code does it: of an edge with C channels the first C / k go
through the candidates, the others are concatenated unchanged, and a channel shuffle moves another part to
the front for the next edges. If the stride is not 1, the others go through a max pool of tiles of the
stride (2 x 2 in the published code); at odd sizes, which that code does not have, the last tiles are cut off,
so that sizes round up as everywhere. Only the supernet does this: in the final network edges process all
channels.
"""

from __future__ import annotations

from collections.abc import Callable

from ..base.diagnostics import fail
from ..base.source import Span
from ..ir.tensortype import Dim
from .builder import Builder
from .scope import Poison, Ref


def partly(
    here: Builder,
    x: Ref,
    channels: Dim,
    stride: int,
    mixed: Callable[[Ref, Dim], Ref | Poison],
    span: Span,
) -> Ref | Poison:
    """The output of an edge from `x` whose candidates process 1 / `here.shared.parts` of its channels.

    mixed: applies the candidates to the part, given its number of channels. Raises DslnasError N0601 if the
    channels cannot be divided so.
    """
    parts = here.shared.parts
    if x.type.channels != channels:
        message = (
            f"`mix.channels` needs edges that keep their channels; this makes {channels} of {x.type.channels}"
        )
        raise fail("N0601", message, span, help="bring what edges leave to `C` channels: `align`")
    if channels.known is None or channels.known % parts:
        message = f"an edge of {channels} channels has no part of 1/{parts}"
        raise fail("N0601", message, span, help=f"give the cells a multiple of {parts} channels")
    part = Dim.of(channels.known // parts)
    first = here.emit("slice", {"first": 0, "out": part}, (x,), span)
    through = mixed(first, part)
    if isinstance(through, Poison):
        return through
    past = here.emit("slice", {"first": part.known, "out": part.scaled(parts - 1)}, (x,), span)
    if stride > 1:
        past = here.emit("tilepool", {"stride": stride}, (past,), span)
    joined = here.emit("concat", {}, (through, past), span)
    return here.emit("shuffle", {"groups": parts}, (joined,), span)
