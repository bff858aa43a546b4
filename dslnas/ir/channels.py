"""Which channels of a network go together, and the network in which some cells are narrower.

The channels of a cell at a position are those of its nodes. One of them goes from every value of the cell
that has as many channels as its nodes, so that the cell stays what its text says, with fewer channels: skips,
pools and depthwise filters hand each channel on as it is, and nodes are summed channel by channel. What
follows the cell reads fewer channels; what the cell itself reads keeps its own.

A value whose channels are halves of such a one (a `factorized_reduce` joins two convolutions of half as many)
would lose them unevenly. So channels go in *units*: those with the same remainder by the number of units, as
many as keep every such value balanced.

A cell keeps its width where a channel cannot be told from others: where it hands on an input channel by
channel without a convolution between, where a norm or softmax joins channels, where a convolution has groups,
or where its output is added to that of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..base.diagnostics import fail
from .graph import Graph, GraphNode, Program
from .places import Place, places
from .primitives import REGISTRY
from .tensortype import Dim, TensorType
from .walk import Chosen, Step, walk

Channel = tuple[str, int]  # the name of a place, and one of its units
Labels = tuple[Channel | None, ...]  # of each channel of a value the unit that it goes with
MIXING = ("conv", "linear")  # each channel that they make reads all channels
BY_CHANNEL = ("ssn", "weighted", "global_pool", "magnitude")  # besides those that can be computed in lanes
NETWORK = ""  # the name of the network among the calls of cells


@dataclass(frozen=True)
class Ties:
    """Which channels of a network go together.

    widths: the channels of each place that can be narrower, by its name. units: how many units they are.
    labels: of each value of the network (under `NETWORK`) and of the cell of each call, by their ids.
    """

    widths: Mapping[str, int]
    units: Mapping[str, int]
    labels: Mapping[str, Mapping[str, Labels]]

    def together(self, place: str) -> int:
        """How many channels of a place go with each other."""
        return self.widths[place] // self.units[place]


def ties(program: Program, chosen: Chosen) -> Ties:
    """Which channels go together in the network that a policy leaves."""
    open_ = {place.call: place for place in places(program, chosen) if place.nodes}
    while True:
        labelling = _Labelling(program, chosen, open_)
        try:
            labels = labelling.labels()
        except _Joined as joined:
            open_ = {call: place for call, place in open_.items() if place.name not in joined.places}
            continue
        widths, counted = labelling.widths, _counted(labels)
        units = {name: _units(width, counted[name]) for name, width in widths.items()}
        stuck = {name for name, count in units.items() if count < 2}
        if not stuck:
            break
        open_ = {call: place for call, place in open_.items() if place.name not in stuck}
    in_units = {
        context: {id: _in_units(one, units) for id, one in values.items()}
        for context, values in labels.items()
    }
    return Ties(widths, units, in_units)


def kept(labels: Labels, removed: Collection[Channel]) -> tuple[int, ...]:
    """The channels of a value that are left without some units."""
    return tuple(index for index, label in enumerate(labels) if label is None or label not in removed)


def narrowed(program: Program, chosen: Chosen, widths: Mapping[str, int]) -> Program:
    """The program in which cells at places are as wide as is said, by the names of places.

    Each width is a number of whole units. The types of all values follow from those of convolutions. Raises
    DslnasError N0502 where a cell cannot be so wide.
    """
    tied = ties(program, chosen)
    for name, width in widths.items():
        if name not in tied.widths or width % tied.together(name) or width > tied.widths[name]:
            help = "leave the number of its channels out"
            raise fail("N0502", f"`{name}` cannot keep {width} channels and lose those parts", help=help)
    removed = {
        (name, unit)
        for name, width in widths.items()
        for unit in range(width // tied.together(name), tied.units[name])
    }
    cells, numbers, renamed = dict(program.cells), dict[str, int](), dict[str, Graph]()
    for graph in program.cells.values():
        numbers[graph.kind] = max(numbers.get(graph.kind, 0), graph.number or 1)
    for call in (step.node for step in walk(program.network, chosen) if step.node.kind == "call"):
        labels, graph = tied.labels[call.id], program.cells[call.cell]
        if all(len(kept(one, removed)) == len(one) for one in labels.values()):
            continue
        numbers[graph.kind] += 1
        own = _narrow(graph, chosen, labels, removed, Graph(graph.kind, graph.domain, numbers[graph.kind]))
        cells[own.name] = renamed[call.id] = own
    network = _narrow(
        program.network, chosen, tied.labels[NETWORK], removed, program.network.empty(), renamed
    )
    return replace(program, network=network, cells=cells)


def _narrow(
    graph: Graph,
    chosen: Chosen,
    labels: Mapping[str, Labels],
    removed: Collection[Channel],
    result: Graph,
    renamed: Mapping[str, Graph] | None = None,
) -> Graph:
    """A graph without channels, as far as a policy leaves it, added to an empty one."""
    for step in _steps(graph, chosen):
        node = step.node
        left = kept(labels[node.id], removed)
        attributes = dict(node.attributes)
        type = replace(node.type, channels=Dim.of(len(left)))
        if "out" in attributes:
            attributes["out"] = Dim.of(len(left))
        if node.primitive == "slice":
            first = range(attributes["first"])
            read = labels[step.inputs[0]]
            attributes["first"] = len(kept(read[: len(first)], removed))
        cell = renamed[node.id].name if renamed and node.id in renamed else node.cell
        own = replace(
            node,
            type=type,
            attributes=tuple(attributes.items()),
            labels=tuple(node.labels[port] for port in step.ports) if node.labels else (),
            cell=cell,
        )
        if node.kind == "primitive":
            inputs = tuple(result[source].type for source in step.inputs)
            made = REGISTRY[node.primitive].type_rule(inputs, attributes, graph.domain)
            assert made == type, f"{node.id} is {made}, not {type}"
        result.add(own, step.inputs)
    return result


class _Joined(Exception):
    """Raised where the channels of places cannot be told from others."""

    def __init__(self, places: Collection[str]) -> None:
        super().__init__(", ".join(places))
        self.places = frozenset(places)


class _Labelling:
    """Labels all values of a network with the channels of the places in `open_`, by their calls."""

    def __init__(self, program: Program, chosen: Chosen, open_: Mapping[str, Place]) -> None:
        self.program, self.chosen, self.open = program, chosen, open_
        self.widths: dict[str, int] = {}

    def labels(self) -> dict[str, dict[str, Labels]]:
        """The labels of all values; raises _Joined."""
        network: dict[str, Labels] = {}
        found = {NETWORK: network}
        for step in _steps(self.program.network, self.chosen):
            node = step.node
            read = [network[source] for source in step.inputs]
            if node.kind == "call":
                cell = self._cell(self.program.cells[node.cell], read, self.open.get(node.id))
                found[node.id], network[node.id] = cell, cell["output"]
            else:
                network[node.id] = _passed(node, read, None, [])
        _refuse([network["output"]])
        return found

    def _cell(self, graph: Graph, inputs: Sequence[Labels], place: Place | None) -> dict[str, Labels]:
        steps = _steps(graph, self.chosen)
        own = {} if place is None else self._own(graph, steps, place)
        found: dict[str, Labels] = dict(
            zip((node.id for node in graph.of_kind("input")), inputs, strict=True)
        )
        for step in steps:
            if step.node.kind != "input":
                read = [found[source] for source in step.inputs]
                types = [graph[source].type for source in step.inputs]
                found[step.node.id] = _passed(step.node, read, own.get(step.node.id), types)
        return found

    def _own(self, graph: Graph, steps: Sequence[Step], place: Place) -> dict[str, Labels]:
        """The labels of the values of a cell that have its channels, or parts of them."""
        joined = _Joined([place.name])
        handed = _handed_on(steps)
        nodes = [step.node for step in steps if step.node.id in place.nodes]
        widths = {node.type.shape[0] for node in nodes}
        if len(widths) != 1 or any(node.id in handed for node in nodes):
            raise joined
        (width,) = widths
        self.widths[place.name] = width
        whole = tuple((place.name, channel) for channel in range(width))
        own: dict[str, Labels] = {}
        for step in steps:
            node = step.node
            if node.id not in handed and node.type.shape[0] == width and node.kind != "output":
                own[node.id] = whole
        for step in reversed(steps):
            if step.node.id not in own or step.node.primitive in MIXING:
                continue
            for source, part in _read_by(graph, step, own[step.node.id], joined):
                if source in handed or own.get(source, part) != part:
                    raise joined
                own[source] = part
        return own


def _handed_on(steps: Sequence[Step]) -> frozenset[str]:
    """The values of a cell that have channels of its inputs: no convolution lies between."""
    found: set[str] = set()
    for step in steps:
        mixes = step.node.primitive in MIXING
        if step.node.kind == "input" or (not mixes and found.intersection(step.inputs)):
            found.add(step.node.id)
    return frozenset(found)


def _read_by(graph: Graph, step: Step, labels: Labels, joined: _Joined) -> Iterator[tuple[str, Labels]]:
    """The labels of what a value with labels reads."""
    if step.node.primitive == "concat":
        start = 0
        for source in step.inputs:
            count = graph[source].type.shape[0]
            yield source, labels[start : start + count]
            start += count
    elif _by_channel(step.node):
        for source in step.inputs:
            yield source, labels
    else:
        raise joined


def _by_channel(node: GraphNode) -> bool:
    """Whether each channel of a value depends on the same channel alone of what it reads."""
    if node.kind != "primitive":
        return True
    primitive = REGISTRY[node.primitive]
    return node.primitive not in MIXING and (primitive.lanes or node.primitive in BY_CHANNEL)


def _passed(
    node: GraphNode, read: Sequence[Labels], own: Labels | None, types: Sequence[TensorType]
) -> Labels:
    """The labels of a value, from those of what it reads. own: those of a value of a cell; raises _Joined."""
    channels = node.type.shape[0]
    if node.kind == "input":
        return (None,) * channels
    if node.primitive in MIXING:
        if dict(node.attributes).get("groups", 1) > 1:
            _refuse([*read, own or ()])
        return own or (None,) * channels
    return _joined_labels(node, read, channels, own)


def _joined_labels(node: GraphNode, read: Sequence[Labels], channels: int, own: Labels | None) -> Labels:
    attributes = dict(node.attributes)
    if node.primitive == "concat":
        return tuple(label for labels in read for label in labels)
    if _by_channel(node):
        if any(labels != read[0] for labels in read):
            _refuse([*read, own or ()])
        return read[0]
    if node.primitive == "slice":
        return read[0][attributes["first"] : attributes["first"] + channels]
    if node.primitive in ("real_imag", "fold"):  # each channel makes several, side by side
        return tuple(label for label in read[0] for _ in range(channels // len(read[0])))
    _refuse([*read, own or ()])
    return (None,) * channels


def _refuse(labels: Sequence[Labels]) -> None:
    """Raise _Joined where there is a label."""
    if found := {label[0] for one in labels for label in one if label is not None}:
        raise _Joined(found)


def _counted(labels: Mapping[str, Mapping[str, Labels]]) -> dict[str, set[tuple[tuple[int, int], ...]]]:
    """Of each place how often its channels are in each value that has some, as pairs."""
    found: dict[str, set[tuple[tuple[int, int], ...]]] = {}
    for value in {one for own in labels.values() for one in own.values()}:
        counts = Counter(label for label in value if label is not None)
        for place in {name for name, _ in counts}:
            own = tuple((channel, count) for (name, channel), count in counts.items() if name == place)
            found.setdefault(place, set()).add(own)
    return found


def _units(width: int, counted: Collection[tuple[tuple[int, int], ...]]) -> int:
    """The largest number of units of which every value has as many channels of each."""

    def even(units: int) -> bool:
        for counts in counted:
            found = Counter[int]()
            for channel, count in counts:
                found[channel % units] += count
            if len(found) < units or len({*found.values()}) > 1:
                return False
        return True

    return next(units for units in range(width, 0, -1) if width % units == 0 and even(units))


def _in_units(labels: Labels, units: Mapping[str, int]) -> Labels:
    return tuple(None if label is None else (label[0], label[1] % units[label[0]]) for label in labels)


def _steps(graph: Graph, chosen: Chosen) -> list[Step]:
    """What a policy leaves of a graph, with all its inputs."""
    steps = walk(graph, chosen)
    known = {step.node.id for step in steps}
    unread = [Step(node, (), ()) for node in graph.of_kind("input") if node.id not in known]
    return [*unread, *steps]
