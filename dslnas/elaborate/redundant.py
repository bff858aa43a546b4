"""Warns about redundant choices: sets with one candidate, and options that compute the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ..base.diagnostics import Diagnostic
from ..base.source import Span
from ..ir.graph import Graph, GraphNode, Program
from ..resolve.definitions import Space

Pair = tuple[str, str]  # an option, and an earlier one that computes the same


def redundant_options(space: Space, program: Program) -> list[Diagnostic]:
    """A warning for each option that is equivalent to another one wherever both compete."""
    alike: dict[Span | None, set[Pair]] = {}
    for graph in program.graphs():
        codes = _codes(graph)
        for mix in graph.of_kind("mix"):
            pairs = _pairs(graph, mix, codes)
            alike[mix.span] = alike.get(mix.span, pairs) & pairs
    return [_warning(space, span, *pair) for span, pairs in alike.items() for pair in sorted(pairs)]


def _codes(graph: Graph) -> Mapping[str, int]:
    """A value number for each node: equal numbers for equal computations of equal inputs."""
    known: dict[object, int] = {}
    codes: dict[str, int] = {}
    for node in graph:
        form: object = node.id
        if node.kind not in ("input", "call"):  # every call of a cell has its own weights
            read = tuple(codes[source] for source in graph.inputs(node.id))
            form = (node.kind, node.primitive, node.attributes, node.labels, read)
        codes[node.id] = known.setdefault(form, len(known))
    return codes


def _pairs(graph: Graph, mix: GraphNode, codes: Mapping[str, int]) -> set[Pair]:
    by_code: dict[int, list[str]] = defaultdict(list)
    for label, source in zip(mix.labels, graph.inputs(mix.id), strict=True):
        by_code[codes[source]].append(label)
    return {(label, first) for first, *others in by_code.values() for label in others}


def _warning(space: Space, span: Span | None, option: str, other: str) -> Diagnostic:
    """The warning N0404, at the candidate if the options belong to a set, else at their `choose`."""
    named = [name for name, options in space.sets.items() if option in options and other in options]
    if named:
        span = space.option_spans.get((named[0], option))
    message = f"{'candidate' if named else 'option'} `{option}` is the same as `{other}`"
    return Diagnostic("N0404", message, span, severity="warning")


def single_candidates(space: Space) -> list[Diagnostic]:
    """A warning for each candidate set with a single candidate."""
    return [
        Diagnostic(
            "N0403",
            f"`{name}` has a single candidate",
            space.option_spans.get((name, only)),
            severity="warning",
        )
        for name, (only, *others) in space.sets.items()
        if not others
    ]
