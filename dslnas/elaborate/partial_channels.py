"""Partial channel connections: the candidates of an edge see a part of its channels, the rest goes past them.

PC-DARTS (Xu et al., 2020), section 3.2, as its code does it: of an edge with C channels the first C / k go
through the candidates, the others follow them as they are, and a channel shuffle moves another part to
the front for the edges after it. Where the stride is not 1 the others go through a max pool; the published
one has a window of the stride, ours the next odd one, so that sizes round up as everywhere. Of the supernet
alone: the network that is retrained has whole edges.
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
    """An edge from `x` whose candidates see one part of `here.shared.parts` of its channels.

    mixed: what the candidates make of the part, with the channels that each of them hands out. Raises
    DslnasError N0601 where the channels cannot be parted so.
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
        past = here.emit("maxpool", {"kernel": 2 * (stride // 2) + 1, "stride": stride}, (past,), span)
    joined = here.emit("concat", {}, (through, past), span)
    return here.emit("shuffle", {"groups": parts}, (joined,), span)
