"""Applies decided choices to a space: what a genotype or a `with` fixes is no choice point any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, Label, fail
from ..base.spelling import did_you_mean
from ..ir.genotype import Node
from ..ir.graph import ChoicePoint
from ..ir.names import PointName, Site
from ..parse import syntax
from ..resolve.arguments import show
from ..resolve.definitions import CELL_SETTINGS, Space
from ..resolve.found import Fix, Found, Listed, names_of
from ..resolve.values import Choice, evaluate, number_if_known

_ARGUMENT = re.compile(r"(?:^|, )(\w+) = ")  # of the label of a combination: `k = 3, expand = 6`


def misfit(fix: Found, id: str, message: str, help: str = "") -> Diagnostic:
    """The error N0502 for a decision of a genotype that does not fit the space, at its text."""
    place = fix.places.get(id, fix.span)
    if place == fix.span:
        return Diagnostic("N0502", message, place, help=help)
    elsewhere = place.source != fix.span.source
    notes = (f"fixed by: `{fix.span.text}` at {fix.span.location}",) if elsewhere else ()
    return Diagnostic(
        "N0502", message, place, labels=(Label(fix.span, "this genotype"),), notes=notes, help=help
    )


class Fixes:
    """The decided choices of a space that is being built; of several for one choice the last counts.

    parameters: those of the space, which the values of fixes may refer to.
    """

    def __init__(self, fixes: Sequence[Fix] = (), parameters: Mapping[str, Any] | None = None) -> None:
        self._fixes, self._parameters = fixes, parameters or {}
        self._seen: dict[str, PointName] = {}  # all choice points and nodes that were looked up, by id
        self.asked = 0  # the number of lookups

    def node(self, node: PointName) -> tuple[Node, Found] | None:
        """The decided edges of a node, and what decides them; None if it is open."""
        self._asked_for(node)
        for fix in reversed(self._fixes):
            if isinstance(fix, Found) and node.id in fix.nodes:
                return fix.nodes[node.id], fix
        return None

    def options(self, point: PointName, options: Mapping[str, syntax.Expr]) -> tuple[str, ...]:
        """The labels of the options that a choice point is fixed to; none if it is open.

        Only an edge between two nodes is fixed to several. Raises DslnasError N0502 if it is fixed to
        something else than its options.
        """
        self._asked_for(point)
        for fix in reversed(self._fixes):
            if isinstance(fix, Found) and point.id in fix.options:
                taken = fix.options[point.id]
                if len(set(taken)) < len(taken):
                    message = f"`{point.id}` is fixed to the same operation twice"
                    raise DslnasError(misfit(fix, point.id, message, "write it once"))
                return tuple(_offered(point.id, label, options, fix) for label in taken)
            if isinstance(fix, Listed) and _names(fix.path, point):
                same = [label for label, option in options.items() if _says(fix.value, label, option)]
                return (_offered(point.id, same[0] if same else fix.value.span.text, options, fix),)
        return ()

    def option(self, point: PointName, options: Mapping[str, syntax.Expr]) -> str | None:
        """The label of the option that a choice which is no edge is fixed to; None if it is open."""
        return next(iter(self.options(point, options)), None)

    def arguments(self, point: PointName, open: Mapping[str, Choice]) -> dict[str, Choice]:
        """The searched arguments that are fixed, by name, each reduced to its one option.

        open: all searched arguments. Raises DslnasError N0502 if one is fixed to something else.
        """
        self._asked_for(point)
        last: dict[str, Fix] = {}
        for fix in self._fixes:
            if isinstance(fix, Found) and point.id in fix.options:
                last |= dict.fromkeys(open, fix)
            elif isinstance(fix, Listed) and fix.path[-1] in open and _names(fix.path[:-1], point):
                last[fix.path[-1]] = fix
        return {name: self._argument(point.id, name, open, fix) for name, fix in last.items()}

    def _argument(self, id: str, name: str, open: Mapping[str, Choice], fix: Fix) -> Choice:
        if isinstance(fix, Found):
            labels = {label_of(values): values for values in combinations(open)}
            return labels[_offered(id, fix.options[id][0], labels, fix)][name]
        value = number_if_known(evaluate(fix.value, lambda name: self._parameters.get(name.name, name.name)))
        same = [one for one in open[name].singles if number_if_known(one.options[0]) == value]
        if not same:
            message = f"`{name}` of `{id}` is fixed to {show(value)}"
            options = ", ".join(show(option) for option in open[name].options)
            raise fail("N0502", message, fix.value.span, help=f"the space offers {options}")
        return same[0]

    def _asked_for(self, point: PointName) -> None:
        self._seen[point.id] = point
        self.asked += 1

    def unused(self, space: Space) -> Iterator[Diagnostic]:
        """An error for each fix that no choice of the space has looked up; called once it is built."""
        for fix in self._fixes:
            if isinstance(fix, Listed):
                seen = self._seen.values()
                if not any(_names(path, one) for one in seen for path in (fix.path, fix.path[:-1])):
                    known = [".".join((one.owner, *one.path)) for one in seen if not one.site.node]
                    known += [f"{cell}.{key}" for cell in space.cells for key in CELL_SETTINGS]
                    help = did_you_mean(fix.key, known) or "`dslnas plan` shows the choices of a space"
                    message = f"space `{space.name}` has nothing to set as `{fix.key}`"
                    yield Diagnostic("N0204", message, fix.span, help=help)
                continue
            missing = [id for id in fix.nodes if id not in self._seen]
            edges = [id for id, node in fix.edges.items() if node not in missing]
            others = [id for id in fix.options if id not in fix.edges and _of_space(id)]
            for id in (*missing, *edges, *others):
                if id not in self._seen:
                    message = f"the genotype decides `{id}`, which the space does not have"
                    yield misfit(fix, id, message)


def _of_space(key: str) -> bool:
    """Whether a choice of a genotype must exist in its space.

    Choices of a front end are no part of the space, and choices inside of an option exist only with it.
    """
    owner, *names = names_of(key)
    return owner != "input" and len(names) == 1


def combinations(open: Mapping[str, Choice]) -> Iterator[dict[str, Choice]]:
    """All combinations of the options of searched arguments, each argument as a choice of one option."""
    return (dict(zip(open, ones, strict=True)) for ones in product(*(one.singles for one in open.values())))


def label_of(values: Mapping[str, Choice]) -> str:
    """The label of a combination: `k = 3, expand = 6`."""
    return ", ".join(f"{key} = {one.labels[0]}" for key, one in values.items())


def paths_to(point: ChoicePoint) -> Iterator[str]:
    """The paths by which a `with` fixes a choice point: alone, and together with the others of its name.

    `network.mb_3.k` and `network.mb.k`; edges are fixed by genotypes alone.
    """
    called = point.called
    if called.site.node:
        return
    around = ".".join((called.owner, *called.site.path))
    for name in (called.name, called.stem):
        start = f"{around}.{name}"
        yield from (f"{start}.{argument}" for argument in point.arguments) if point.arguments else [start]


def deciding(point: ChoicePoint) -> list[tuple[str, str]]:
    """The paths and values that fix a choice point to its first option: `network.conv_1.out`, `4`."""
    called, (option, *_) = point.called, point.options
    path = ".".join((called.owner, *called.path))
    arguments = _ARGUMENT.split(option)[1:]
    if not arguments:
        return [(path, option)]
    return [
        (f"{path}.{name}", value.rstrip(", "))
        for name, value in zip(arguments[::2], arguments[1::2], strict=True)
    ]


def _offered(id: str, label: str, labels: Iterable[str], fix: Fix) -> str:
    """The label if it is among the offered ones; raises DslnasError N0502."""
    known = list(labels)
    if label in known:
        return label
    message = f"`{id}` is fixed to `{label}`"
    help = did_you_mean(label, known) or f"the space offers {', '.join(known)}"
    if isinstance(fix, Listed):
        raise fail("N0502", message, fix.span, help=help)
    raise DslnasError(misfit(fix, id, message, help))


def _says(value: syntax.Expr, label: str, option: syntax.Expr) -> bool:
    """Whether a value stands for an option: it is written the same, or is the name of the candidate."""
    return value == option or (isinstance(value, syntax.Name) and value.name == label)


def _names(path: tuple[str, ...], point: PointName) -> bool:
    """Whether a path names a choice point: `network.mb_3`, or `network.mb` for every use of `mb`.

    Options on the way to a choice inside of another choice are left out of the path.
    """
    owner, *keys = path
    if owner != point.owner or not keys or keys[-1] not in (point.name, point.stem):
        return False
    names = iter(_around(point.site))
    return all(any(key in one for one in names) for key in keys[:-1])  # in this order


def _around(site: Site) -> Iterator[tuple[str, ...]]:
    """The names of everything that encloses a choice point, outermost first, as a path may contain them."""
    if site.let:
        yield (site.let,)
    for point, option in site.options:
        yield point.name, point.stem
        yield (option,)
