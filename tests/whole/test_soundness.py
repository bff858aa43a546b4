"""The proof of a space against architectures that are run: what is inferred holds, what is refused fails."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from eager import evaluate_architecture
from eager_dataflow import Fails, Run
from eager_primitives import EAGER
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import CLASSES, SpaceText, concrete_program, drawn, spaces, spectrograms

from dslnas.base.diagnostics import Diagnostic, errors
from dslnas.base.rendering import to_json
from dslnas.check.typecheck import typecheck
from dslnas.elaborate.space import Setup, build
from dslnas.ir.graph import GraphNode, Program
from dslnas.ir.primitives import REGISTRY, frontend
from dslnas.ir.tensortype import Domain, TensorType, tensor
from dslnas.ir.walk import Chosen, walk
from dslnas.lower.network import GraphModule
from dslnas.resolve.definitions import Definitions
from dslnas.resolve.library import find_space
from dslnas.resolve.resolve import resolve
from dslnas.resolve.settings import symbolic

ARCHITECTURES = 10  # of each space
INPUT = tensor("real", 1, 37, 53)  # sizes and channels at which nothing is alike by chance
CHANNELS = 22


class Architecture:
    """Choices drawn at random as they are met, but for those that a counterexample takes."""

    def __init__(self, seed: int, keep: Mapping[str, int], taken: Mapping[str, tuple[str, ...]]) -> None:
        self.chance = random.Random(seed)
        self.keep, self.taken = keep, dict(taken)
        self.offered: dict[str, tuple[str, ...]] = {}

    def take(self, point: str, labels: tuple[str, ...]) -> tuple[str, ...]:
        """What is taken at a choice point (one option) or at a selection (so many sources)."""
        self.offered[point] = labels
        if point not in self.taken:
            count = 1 if is_choice(point) else self.keep.get(point, len(labels))
            drawn = set(self.chance.sample(range(len(labels)), count))
            self.taken[point] = tuple(label for place, label in enumerate(labels) if place in drawn)
        return self.taken[point]


def is_choice(point: str) -> bool:
    """Whether a point chooses an option; else it keeps edges: `normal/n1`."""
    return re.fullmatch(r"\w+/n\d+", point) is None


def run(definitions: Definitions, channels: int, input: TensorType, architecture: Architecture) -> Run:
    """An architecture, run on zeros; raises Fails."""
    space = drawn(definitions)
    parameters = {**symbolic(space), "channels": channels}
    made = Run(space, definitions.ops, parameters, CLASSES, architecture.take)
    dtype = torch.complex64 if parameters["domain"] == "complex" else torch.float32
    with torch.no_grad():
        evaluate_architecture(made, torch.zeros(2, *input.shape, dtype=dtype))
    return made


@pytest.mark.parametrize("domain", ["real", "complex"])
@pytest.mark.parametrize("varying", [False, True])
@settings(max_examples=15, deadline=None)
@given(st.data(), spectrograms(), st.integers(0, 2**16))
def test_every_architecture_has_the_inferred_types(
    varying: bool, domain: Domain, data: st.DataObject, input: TensorType, seed: int
) -> None:
    """Ten architectures of each of a hundred spaces, interpreted and built: types hold at every node.

    Half of the spaces also choose depths, channels and sizes (varying).
    """
    space = data.draw(spaces(varying, (domain,)))
    with TemporaryDirectory() as folder:
        definitions = space.resolve(Path(folder))
    program = concrete_program(definitions, space.channels, input)
    keep = {id: selection.keep for id, selection in program.selections.items()}
    for number in range(ARCHITECTURES):
        architecture = Architecture(seed + number, keep, {})
        assert_inferred(program, run(definitions, space.channels, input, architecture), architecture)
        offered = {id: point.options for id, point in program.choices.items()}
        offered |= {id: selection.sources for id, selection in program.selections.items()}
        for point in architecture.offered.keys() & offered.keys():
            assert architecture.offered[point] == offered[point]
        assert built(program, architecture).shape == (2, *program.network.output.type.shape)


def assert_inferred(program: Program, run: Run, architecture: Architecture) -> None:
    """Each node of the architecture was computed, and its value has the shape of its type.

    Where a network goes on in variants, the name of a node says in which it stands: `conv_2 [depth_1: 3]`.
    """
    chosen = chosen_of(program, architecture)
    graphs = [("", program.network)]
    for step in walk(program.network, chosen):
        if step.node.kind == "call":
            graphs.append((name_of(step.node), program.cells[step.node.cell]))
    for call, graph in graphs:
        values = run.shapes[call]
        for node in (step.node for step in walk(graph, chosen)):
            if node.kind == "mix" and name_of(node) not in values:
                continue  # it joins variants, of which one was computed
            assert values[name_of(node)] == node.type.shape, (call, node.id)


def name_of(node: GraphNode) -> str:
    """What a node is called in every variant."""
    return node.id.partition(" [")[0]


def chosen_of(program: Program, architecture: Architecture) -> Chosen:
    """What the architecture takes, and the first options of what it does not come to."""
    every = {id: point.options[:1] for id, point in program.choices.items()}
    every |= {id: one.sources[: one.keep] for id, one in program.selections.items()}
    taken = every | architecture.taken
    options = {id: taken[id][0] for id in program.choices}
    return Chosen(options, {id: taken[id] for id in program.selections})


def built(program: Program, architecture: Architecture) -> torch.Tensor:
    """The output of the architecture as it is lowered, on zeros."""
    chosen = chosen_of(program, architecture)
    (input,) = program.network.of_kind("input")
    with torch.no_grad():
        network = GraphModule(program.network, program, chosen)
        result: torch.Tensor = network([torch.zeros(2, *input.type.stored)])
    return result


# --- spaces with a mistake -------------------------------------------------------------------------------

CHANGES = (
    (r"stride(?=[,)])", "1"),
    (r", stride\)", ")"),
    (r"C, stride", "2 * C, stride"),
    (r"conv\(1\)", "conv(1, 3 * C)"),
    (r"conv\(1\)", "conv(1, C, 2)"),
    (r"C / 2", "C"),
    (r"-> relu", "-> dwconv(3, 2)"),
    (r"-> bn(?!\()", "-> maxpool(3, 2)"),
    (r"-> bn(?!\()", "-> concat(x, x)"),
    (r"-> tanh", "-> global_pool"),
    (r"-> global_pool", ""),
    (r"\(a -> conv\(1\)\)", "x"),
    (r"let a = x", "let a = x -> conv(3, 2 * C)"),
    (r"-> align\(prev\)", ""),
    (r"x -> dwconv", "x -> conv(1, 2 * C_in) -> dwconv"),
    (r"-> global_pool", "-> global_pool -> bn"),
)


@st.composite
def mutated(draw: st.DrawFn) -> SpaceText:
    """A space in which one thing is changed that may or may not be a mistake."""
    space = draw(spaces(draw(st.booleans()), ("real", "complex")))
    places = [(match, new) for old, new in CHANGES for match in re.finditer(old, space.text)]
    match, new = draw(st.sampled_from(places))
    return replace(space, text=space.text[: match.start()] + new + space.text[match.end() :])


@settings(max_examples=120, deadline=None)
@given(mutated(), st.integers(0, 2**16))
def test_a_changed_space_is_sound_or_its_counterexamples_fail(space: SpaceText, seed: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.nas"
        path.write_text(space.text)
        definitions, found = resolve(path)
    assert not errors(found), found
    program, problems = typecheck(drawn(definitions), definitions)
    wrong = errors(problems)
    if program is not None:
        concrete = concrete_program(definitions, CHANNELS, INPUT)
        keep = {id: selection.keep for id, selection in concrete.selections.items()}
        architecture = Architecture(seed, keep, {})
        assert_inferred(concrete, run(definitions, CHANNELS, INPUT, architecture), architecture)
        return
    for diagnostic in wrong:
        assert fails(definitions, diagnostic, seed) in {one.span for one in wrong}, diagnostic


def fails(definitions: Definitions, diagnostic: Diagnostic, seed: int) -> object:
    """Where the counterexample of a diagnostic fails, all else taken at random."""
    taken = to_json(diagnostic)["counterexample"]
    assert isinstance(taken, dict), diagnostic
    architecture = Architecture(seed, {}, {point: tuple(labels) for point, labels in taken.items()})
    try:
        run(definitions, CHANNELS, INPUT, architecture)
    except Fails as failure:
        return failure.span
    raise AssertionError(f"{taken} does not fail")


def test_every_primitive_of_networks_is_interpreted() -> None:
    """The interpreter knows all primitives but those of front ends."""
    front_end = {name for name, one in REGISTRY.items() if one.type_rule.__module__ == frontend.__name__}
    assert EAGER.keys() == REGISTRY.keys() - front_end


def test_every_architecture_of_a_layer_wise_space_has_the_inferred_types() -> None:
    definitions, _ = resolve(find_space("nasc"))
    space, input = definitions.spaces["NASC"], tensor("real", 1, 40, 101)
    program, found = build(space, definitions.ops, Setup(symbolic(space), input, CLASSES))
    assert program is not None, found
    for seed in range(ARCHITECTURES):
        architecture = Architecture(seed, {}, {})
        made = Run(space, definitions.ops, symbolic(space), CLASSES, architecture.take)
        evaluate_architecture(made, torch.empty(2, *input.shape, device="meta"))
        assert_inferred(program, made, architecture)
        assert architecture.offered == {id: point.options for id, point in program.choices.items()}


SEQUENCES = """op heads(h) {
    let q = x -> linear(C_in, bias: choose {true, false})
    attend(scores(q, x -> linear(C_in), heads: h) -> softmax(frequency), x) + (x -> position -> bias)
}
space Sequences {
    network = input
        -> conv(3, 8, 2) -> even -> fold -> linear(choose {8, 16})
        -> token -> heads(choose {2, 4})
        -> choose {gru(6), lstm(3, bidirectional: true), lstm(6, layers: choose {1, 2})}
        -> choose {heads(3), other} -> choose {last, mean_step} -> linear(3) -> linear(classes)
}
op even {
    let low = x -> choose {maxpool(3, 2), avgpool(3, 2)}
    x + upsample_to(low -> upsample((1, 2)), x) + (low -> choose {upsample(2), both})
}
op both = upsample_to(x -> upsample((2, 1)) -> upsample((1, 2)), x -> upsample)
op other = attend(scores(x -> linear(5), x -> linear(5)) -> softmax(frequency), x)
op mean_step = x -> mean(time) -> fold(time)
"""


def test_every_architecture_of_a_space_over_time_has_the_inferred_types(tmp_path: Path) -> None:
    (tmp_path / "sequences.nas").write_text(SEQUENCES, encoding="utf-8")
    definitions, found = resolve(tmp_path / "sequences.nas")
    assert not found
    space, input = definitions.spaces["Sequences"], tensor("real", 1, 12, 20)
    program, found = build(space, definitions.ops, Setup(symbolic(space), input, CLASSES))
    assert program is not None, found
    for seed in range(2 * ARCHITECTURES):
        architecture = Architecture(seed, {}, {})
        made = Run(space, definitions.ops, symbolic(space), CLASSES, architecture.take)
        evaluate_architecture(made, torch.empty(2, *input.shape, device="meta"))
        assert_inferred(program, made, architecture)
