"""Comparison of two experiments or two genotypes: facts by name, and the list of differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...ir.analysis import extent
from ...ir.genotype import Genotype
from ...ir.walk import Everything, cost
from ...parse import syntax
from ...parse.format import one_line
from ...parse.walking import reachable
from ...resolve.definitions import CellDefinition, Space
from ...resolve.found import Found
from ...resolve.resolve import with_library
from ..experiment import Experiment, describe_settings

Value = str | int | float
Facts = Mapping[tuple[str, str], Value]  # (part, name) -> value


@dataclass(frozen=True)
class Change:
    """A fact that differs. before, after: its values; None on the side that does not have it."""

    part: str
    name: str
    before: Value | None
    after: Value | None


def changes(before: Facts, after: Facts) -> list[Change]:
    """The facts that differ, part by part, in the order of the facts."""
    parts = dict.fromkeys(part for part, _ in (*before, *after))
    return [
        Change(part, name, before.get((part, name)), after.get((part, name)))
        for part in parts
        for one, name in dict.fromkeys((*before, *after))
        if one == part and before.get((part, name)) != after.get((part, name))
    ]


def to_json(found: list[Change]) -> list[dict[str, Value | None]]:
    """The changes as JSON data."""
    return [vars(change) for change in found]


# --- genotypes --------------------------------------------------------------------------------------------


def facts_of_genotype(genotype: Genotype) -> Facts:
    """The space, the method, the kept edges of every cell, and the options of other choices."""
    facts: dict[tuple[str, str], Value] = {}
    facts["genotype", "space"], facts["genotype", "method"] = genotype.space, genotype.method
    for cell in genotype.cells:
        for node in cell.nodes:
            for source, operations in node.operations.items():
                facts[f"cell {cell.name}", f"{source} -> {node.name}"] = " + ".join(operations)
        facts[f"cell {cell.name}", "output"] = ", ".join(cell.output)
    for position in genotype.positions:
        edges = [f"{source} -> {node}" for source, node in position.edges]
        for what, names in (("removed nodes", position.removed), ("removed edges", edges)):
            if names:
                facts[what, position.place] = f"{position.cell}: {', '.join(names)}"
        if position.channels is not None:
            facts["kept channels", position.place] = f"{position.cell}: {position.channels}"
    return facts | {("choices", id): option for id, option in genotype.choices}


# --- experiments ------------------------------------------------------------------------------------------


def facts_of(experiment: Experiment) -> Facts:
    """The operations, candidates, cells, edges and choices of a space, its size, the method and all settings.

    Edges, choices and sizes are those of the network that is searched.
    """
    facts: dict[tuple[str, str], Value] = {}
    for part, named in (
        ("space", _space(experiment.space)),
        ("operations", _operations(experiment)),
        ("candidates", _candidates(experiment.space)),
        ("cells", _cells(experiment.space)),
        ("edges", _edges(experiment)),
        ("choices", _choices(experiment)),
        ("fixed", _fixed(experiment.space)),
        ("size", _size(experiment)),
        ("method", _method(experiment)),
        ("settings", _settings(experiment)),
    ):
        facts |= {(part, name): value for name, value in named}
    return facts


Named = Iterator[tuple[str, Value]]


def _text(expr: syntax.Expr) -> str:
    return one_line(expr.span.text)


def _space(space: Space) -> Named:
    yield "name", space.name
    for name, value in space.parameters.items():
        yield name, _text(value)
    for name, let in space.lets.items():
        yield f"let {name}", _text(let.value)
    yield "network", _block(space.network)


def _operations(experiment: Experiment) -> Named:
    """The operations that the space uses, directly or through others."""
    space, ops = experiment.space, experiment.definitions.ops
    cells = [(cell.items, cell.value) for cell in space.cells.values()]
    lets = [let.value for let in space.lets.values()]
    used = reachable([*space.sets.values(), cells, lets, space.network], ops)
    for name, op in ops.items():
        if name in used:
            yield f"{name}{_parameters(op.parameters)}", _block(op.body)


def _block(block: syntax.Block) -> str:
    lets = [f"let {let.name} = {_text(let.value)}" for let in block.lets]
    return "; ".join([*lets, _text(block.value)])


def _parameters(parameters: tuple[syntax.Parameter, ...]) -> str:
    shown = [f"{p.name} = {_text(p.default)}" if p.default else p.name for p in parameters]
    return f"({', '.join(shown)})" if shown else ""


def _candidates(space: Space) -> Named:
    for set, options in space.sets.items():
        for name, option in options.items():
            yield f"{set}.{name}", _text(option)


def _cells(space: Space) -> Named:
    for cell in space.cells.values():
        yield cell.name, f"reads {', '.join(cell.inputs)}"
        for name, value in _items(cell):
            yield f"{cell.name}.{name}", value


def _items(cell: CellDefinition) -> Named:
    for item in cell.items:
        if isinstance(item, syntax.Let):
            yield item.name, _text(item.value)
        else:
            keep = f" keep {_text(item.keep)}" if item.keep else ""
            yield one_line(f"{item.name}[{item.indices.span.text}]"), _text(item.value) + keep
    for name, setting in cell.settings.items():
        yield name, _text(setting)
    yield "value", _text(cell.value)


def _edges(experiment: Experiment) -> Named:
    for selection in experiment.supernet.selections.values():
        keep = f", keep {selection.keep}" if selection.keep < len(selection.sources) else ""
        yield f"{selection.cell}.{selection.node}", f"from {', '.join(selection.sources)}{keep}"


def _choices(experiment: Experiment) -> Named:
    """The choice points that are no edge of a cell, with their options."""
    for id, point in experiment.supernet.choices.items():
        if not point.node:
            yield id, "; ".join(point.options)


def _fixed(space: Space) -> Named:
    for fix in space.fixes:
        if isinstance(fix, Found):
            for id, node in fix.nodes.items():
                yield id, " + ".join(f"{edge.operation}({edge.source})" for edge in node.edges)
            yield from ((id, taken[0]) for id, taken in fix.options.items() if id not in fix.edges)
        else:
            yield fix.key, _text(fix.value)


def _size(experiment: Experiment) -> Named:
    keep = experiment.method.keeping
    whole = cost(experiment.supernet, Everything())
    pruned = extent.params_extremes(experiment.evaluation, keep)
    yield "choice points", len(experiment.supernet.choices)
    yield "genotypes", extent.size(experiment.supernet, keep)
    yield "parameters, supernet", whole.params
    yield "parameters, smallest pruned network", pruned.least
    yield "parameters, largest pruned network", pruned.most
    yield "MACs, supernet", whole.macs


def _method(experiment: Experiment) -> Named:
    """The keys of the method as its text has them; changes by `--set` are among the settings."""
    yield "name", experiment.method.name
    known = with_library(experiment.definitions).methods
    keys = known[experiment.method.name.partition("(")[0]]
    for name, values in keys.values.items():
        yield name, ", ".join(map(_text, values))


def _settings(experiment: Experiment) -> Named:
    described = describe_settings(experiment)
    for name in ("domain", "preset", "precision", "seed"):
        yield name, described[name]
    changed = [text for text in described["set"] if text.startswith("method.")]
    if changed:  # the others show in the values that they set
        yield "set", ", ".join(changed)
    for group in ("data", "search", "train"):
        for name, value in described[group].items():
            if value is not None:
                yield f"{group}.{name}", value if isinstance(value, Value) else str(value)
