"""Builds one graph: unique names for its nodes, types by the type rules of primitives, type errors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from ..base import limits
from ..base.diagnostics import DslnasError, Label, fail
from ..base.source import Span
from ..ir.graph import ChoicePoint, Graph, GraphNode
from ..ir.names import NOWHERE, PointName, Site, value_id
from ..ir.primitives import REGISTRY
from ..ir.primitives.registry import TypeRuleError
from .edges import Edge
from .scope import Ref, Shared


class Builder:
    """Adds typed nodes to one graph; an error has the place of the node that causes it."""

    def __init__(self, shared: Shared, graph: Graph) -> None:
        self.shared = shared
        self.graph = graph
        self.site = NOWHERE  # of the values that are added now
        self.edge: Edge | None = None  # the edge that is built now
        self.owner = graph.kind  # of the choice points that are added
        self.made: list[tuple[GraphNode, tuple[str, ...]]] = []
        self.taken: Mapping[str, str] = {}  # choice point -> its option in the variant that is built now
        self._count: dict[str, int] = {}

    # --- names and ids -----------------------------------------------------------------------------------

    @contextmanager
    def inside(self, site: Site) -> Iterator[None]:
        """Add values at this site within the context."""
        outer, self.site = self.site, site
        try:
            yield
        finally:
            self.site = outer

    @contextmanager
    def option(self, point: PointName, label: str, text: str) -> Iterator[None]:
        """Add values, and place errors, inside of one option of a choice within the context."""
        with self.shared.frame(text, point.decision(label)), self.inside(point.taking(label)):
            yield

    def fresh(self, name: str) -> str:
        """The name with the first number that is not yet taken at this site: `conv_2`."""
        base = value_id(name, self.site)
        while True:
            self._count[base] = self._count.get(base, 0) + 1
            numbered = f"{name}_{self._count[base]}"
            if value_id(numbered, self.site) not in self.graph:
                return numbered

    def point(self, stem: str) -> PointName:
        """A new, unique name for a choice point."""
        return PointName(self.owner, self.fresh(stem), stem, self.site)

    def add(self, node: GraphNode, inputs: Sequence[str] = ()) -> Ref:
        """Add a node to the graph; raises DslnasError N0202 if its id is taken."""
        if node.id in self.graph:
            message = f"two values of `{self.owner}` are called `{node.id}`"
            raise fail("N0202", message, node.span, help="call one of them otherwise")
        self.graph.add(node, inputs)
        self.made.append((node, tuple(inputs)))
        return Ref(node.id, node.type, node.span)

    def undecided(self, point: ChoicePoint, error: DslnasError) -> NoReturn:
        """Called if a choice must be decided before the graph can be continued; raises `error`."""
        raise error

    def leave_out_unused(self, inputs: Collection[str] = ()) -> list[GraphNode]:
        """Remove nodes that do not reach the output, except `inputs`; returns the removed sums of cells."""
        alive = self.graph.ancestors("output") | {"output", *inputs}
        self.graph.remove([node.id for node in self.graph if node.id not in alive])
        return [node for node, _ in self.made if node.kind == "sum" and node.id not in alive]

    # --- nodes -------------------------------------------------------------------------------------------

    def emit(
        self,
        name: str,
        attributes: Mapping[str, Any],
        inputs: tuple[Ref, ...],
        span: Span,
        whole: Span | None = None,
    ) -> Ref:
        """Add a primitive applied to tensors; raises DslnasError if its type rule rejects them.

        span: where errors are shown; whole: the text of the whole value, if different.
        """
        primitive = REGISTRY[name]
        for domain in {ref.type.domain for ref in inputs} - primitive.domains:
            help = "`domain = real`, or cast before it: `-> magnitude` or `-> real_imag`"
            self.shared.report(fail("N0308", f"`{name}` has no {domain} form", span, help=help))
        try:
            type = primitive.type_rule(tuple(ref.type for ref in inputs), attributes, self.graph.domain)
            if primitive.over_batch and self.shared.batch == 1 and all(size.known == 1 for size in type.size):
                message = f"`{name}` makes zeros of `{type}` in batches of 1: it has a single value a channel"
                help = "train on larger batches, or use fewer layers that halve the size"
                raise TypeRuleError("N0307", message, help, named=[type])
        except TypeRuleError as error:
            raise self._type_error(error, inputs, span) from None
        if any(dim.beyond(limits.COEFFICIENT, limits.ROUNDINGS) for dim in (type.channels, *type.size)):
            message = "the channels or the size that this hands out are beyond any network's"
            raise fail("N0307", message, span)
        found = tuple(sorted(attributes.items()))
        node = GraphNode(self.fresh(name), "primitive", type, name, found, span=whole or span, site=self.site)
        return self.add(node, [ref.id for ref in inputs])

    def _type_error(self, error: TypeRuleError, inputs: tuple[Ref, ...], span: Span) -> DslnasError:
        shown = [(ref.span, ref.type) for ref in inputs if ref.span and ref.span != span]
        labels = tuple(Label(place, f"`{type}`") for place, type in shown)
        symbols = error.symbols.union(*(type.symbols for _, type in shown))
        return fail(error.code, error.message, span, labels=labels, help=error.help, symbols=symbols)
