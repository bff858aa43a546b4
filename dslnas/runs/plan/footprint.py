"""What a network takes on a device, before it is trained: the flash and RAM of its C code (`export --to c`).

The code holds a constant for each weight and a buffer for each value. Here both are listed from the graph, as
`export/` writes it: a batch norm right behind a convolution is a part of it, an operation of complex numbers
is several of their parts. The buffers then share memory as those of the code do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from ...ir.analysis.arena import Buffer, packed
from ...ir.frontend import FrontEnd
from ...ir.graph import GraphNode, Program
from ...ir.primitives import REGISTRY
from ...ir.primitives.dropping import DROPPING
from ...ir.primitives.window import is_even, kernel_of, padding_of, stride_of
from ...ir.tensortype import TensorType
from ...ir.walk import Policy, Step, walk

NUMBER, PLACE = 4, 8  # bytes


@dataclass(frozen=True)
class Footprint:
    """The bytes of the constants (flash) and of the buffers (RAM) of the code of a network."""

    flash: int
    ram: int


def footprint(program: Program, policy: Policy, frontend: FrontEnd) -> Footprint:
    """The footprint of the network of a policy, from waves or images to probabilities."""
    tape = Tape()
    value = _front_end(tape, frontend)
    classes = _network(tape, [*_flat(program, policy)], value)
    tape.emit(classes, tape.sizes[classes])
    return Footprint(NUMBER * tape.constants, tape.peak())


@dataclass
class Tape:
    """The values of the code in the order in which they are computed, and how many constants it has."""

    sizes: list[int] = field(default_factory=list)
    places: set[int] = field(default_factory=set)  # the values that are places in others, of 8 bytes
    read: list[tuple[int, ...]] = field(default_factory=list)
    constants: int = 0

    def emit(self, sources: int | Sequence[int], size: int) -> int:
        """A value of so many numbers that is computed from others; returns its place."""
        self.sizes.append(size)
        self.read.append((sources,) if isinstance(sources, int) else tuple(sources))
        return len(self.sizes) - 1

    def chain(self, source: int, *sizes: int) -> int:
        """Values of which each is computed from the one before; returns the place of the last."""
        for size in sizes:
            source = self.emit(source, size)
        return source

    def peak(self) -> int:
        """The bytes of the memory that all values of a type share; the input is the caller's."""
        last = list(range(len(self.sizes)))
        for place, sources in enumerate(self.read):
            for source in sources:
                last[source] = place
        numbers = [place for place in range(1, len(self.sizes)) if place not in self.places]
        sizes = (
            packed([Buffer(self.sizes[place], place, last[place]) for place in group]).size
            for group in (numbers, sorted(self.places))
        )
        return sum(size * width for size, width in zip(sizes, (NUMBER, PLACE), strict=True))


# --- the front end -----------------------------------------------------------------------------------------


def _front_end(tape: Tape, frontend: FrontEnd) -> int:
    """The features of a clip."""
    value = tape.emit((), prod(frontend.raw_shape))
    if not frontend.sees_images:
        value = tape.chain(value, *[tape.sizes[value]] * 4)  # steps of 16 bits
        tape.chain(value, tape.sizes[value], 1)  # the loudest sample, by which silence is known
    before = frontend.input
    for step in frontend.steps:
        value = _STEPS.get(step.primitive, _same)(tape, value, before, step.output, dict(step.attributes))
        before = step.output
    return value


# Of the source, the types before and after, and the attributes.
Attributes = Mapping[str, float]
_FrontEndStep = Callable[[Tape, int, TensorType, TensorType, Attributes], int]


def _same(
    tape: Tape, value: int, before: TensorType, after: TensorType, attributes: Mapping[str, float]
) -> int:
    """A step that is not there without augmentation."""
    return value


def _stft(
    tape: Tape, value: int, before: TensorType, after: TensorType, attributes: Mapping[str, float]
) -> int:
    window = round(attributes["window"] * attributes["rate"])
    _, bins, frames = after.stored
    part = bins * frames
    tape.constants += 2 * bins * window
    if not attributes.get("whole"):
        value = tape.emit(value, tape.sizes[value] + window)
    whole = tape.chain(value, tape.sizes[value], 2 * part)
    real, imaginary = tape.emit(whole, part), tape.emit(whole, part)
    if after.domain == "complex":
        parts = tape.emit(real, part), tape.emit(imaginary, part)
        return tape.emit(parts, 2 * part)
    squares = tape.emit(real, part), tape.emit(imaginary, part)
    return tape.chain(tape.emit(squares, part), part)


