"""Turns a program and a genotype into recipes: cells as modules, and in them a module for each operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from ..base.diagnostics import fail
from ..ir.graph import Graph, GraphNode, Program
from ..ir.schedule import part_name
from ..ir.walk import Policy, walk
from ..ir.walk import Step as Walked
from ..passes.share import representatives
from .body import Body, Step
from .forms import FORMS, Form
from .naming import Names, class_name, identifier
from .recipe import Leaf, Member, Recipe
from .units import Unit, is_alias, local_name, resolved, units_of
from .words import Words

MODULE_NAMES = frozenset(dir(nn.Module()))
SUM = Form(called="{inputs: + }", operator=True)
CALL = Form(called="{module}({inputs})")


def form_of(node: GraphNode, inputs: Sequence[GraphNode]) -> Form:
    """How a primitive is written; raises DslnasError N0702 where it has no form outside dslnas."""
    if node.primitive not in FORMS:
        message = f"the primitive `{node.primitive}` of a plugin has no form outside dslnas"
        raise fail("N0702", message, node.span, help="export a network without it")
    return FORMS[node.primitive](tuple(one.type for one in inputs), node.type, dict(node.attributes))


@dataclass(frozen=True)
class NetworkWriter:
    """Writes what a policy keeps of a program that no supernet pass has changed.

    words: what the space calls its operations. whole: the program before nodes were removed at positions,
    whose nodes hold the weights; None where it is the same.
    """

    program: Program
    policy: Policy
    words: Words
    whole: Program | None = None

    def network(self) -> Recipe:
        """The recipe of the whole network."""
        graph = self.program.network
        # Where a front end is chosen there is an input for each, of which one is read.
        (read,) = (step.node for step in walk(graph, self.policy) if step.node.kind == "input")
        features, logits = read.type, graph.output.type
        doc = f"Features (N, {', '.join(map(str, features.stored))}) -> logits (N, {logits.channels})."
        return self._module(graph, graph, {read.id: "x"}, "Network", doc)

    def _cell(self, call: GraphNode) -> Recipe:
        graph = self.program.cells[call.cell]
        whole = self.whole or self.program
        origin = whole.cells[whole.network[call.id].cell]
        kind = graph.kind
        inputs = graph.of_kind("input")
        alike = len({node.type.size for node in inputs}) == 1
        doc = f"The cell `{kind}`." if alike else f"The cell `{kind}` where its inputs differ in size."
        arguments = {node.id: identifier(node.id) for node in inputs}
        return self._module(graph, origin, arguments, class_name(kind), doc)

    def _module(
        self, graph: Graph, origin: Graph, arguments: Mapping[str, str], name: str, doc: str
    ) -> Recipe:
        """The network or a cell. origin: the graph before nodes were removed. arguments: of its forward pass,
        by the inputs of the graph.
        """
        steps = walk(graph, self.policy)
        alias = {step.node.id: step.inputs[0] for step in steps if is_alias(step)}
        units = units_of(steps, alias)
        names = Names(MODULE_NAMES)
        called = {unit.output: names.fresh(unit.name) for unit in units}
        writer = _Lines(self, graph, alias, {**arguments, **called}, representatives(origin))
        written = [writer.of(unit) for unit in units]
        body = Body(arguments, [step for _, step in written], resolved(graph.output.id, alias))
        members = tuple(member for member, _ in written if member is not None)
        return Recipe(name, doc, members, tuple(arguments.values()), tuple(body.lines))


@dataclass(frozen=True)
class _Lines:
    """The units of one graph as lines and sub-modules.

    called: names of units and arguments, by their ids. kept: which nodes hold the weights of which.
    """

    writer: NetworkWriter
    graph: Graph
    alias: Mapping[str, str]
    called: Mapping[str, str]
    kept: Mapping[str, str]

    def of(self, unit: Unit) -> tuple[Member | None, Step]:
        name = self.called[unit.output]
        node = unit.steps[-1].node
        if len(unit.steps) > 1:
            member = Member(name, self._operation(unit), "")
            return member, Step(unit.output, name, unit.inputs, CALL, not unit.is_edge, unit.is_let)
        if node.kind == "call":
            member = Member(name, self.writer._cell(node), part_name(node.id))
            return member, Step(node.id, name, unit.inputs, CALL, apart=True, named=True)
        if node.kind in ("mix", "sum"):
            is_node = node.kind == "sum"
            return None, Step(node.id, name, unit.inputs, SUM, apart=is_node, named=is_node)
        return self._primitive(unit.steps[0], name)

    def _primitive(self, step: Walked, name: str) -> tuple[Member | None, Step]:
        form = form_of(step.node, [self.graph[source] for source in step.inputs])
        inputs = tuple(resolved(source, self.alias) for source in step.inputs)
        line = Step(step.node.id, name, inputs, form)
        if not form.made:
            return None, line
        return Member(
            name, Leaf(form.made, form.holes), part_name(self.kept.get(step.node.id, step.node.id))
        ), line

    def _operation(self, unit: Unit) -> Recipe:
        """The nodes of one operation as a module of their own."""
        names = Names(MODULE_NAMES)
        single = len(unit.inputs) == 1
        arguments = {id: "x" if single else self.called[id] for id in unit.inputs}
        written = [self._primitive(step, names.fresh(local_name(step.node, unit))) for step in unit.steps]
        body = Body(arguments, [step for _, step in written], unit.output)
        members = tuple(member for member, _ in written if member is not None)
        name, doc = self.writer.words.of(unit)
        return Recipe(name, doc, members, tuple(arguments.values()), tuple(body.lines))
