"""Checks the names in all expressions as written: unknown, already taken, unused, circular ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import islice

from ..base import limits
from ..base.diagnostics import Diagnostic
from ..base.spelling import did_you_mean
from ..elaborate.operations import defined_by_itself
from ..ir.primitives import REGISTRY
from ..ir.primitives.registry import taken
from ..parse import syntax
from ..parse.foreign import NAMESAKES, VALUES, operation_like
from ..parse.vocabulary import FUNCTIONS, LITERALS, MISPLACED, NETWORK, PHASES, PLACE, UNITS, WORDS
from ..parse.walking import names_in, nodes_in
from ..resolve.definitions import CellDefinition, Definitions, Space
from ..resolve.derive import space_from
from ..resolve.shipped import use_of
from ..resolve.values import no_unit

# Expressions, and the names in their scope.
Sight = tuple[Iterable[object], set[str]]


def unknown_names(definitions: Definitions) -> list[Diagnostic]:
    """An error for each undefined name in operations, front ends and spaces, up to a limit."""
    everywhere = frozenset((*definitions.ops, *REGISTRY, *FUNCTIONS, *LITERALS, *WORDS, *PHASES))
    found = (
        diagnostic
        for exprs, known in in_sight(definitions)
        for diagnostic in _unknown(exprs, known, everywhere, definitions)
    )
    return list(islice(found, limits.UNKNOWN_NAMES))


def in_sight(definitions: Definitions) -> Iterator[Sight]:
    """All expressions, each with the names in its scope besides the global ones.

    In what is left of a definition with syntax errors, the names of its faulty lines count as known.
    """
    for op in definitions.ops.values():
        yield _in_op(op)
    for template in definitions.frontends.values():
        yield _in_frontend(template)
    for name in definitions.own_spaces:
        yield from _in_space(definitions.spaces[name])
    for rest in definitions.rests:
        yield from ((exprs, known | rest.lost) for exprs, known in _in_rest(rest.definition))


def _in_op(op: syntax.Op) -> Sight:
    made = (*(p.name for p in op.parameters), *(let.name for let in op.body.lets))
    return _expressions(op), {*PLACE, *made}


def _in_frontend(template: syntax.FrontEndTemplate) -> Sight:
    defaults = [parameter.default for parameter in template.parameters if parameter.default]
    return [*defaults, template.value], {"x", *(parameter.name for parameter in template.parameters)}


def _in_space(space: Space) -> Iterator[Sight]:
    everywhere = {*space.parameters, *space.lets}
    yield _written(space), {*PLACE, *everywhere}
    yield [let.value for let in space.lets.values()], {"classes", *PLACE, *everywhere}
    made = {let.name for let in space.network.lets}
    yield [space.network], {*NETWORK, *PLACE, *everywhere, *space.cells, *space.unread, *made}
    for cell in space.cells.values():
        yield [cell.items, cell.value, *cell.settings.values()], _in_cell(cell, space)


def _in_rest(definition: syntax.Definition) -> Iterator[Sight]:
    match definition:
        case syntax.Op():
            yield _in_op(definition)
        case syntax.FrontEndTemplate():
            yield _in_frontend(definition)
        case syntax.SpaceTemplate():
            lacking = syntax.Network(
                "network", syntax.Block((), syntax.Name("input", definition.span)), definition.span
            )
            whole = replace(definition, items=(lacking, *definition.items))  # its own network wins
            space = space_from(whole, lambda diagnostic: None)
            if space is not None:
                yield from _in_space(space)


def _expressions(op: syntax.Op) -> list[syntax.Expr]:
    defaults = [parameter.default for parameter in op.parameters if parameter.default]
    return [*defaults, *(let.value for let in op.body.lets), op.body.value]


def _written(space: Space) -> list[object]:
    return [list(options.values()) for options in space.sets.values()]


def _in_cell(cell: CellDefinition, space: Space) -> set[str]:
    made = {item.name for item in cell.items} | set(cell.inputs)
    variables = {n.variable for n in nodes_in(cell.items) if isinstance(n, syntax.Comprehension)}
    return {"earlier", *PLACE, *space.parameters, *space.lets, *space.sets, *made, *variables}


def _unknown(
    exprs: Iterable[object], known: set[str], everywhere: frozenset[str], definitions: Definitions
) -> Iterator[Diagnostic]:
    nodes = [node for expr in exprs for node in nodes_in(expr)]
    called = {id(node.function) for node in nodes if isinstance(node, syntax.Call)}
    called |= {id(stage) for node in nodes if isinstance(node, syntax.Pipe) for stage in node.stages}
    options = {id(option) for expr in exprs if isinstance(expr, list) for option in expr}
    options |= {id(option) for n in nodes if isinstance(n, syntax.Choose) for option in n.options}
    sets = {id(n.candidates.function) for n in nodes if isinstance(n, syntax.Choose) and n.candidates}
    for node in nodes:
        if isinstance(node, syntax.Name) and not (node.name in known or node.name in everywhere):
            if not definitions.excused("op", node.name):
                message = f"nothing is named `{node.name}` here"
                if id(node) in called:
                    what = "set of candidates" if id(node) in sets else "operation"
                    message = f"there is no {what} `{node.name}`"
                offered = known - {*PLACE} if id(node) in sets else known | everywhere
                use = use_of("op", node.name) if id(node) in (called | options) - sets else ""
                like = operation_like if id(node) in called - sets else did_you_mean
                known_as = {**VALUES, **MISPLACED}.get(node.name) or use
                help = known_as or like(node.name, sorted(offered))
                yield Diagnostic("N0201", message, node.span, help=help + NAMESAKES.get(node.name, ""))
        elif (
            isinstance(node, syntax.Number)
            and node.suffix
            and not (node.suffix in UNITS or node.suffix in known)
        ):
            yield no_unit(node.suffix, node.span, known)


def taken_names(definitions: Definitions) -> Iterator[Diagnostic]:
    """An error for each operation, cell and intermediate of a space whose name is already taken."""
    spaces = [definitions.spaces[name] for name in definitions.own_spaces]
    named = [(op.name, op.span, taken()) for op in definitions.ops.values()]
    taken_by_ops = taken() | definitions.ops.keys()
    named += [(cell.name, cell.span, taken_by_ops) for s in spaces for cell in s.cells.values()]
    for space in spaces:
        made = {*space.parameters, *space.sets, *space.cells, *NETWORK, *PLACE}
        lets = (let for let in space.lets.values() if definitions.main == let.span.source)
        named += [(let.name, let.span, taken_by_ops | made) for let in lets]
        made |= {*space.lets}
        named += [(let.name, let.span, taken_by_ops | made) for let in space.network.lets]
    for name, span, meanings in named:
        if name in meanings:
            help = "give it a name of its own"
            yield Diagnostic("N0202", f"`{name}` means something already", span, help=help)


def unused_names(definitions: Definitions) -> Iterator[Diagnostic]:
    """A warning for each parameter and intermediate of an operation that is never used in it."""
    for op in definitions.ops.values():
        read = names_in(_expressions(op))
        for kind, made in (("parameter", op.parameters), ("intermediate", op.body.lets)):
            for one in made:
                if one.name not in read:
                    message = f"{kind} `{one.name}` of `{op.name}` is used by nothing"
                    yield Diagnostic("N0402", message, one.span, severity="warning")


def unused_parts(space: Space) -> Iterator[Diagnostic]:
    """A warning for each cell, `let` and candidate set of a space that nothing uses."""
    cells = list(space.cells.values())
    called = names_in([space.network])
    for cell in cells:
        is_base = any(other.items is cell.items and other is not cell for other in cells)
        if cell.name not in called and not is_base:
            yield Diagnostic("N0402", f"cell `{cell.name}` is used by nothing", cell.span, severity="warning")
    lets = [let.value for let in space.lets.values()]
    written = [space.network, *lets, *(cell.items for cell in cells), *(cell.value for cell in cells)]
    settings = [tuple(cell.settings.values()) for cell in cells]
    used = names_in([*written, *settings, *_written(space)])
    for let in (*space.lets.values(), *space.network.lets):
        if let.name not in used:
            message = f"intermediate `{let.name}` of `{space.name}` is used by nothing"
            yield Diagnostic("N0402", message, let.span, severity="warning")
    read, chosen = names_in(written), _chosen_sets(written)
    for name, options in space.sets.items():
        if name not in read and options and chosen <= space.sets.keys():  # a misspelled set would seem unused
            span = space.option_spans.get((name, next(iter(options))))
            message = f"nothing chooses from the set `{name}`"
            yield Diagnostic("N0402", message, span, severity="warning")


def _chosen_sets(exprs: Iterable[object]) -> set[str]:
    """The sets of candidates that are chosen from."""
    chooses = (node for node in nodes_in(list(exprs)) if isinstance(node, syntax.Choose))
    return {choose.candidates.function.name for choose in chooses if choose.candidates is not None}


def circular(ops: Mapping[str, syntax.Op]) -> Iterator[Diagnostic]:
    """An error for each circle of operations that are defined by each other, or by themselves."""
    uses_of = {op.name: [name for name in names_in(_expressions(op)) if name in ops] for op in ops.values()}
    try:
        TopologicalSorter(uses_of).prepare()
    except CycleError:
        yield from _circles(uses_of, ops)


def _circles(uses_of: Mapping[str, Iterable[str]], ops: Mapping[str, syntax.Op]) -> Iterator[Diagnostic]:
    import networkx as nx  # slow to import, and most files have no circles

    uses = nx.DiGraph()
    uses.add_nodes_from(ops)
    uses.add_edges_from((op, name) for op, names in uses_of.items() for name in names)
    for group in nx.strongly_connected_components(uses):
        members = [name for name in ops if name in group]
        if len(members) > 1 or uses.has_edge(members[0], members[0]):
            yield defined_by_itself(members, ops)


def single_options(definitions: Definitions) -> Iterator[Diagnostic]:
    """A warning for each `choose { }` with one option, or with the same option twice."""
    spaces = [definitions.spaces[name] for name in definitions.own_spaces]
    roots: list[object] = [
        *definitions.ops.values(),
        *(_written(s) for s in spaces),
        *(s.network for s in spaces),
        *(let for s in spaces for let in s.lets.values()),
    ]
    roots += [cell.items for space in spaces for cell in space.cells.values()]
    for node in nodes_in(roots):
        if not isinstance(node, syntax.Choose) or node.candidates is not None:
            continue
        if len(node.options) == 1:
            yield Diagnostic("N0403", "this choice has a single option", node.span, severity="warning")
        seen: set[syntax.Expr] = set()
        for option in node.options:
            if option in seen:
                message = "this option is the same as one before it"
                yield Diagnostic("N0404", message, option.span, severity="warning")
            seen.add(option)