def _mel(
    tape: Tape, value: int, before: TensorType, after: TensorType, attributes: Mapping[str, float]
) -> int:
    tape.constants += before.stored[1] * after.stored[1]
    return tape.emit(value, after.numbers)


def _log(
    tape: Tape, value: int, before: TensorType, after: TensorType, attributes: Mapping[str, float]
) -> int:
    return tape.chain(value, after.numbers, after.numbers)


_STEPS: dict[str, _FrontEndStep] = {"stft": _stft, "mel": _mel, "log": _log, "normalize": _log}


# --- the network -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """A node of the network with all cells written out, and the values that it reads."""

    id: str
    node: GraphNode
    sources: tuple[str, ...]
    inputs: tuple[TensorType, ...]


def _flat(program: Program, policy: Policy) -> Iterator[Operation]:
    """The operations of a network in order; an operation without an effect is left out."""
    names: dict[str, str] = {}

    def written(graph_name: str, prefix: str, given: Sequence[str]) -> Iterator[Operation]:
        graph = program.network if not graph_name else program.cells[graph_name]
        waiting = iter(given)
        for step in _as_read(walk(graph, policy), graph.output.id):
            node, id = step.node, f"{prefix}{step.node.id}"
            sources = [names[f"{prefix}{source}"] for source in step.inputs]
            if node.kind == "call":
                yield from written(node.cell, f"{id}/", sources)
                names[id] = names[f"{id}/{program.cells[node.cell].output.id}"]
            elif node.kind == "input" and given:
                names[id] = next(waiting)
            elif node.kind in ("mix", "sum", "output", "dropout") and len(sources) == 1:
                names[id] = sources[0]
            else:
                names[id] = id
                types = tuple(graph[source].type for source in step.inputs)
                yield Operation(id, node, tuple(sources), types)

    yield from written("", "", ())


def _as_read(steps: Sequence[Step], output: str) -> list[Step]:
    """Steps in the order of exported code: each when it is first read, what the text names by itself before.

    So the code of an edge stands at its node.
    """
    by_id = {step.node.id: step for step in steps}
    found: dict[str, Step] = {}
    named = [step.node.id for step in steps if step.node.kind == "input" or step.node.site.let]
    for wanted in (*named, output):
        waiting = [wanted]
        while waiting:
            id = waiting[-1]
            missing = [source for source in by_id[id].inputs if source not in found]
            if id in found or not missing:
                found.setdefault(waiting.pop(), by_id[id])
            else:
                waiting.append(missing[0])
    return list(found.values())


def _network(tape: Tape, operations: Sequence[Operation], features: int) -> int:
    readers = Counter(source for one in operations for source in one.sources)
    makers = {one.id: one for one in operations}
    places: dict[str, int] = {}
    last = features
    for one in operations:
        if one.node.kind == "input":
            places[one.id] = features
            continue
        sources = [places[source] for source in one.sources]
        before = makers[one.sources[0]]
        if _folds(one, before, readers):
            tape.constants += one.node.type.stored[0]  # the shifts
            places[one.id] = last = sources[0]
        else:
            places[one.id] = last = _operation(tape, one, sources)
    return last


def _folds(one: Operation, before: Operation, readers: Mapping[str, int]) -> bool:
    """Whether an operation is a batch norm that becomes a part of the convolution before it."""
    convolved = before.node.primitive in ("conv", "dwconv")
    return one.node.primitive == "bn" and convolved and readers[before.id] == 1


