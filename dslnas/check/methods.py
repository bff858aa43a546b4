"""Checks that a method can search a space: the choices it mixes, prunes and regularizes exist there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..base import limits
from ..base.diagnostics import Diagnostic
from ..base.source import Source, Span, is_given
from ..elaborate.fixes import deciding
from ..ir.analysis.polynomial_layers import polynomial_layers
from ..ir.graph import ChoicePoint, Program
from ..ir.primitives import REGISTRY
from ..methods.loss import counted, counts_of, divides_by_nothing, regularizers
from ..methods.method import Method, RelaxedMethod, SampledMethod
from ..methods.stages import DEPTH, SearchStage
from ..parse import syntax
from ..resolve.definitions import Space

SAMPLES = "a method that samples searches it, `method: nasc`; or"
LEAVE_OUT = "leave it out"
UNITS = ("relu", "relu6", "leaky_relu", "prelu")  # whose codes `naswot` reads
OTHER_METHOD = "another method: `method: darts`, or `--set method=darts`"


def without_depth(stages: Iterable[SearchStage], space: Space) -> Iterator[Diagnostic]:
    """A warning for each search stage that sets a depth in a space without the parameter `repeat`."""
    for stage in stages:
        if stage.depth and DEPTH not in space.parameters:
            message = f"this has nothing to deepen: `{space.name}` has no parameter `{DEPTH}`"
            yield Diagnostic("N0602", message, stage.depth_span, help=LEAVE_OUT, severity="warning")


def located(
    diagnostics: Iterable[Diagnostic], method: Method, place: Span | None, main: Source
) -> list[Diagnostic]:
    """The diagnostics of a method, at `place`, where it is named, if they lie in a file that is used.

    What a user can change is the name: the help of a part that may be left out is another method.
    """
    found = [
        one
        if place is None
        or one.span is None
        or one.span.source in (main, place.source)
        or is_given(one.span.source)
        else replace(
            one,
            span=place,
            message=one.message if method.name in one.message else f"method `{method.name}`: {one.message}",
            help=OTHER_METHOD if one.help == LEAVE_OUT else one.help,
        )
        for one in diagnostics
    ]
    return list(dict.fromkeys(found))


def misfits(method: Method, program: Program) -> list[Diagnostic]:
    """Errors and warnings for a method on a space, such as choices that it cannot mix, or too few edges."""
    found = unmixable(method, program.choices.values(), program.space)
    if not isinstance(method, RelaxedMethod):
        return [*found, *_without_polynomials(method, program), *_without_scores(method, program)]
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
        yield Diagnostic("N0601", message, method.channels_span, help=OTHER_METHOD)


def _nothing_to_divide_by(method: RelaxedMethod, program: Program) -> Iterator[Diagnostic]:
    """An error where a loss divides by the nodes or the edges of a cell, and what is searched has none."""
    if program.choices and divides_by_nothing(method.loss, counts_of(program)):
        reason = "it divides by zero"
        message = f"the loss of method `{method.name}` does not fit space `{program.space}`: {reason}"
        help = f"no edges compete there; change its formula, or take {OTHER_METHOD}"
        yield Diagnostic("N0601", message, method.loss.span, help=help)


def _without_weights(loss: syntax.Expr, program: Program) -> Iterator[Diagnostic]:
    """A warning for each regularizer of weights that the space does not have."""
    lacking = {"alpha": not program.choices, "gamma": not program.selections}
    for call, weights in regularizers(loss):
        if lacking[weights]:
            what = "options" if weights == "alpha" else "edges"
            message = f"`{call.span.text}` has nothing to regularize: no {what} compete in `{program.space}`"
            yield Diagnostic("N0602", message, call.span, help=LEAVE_OUT, severity="warning")


def _without_scores(method: Method, program: Program) -> Iterator[Diagnostic]:
    """An error for each score that the networks of a space do not have."""
    asked = method.maximize if isinstance(method, SampledMethod) else ()
    span = method.maximize_span if isinstance(method, SampledMethod) else None
    nodes = [node for graph in program.graphs() for node in graph]
    if "synflow" in asked and any(node.type.domain == "complex" for node in nodes):
        message = "`synflow` takes weights without signs, which complex numbers do not have"
        yield Diagnostic("N0601", message, span, help="`maximize: naswot`, or `domain: real`")
    named = {node.primitive for node in nodes if node.kind == "primitive"}
    bends = any(name in UNITS or REGISTRY[name].own_module is not None for name in named)
    if "naswot" in asked and not bends:
        message = f"`naswot` reads the signs of piecewise-linear units, and `{program.space}` has none"
        known = ", ".join(f"`{name}`" for name in UNITS)
        yield Diagnostic("N0601", message, span, help=f"`maximize: jacob_cov`; such units are {known}")


def _without_polynomials(method: Method, program: Program) -> Iterator[Diagnostic]:
    """A warning for each `polynomial_decay` in a space without polynomial weights."""
    spans = dict.fromkeys(optimizer.decay_span for optimizer in (method.weights, method.retrain))
    if any(spans) and not any(polynomial_layers(program).values()):
        message = f"this has nothing to decay: no outputs of convolutions are multiplied in `{program.space}`"
        for span in filter(None, spans):
            yield Diagnostic("N0602", message, span, help=LEAVE_OUT, severity="warning")


def unmixable(method: Method, points: Iterable[ChoicePoint], space: str = "") -> list[Diagnostic]:
    """An error for each choice whose options are not tensors, which a relaxed method cannot mix.

    space: the one that they belong to; empty for those of a front end.
    """
    if not isinstance(method, RelaxedMethod):
        return []
    message = f"method `{method.name}` mixes all options, and cannot search the {{}} of a network"
    return [
        Diagnostic("N0601", message.format(point.varies), point.span, help=_decide(point, space))
        for point in points
        if point.varies
    ]


def _decide(point: ChoicePoint, space: str) -> str:
    """What to do about a choice that no mixture can make."""
    decided = deciding(point)
    if point.called.owner == "input":
        options = ", ".join(value for _, value in decided)
        return f"{SAMPLES} write one of its options in its place, `{options}`"
    settings = [f"{path}: {value}" for path, value in decided]
    parts = f" {settings[0]} " if len(settings) == 1 else "".join(["\n", *(f"    {s}\n" for s in settings)])
    return f"{SAMPLES} decide it: `space Decided = {space} with {{{parts}}}`"


def _arrive(count: int) -> str:
    return f"{count} edge{'s arrive' if count > 1 else ' arrives'}"
