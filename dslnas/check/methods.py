"""Checks that a method can search a space: the choices it mixes, prunes and regularizes exist there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..base import limits
from ..base.diagnostics import Diagnostic
from ..ir.analysis.polynomial_layers import polynomial_layers
from ..ir.graph import ChoicePoint, Program
from ..methods.loss import counted, counts_of, divides_by_nothing, regularizers
from ..methods.method import Method, RelaxedMethod
from ..methods.stages import DEPTH, SearchStage
from ..parse import syntax
from ..resolve.definitions import Space


def without_depth(stages: Iterable[SearchStage], space: Space) -> Iterator[Diagnostic]:
    """A warning for each search stage that sets a depth in a space without the parameter `repeat`."""
    for stage in stages:
        if stage.depth and DEPTH not in space.parameters:
            message = f"this has nothing to deepen: `{space.name}` has no parameter `{DEPTH}`"
            yield Diagnostic("N0602", message, stage.depth_span, help="leave it out", severity="warning")


def misfits(method: Method, program: Program) -> list[Diagnostic]:
    """Errors and warnings for a method on a space, such as choices that it cannot mix, or too few edges."""
    found = unmixable(method, program.choices.values())
    if not isinstance(method, RelaxedMethod):
        return [*found, *_without_polynomials(method, program)]
    arriving = [(len(s.sources), f"node {s.node} of cell `{s.cell}`") for s in program.selections.values()]
    left = min((stage.candidates for stage in method.stages if stage.candidates), default=limits.SIZE)
    offered = [(min(left, len(p.options)), f"choice `{id}`") for id, p in program.choices.items()]
    fewest, where = min(arriving, default=(None, ""))
    if fewest is not None and method.keep_edges is not None and method.keep_edges > fewest:
        message = f"method `{method.name}` keeps {method.keep_edges} edges where {_arrive(fewest)}"
        found.append(Diagnostic("N0405", message, method.prune_span, help=f"at {where}"))
    found += [*_without_weights(method.loss, program), *_without_polynomials(method, program)]
    found += [*_nothing_to_part(method, program), *_nothing_to_divide_by(method, program)]
    for call, weights, count in counted(method.loss):
        fewest, where = min(arriving if weights == "gamma" else offered, default=(None, ""))
        if fewest is not None and count > fewest:
            what = _arrive(fewest) if weights == "gamma" else f"{fewest} options compete"
            message = f"`{call.span.text}` where {what}"
            found.append(Diagnostic("N0602", message, call.span, help=f"at {where}"))
    return found


def _nothing_to_part(method: RelaxedMethod, program: Program) -> Iterator[Diagnostic]:
    """An error if a method mixes a part of the channels (PC-DARTS) and the space has no edges for it."""
    if method.parts > 1 and not any(point.node for point in program.choices.values()):
        message = f"`mix.channels` parts the edges of cells, and `{program.space}` chooses on none"
        yield Diagnostic("N0601", message, method.channels_span, help="another method: `--set method=darts`")


def _nothing_to_divide_by(method: RelaxedMethod, program: Program) -> Iterator[Diagnostic]:
    """An error where a loss divides by the nodes or the edges of a cell, and what is searched has none."""
    if program.choices and divides_by_nothing(method.loss, counts_of(program)):
        reason = "it divides by zero"
        message = f"the loss of method `{method.name}` does not fit space `{program.space}`: {reason}"
        help = "no edges compete there; change its formula, or take another method: `--set method=darts`"
        yield Diagnostic("N0601", message, method.loss.span, help=help)


def _without_weights(loss: syntax.Expr, program: Program) -> Iterator[Diagnostic]:
    """A warning for each regularizer of weights that the space does not have."""
    lacking = {"alpha": not program.choices, "gamma": not program.selections}
    for call, weights in regularizers(loss):
        if lacking[weights]:
            what = "options" if weights == "alpha" else "edges"
            message = f"`{call.span.text}` has nothing to regularize: no {what} compete in `{program.space}`"
            yield Diagnostic("N0602", message, call.span, help="leave it out", severity="warning")


def _without_polynomials(method: Method, program: Program) -> Iterator[Diagnostic]:
    """A warning for each `polynomial_decay` in a space without polynomial weights."""
    spans = dict.fromkeys(optimizer.decay_span for optimizer in (method.weights, method.retrain))
    if any(spans) and not any(polynomial_layers(program).values()):
        message = f"this has nothing to decay: no outputs of convolutions are multiplied in `{program.space}`"
        for span in filter(None, spans):
            yield Diagnostic("N0602", message, span, help="leave it out", severity="warning")


def unmixable(method: Method, points: Iterable[ChoicePoint]) -> list[Diagnostic]:
    """An error for each choice whose options are not tensors, which a relaxed method cannot mix."""
    if not isinstance(method, RelaxedMethod):
        return []
    message = f"method `{method.name}` mixes all options, and cannot search the {{}} of a network"
    help = "a sampled method can: `method: nasc`"
    varying = [point for point in points if point.varies]
    return [Diagnostic("N0601", message.format(point.varies), point.span, help=help) for point in varying]


def _arrive(count: int) -> str:
    return f"{count} edge{'s arrive' if count > 1 else ' arrives'}"