def _operation(tape: Tape, one: Operation, sources: list[int]) -> int:
    node, size = one.node, one.node.type.numbers
    if node.kind in ("mix", "sum") or node.primitive in ("add", "subtract"):
        total = sources[0]
        for source in sources[1:]:
            total = tape.emit((total, source), size)
        return total
    attributes = dict(node.attributes)
    complex = one.inputs[0].domain == "complex"
    cost = REGISTRY[node.primitive].cost(one.inputs, node.type, attributes)
    if node.primitive in ("conv", "dwconv"):
        tape.constants += cost.params * (2 if complex else 1)  # structured weights
        return tape.emit(_before_convolution(tape, one, sources[0]), size)
    if node.primitive == "linear":
        bias = node.type.stored[0] if attributes.get("bias", True) else 0
        tape.constants += (cost.params - bias) * (2 if complex else 1) + bias
        return tape.emit(sources[0], size)
    if node.primitive == "bn":
        tape.constants += (6 if complex else 4) * node.type.stored[0] // (1 if not complex else 2)
        return tape.emit(sources[0], size)
    tape.constants += cost.params
    if node.primitive in (*DROPPING, "real_imag") or (node.primitive == "concat" and len(sources) == 1):
        return sources[0]
    if complex and node.primitive in _COMPLEX:
        return _COMPLEX[node.primitive](tape, sources, one)
    if node.primitive == "multiply":
        total = sources[0]
        for source in sources[1:]:
            total = tape.emit((total, source), size)
        return total
    if node.primitive == "shift":
        channels, frequency, time = node.type.stored
        return tape.chain(
            sources[0], channels * (frequency - 1) * time, channels * (frequency - 1) * (time - 1), size
        )
    return tape.emit(sources, size)


def _before_convolution(tape: Tape, one: Operation, source: int) -> int:
    """What a convolution reads: its input, what is left of it on the grid of a stride, or with pads."""
    attributes = dict(one.node.attributes)
    if len(one.inputs[0].stored) != 3:
        return source
    channels, frequency, time = one.inputs[0].stored
    if kernel_of(attributes) == (1, 1) and not any(map(any, padding_of(attributes))):
        for step, axis in zip(stride_of(attributes), (0, 1), strict=True):
            if step > 1:
                frequency, time = (-(-frequency // step), time) if not axis else (frequency, -(-time // step))
                source = tape.emit(source, channels * frequency * time)
    elif is_even(attributes):
        (low, high), (left, right) = padding_of(attributes)
        source = tape.emit(source, channels * (frequency + low + high) * (time + left + right))
    return source


def _split(tape: Tape, value: int) -> tuple[int, int]:
    """The real and the imaginary parts of complex values."""
    size = tape.sizes[value]
    whole = tape.emit(value, size)
    real = tape.chain(whole, size // 2, size // 2)
    imaginary = tape.chain(whole, size // 2, size // 2)
    return real, imaginary


def _paired(tape: Tape, real: int, imaginary: int) -> int:
    half = tape.sizes[real]
    parts = tape.emit(real, half), tape.emit(imaginary, half)
    return tape.chain(tape.emit(parts, 2 * half), 2 * half)


def _turned(tape: Tape, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Two sums of two products each, as products of complex numbers and linear maps of their parts are."""
    (real, imaginary), (a, b) = one, other
    half = tape.sizes[real]
    first = tape.emit((real, a), half), tape.emit((imaginary, b), half)
    above = tape.emit(first, half)
    second = tape.emit((real, b), half), tape.emit((imaginary, a), half)
    return above, tape.emit(second, half)


def _product(tape: Tape, sources: Sequence[int], one: Operation) -> int:
    value = _split(tape, sources[0])
    for source in sources[1:]:
        value = _turned(tape, value, _split(tape, source))
    return _paired(tape, *value)


def _whitened(tape: Tape, sources: Sequence[int], one: Operation) -> int:
    """A norm of each example by its own moments, which are few numbers."""
    (x,) = sources
    size = tape.sizes[x]
    tape.chain(x, size, size, 1)  # centred, and squared: the variances
    centred = tape.emit(x, size)
    parts = _split(tape, centred)
    moment = tape.chain(tape.emit(parts, size // 2), 1)
    return _paired(tape, *_turned(tape, parts, (moment, moment)))


def _maximum(tape: Tape, sources: Sequence[int], one: Operation) -> int:
    """The values of largest modulus, by their places, which are numbers of 8 bytes."""
    (x,) = sources
    real, imaginary = _split(tape, x)
    half, pooled = tape.sizes[real], one.node.type.numbers // 2
    squares = tape.emit(real, half), tape.emit(imaginary, half)
    power = tape.emit(squares, half)
    tape.emit(power, pooled)  # the largest powers, which come with their places
    places = tape.chain(power, pooled, pooled)
    tape.places |= {places - 1, places}
    parts = [tape.emit((tape.emit(part, half), places), pooled) for part in (real, imaginary)]
    return _paired(tape, *(tape.emit(part, pooled) for part in parts))


_Complex = Callable[[Tape, Sequence[int], Operation], int]
_COMPLEX: dict[str, _Complex] = {
    "multiply": _product,
    "inorm": _whitened,
    "maxpool": _maximum,
    "tilepool": _maximum,
}
