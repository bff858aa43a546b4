"""Spaces fixed in part: what is decided is no choice any more, and costs and computes what was chosen."""

from __future__ import annotations

from dataclasses import replace
from math import comb
from pathlib import Path

import pytest
import torch
from drawing import genotype_drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pairs import genotype_of_pairs, joins_twice
from small import batch, copy_matching, one_hot, random_genotype, random_weights, stir, unshared
from strategies import CLASSES, drawn, spaces, spectrograms, symbolic

from dslnas.base.diagnostics import DslnasError
from dslnas.base.source import Source, start_of
from dslnas.elaborate.space import Setup, build
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.verify import verify
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Supernet
from dslnas.prune.prune import prune
from dslnas.prune.validate import validate
from dslnas.resolve.definitions import Definitions
from dslnas.resolve.found import decided_by
from dslnas.resolve.genotype_text import text_of
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request

SIZES = ("channels=4", "repeat=1")
BEGIN = start_of(Source("test", ""))


def experiment(folder: Path, with_: str, genotype: Genotype | None = None, base: str = "ss1") -> Experiment:
    """SS1, or another shipped space, `with` what a test says, on small sizes."""
    space = load(base, Request(data="fsdd")).space.name
    text = f'use "{base}.nas"\nspace Fixed = {space} with {with_}\n'
    if genotype is not None:
        (folder / "found.nas").write_text(text_of(genotype))
        text = 'use "found.nas"\n' + text
    (folder / "fixed.nas").write_text(text)
    return load(folder / "fixed.nas", Request(data="fsdd", overrides=("method=darts", *SIZES)))


def open_space(nodes: int = 3) -> Program:
    return load("ss1", Request(data="fsdd", overrides=(*SIZES, f"nodes={nodes}"))).supernet


def test_a_fixed_cell_has_no_choices(tmp_path: Path) -> None:
    program = open_space()
    one = experiment(tmp_path, "found.normal", random_genotype(program, 3))
    assert {point.cell for point in one.supernet.choices.values()} == {"reduction"}
    assert {selection.cell for selection in one.supernet.selections.values()} == {"reduction"}
    planned = plan(one)
    assert planned.choices == len(program.choices) // 2
    assert planned.size == (7 * 7) ** 3 * comb(2, 2) * comb(3, 2) * comb(4, 2)
    normal, reduction = planned.cells
    assert (normal.fixed, normal.nodes, normal.edges) == (3, 3, 6)
    assert (reduction.fixed, reduction.nodes, reduction.edges) == (0, 3, 9)


def test_the_genotype_says_how_many_nodes_a_fixed_cell_has(tmp_path: Path) -> None:
    """`nodes` still counts those of the cell that is searched."""
    genotype = random_genotype(open_space(nodes=2), 5)
    one = experiment(tmp_path, "found.normal", genotype)
    assert one.settings.search.parameters["nodes"] == 3
    assert len(one.supernet.kinds["normal"].nodes) == 2
    assert len(one.supernet.kinds["reduction"].nodes) == 3


@pytest.mark.parametrize("seed", range(3))
def test_a_supernet_of_a_fixed_cell_is_the_supernet_with_that_cell_one_hot(tmp_path: Path, seed: int) -> None:
    program = unshared(load("ss1", Request(data="fsdd", overrides=(*SIZES, "nodes=3"))))
    genotype = random_genotype(program, seed)
    one = experiment(tmp_path, "found.normal", genotype)
    fixed_program = unshared(one)
    whole = Supernet(program, one.method, seed).double().eval()
    fixed = Supernet(fixed_program, one.method, seed + 1).double().eval()
    stir(whole, seed)
    copy_matching(whole.network, fixed.network)
    weights = random_weights(fixed_program, seed)
    chosen = {id: w for id, w in one_hot(program, genotype).items() if id.startswith("normal/")}
    x, _ = batch(one, dtype=torch.float64)
    torch.testing.assert_close(fixed(x, weights), whole(x, weights | chosen), rtol=1e-10, atol=1e-10)
    assert cost(fixed_program, Everything()).params < cost(program, Everything()).params


@pytest.mark.parametrize("seed", range(2))
def test_a_cell_may_be_fixed_to_several_operations_between_two_nodes(tmp_path: Path, seed: int) -> None:
    """The network of a space that is fixed to them is the pruned network, with the same names of weights."""
    program = unshared(load("ss1", Request(data="fsdd", overrides=(*SIZES, "nodes=3"))))
    genotype = genotype_of_pairs(program, seed)
    assert joins_twice(genotype)
    one = experiment(tmp_path, "found", genotype)
    fixed = unshared(one)
    assert not fixed.choices and cost(fixed, Everything()) == cost(program, Chosen.of(genotype))
    ours = PrunedNetwork(program, genotype, seed).double().eval()
    theirs = PrunedNetwork(fixed, genotype, seed + 1).double().eval()
    theirs.load_state_dict(ours.state_dict())
    x, _ = batch(one, dtype=torch.float64)
    torch.testing.assert_close(theirs(x), ours(x), rtol=1e-10, atol=1e-10)


def test_an_operation_stands_once_between_two_nodes(tmp_path: Path) -> None:
    twice = "skip_connect(a) + skip_connect(a)"
    text = text_of(random_genotype(open_space(), 0)).replace(" = ", f" = {twice} + ", 1)
    (tmp_path / "found.nas").write_text(text)
    (tmp_path / "fixed.nas").write_text('use "found.nas"\nuse "ss1.nas"\nspace Fixed = SS1 with found\n')
    with pytest.raises(DslnasError, match=r"edge `skip_connect\(a\)` is there twice"):
        load(tmp_path / "fixed.nas", Request(data="fsdd", overrides=SIZES))


def test_what_is_found_then_holds_the_fixed_cell_too(tmp_path: Path) -> None:
    first = random_genotype(open_space(), 1)
    one = experiment(tmp_path, "found.normal", first)
    alpha = {id: [0.0] * len(point.options) for id, point in one.supernet.choices.items()}
    gamma = {id: [0.0] * len(s.sources) for id, s in one.supernet.selections.items()}
    keep = {id: s.keep for id, s in one.supernet.selections.items()}
    second = validate(prune(one.supernet, alpha, gamma, keep, one.space_hash, "darts"), one.supernet)
    assert second.cell("normal") == first.cell("normal")
    other_normal = random_genotype(open_space(), 2).cell("normal")
    other = replace(second, cells=(other_normal, second.cell("reduction")))
    with pytest.raises(DslnasError, match="is fixed by the space"):
        validate(other, one.supernet)


def test_a_fixed_space_is_another_space(tmp_path: Path) -> None:
    """Its genotypes are its own; the name of the genotype that fixes it does not matter."""
    genotype = random_genotype(open_space(), 1)
    hashes = {experiment(tmp_path, part, genotype).space_hash for part in ("{}", "found", "found.normal")}
    assert len(hashes) == 3
    again = replace(genotype, method="fairdarts", space_hash="sha256:1")
    assert experiment(tmp_path, "found", again).space_hash in hashes


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_space_fixed_as_a_whole_costs_what_its_genotype_costs(
    tmp_path_factory: pytest.TempPathFactory, data: DataObject
) -> None:
    """Whatever the choices are: edges, layers, arguments, choices inside of candidates."""
    definitions = data.draw(spaces()).resolve(tmp_path_factory.mktemp("drawn"))
    input = data.draw(spectrograms())
    program = built(definitions, Setup(sizes(definitions), input, CLASSES))
    genotype = genotype_drawn(data.draw, program)
    space = replace(drawn(definitions), fixes=(decided_by(genotype, None, BEGIN, {}),))
    fixed, problems = build(space, definitions.ops, Setup(sizes(definitions), input, CLASSES))
    assert fixed is not None, problems
    verify(fixed, "the test")
    assert not fixed.choices and not fixed.selections
    assert cost(fixed, Everything()) == cost(program, Chosen.of(genotype))


def sizes(definitions: Definitions) -> dict[str, object]:
    return {**symbolic(drawn(definitions)), "channels": 4}


def built(definitions: Definitions, setup: Setup) -> Program:
    program, problems = build(drawn(definitions), definitions.ops, setup)
    assert program is not None, problems
    return program


# --- choices that are listed --------------------------------------------------------------------------------

LAYERS = """\
op mb(out, along, k = choose {3, 5, 7}, expand = choose {3, 6}) = x
    -> conv(1, expand * C_in) -> bn -> relu6
    -> dwconv(k, along: along) -> bn -> relu6
    -> conv(1, out) -> bn
space Layers(channels = 4) {
    network = input -> conv(3, 8) -> mb(8, time) -> choose {relu, x -> tanh -> bn} -> mb(8, frequency)
        -> choose {mb(8, time, k: 3), mb(8, time, k: choose {5, 7}, expand: 3)}
        -> global_pool -> linear(classes)
}
"""


def layers(folder: Path, settings: str) -> Program:
    """The layers with what a text fixes, one choice a line."""
    (folder / "layers.nas").write_text(LAYERS + f"space Fixed = Layers with {{\n{settings}\n}}\n")
    return load(folder / "layers.nas", Request(data="fsdd")).supernet


def test_listed_choices_are_no_choices(tmp_path: Path) -> None:
    every = layers(tmp_path, "")
    assert list(every.choices) == [
        "network/mb_1",
        "network/choose_1",
        "network/mb_2",
        "network/choose_2/mb(8, time, k: 3)/mb_1",
        "network/choose_2/mb(8, time, k: choose {5, 7}, expand: 3)/mb_1",
        "network/choose_2",
    ]
    partly = layers(tmp_path, "network.mb.expand: 6\nnetwork.mb_2.k: 5\nnetwork.choose_1: relu")
    assert {id: point.options for id, point in partly.choices.items() if "choose" not in id} == {
        "network/mb_1": tuple(f"k = {k}, expand = 6" for k in (3, 5, 7))
    }
    assert "network/choose_1" not in partly.choices and "network/choose_2" in partly.choices


def test_of_several_fixes_the_last_counts(tmp_path: Path) -> None:
    """All uses first, then the exception; what `mb` inside of an option cannot be is not asked of it."""
    options = "network.choose_1: x -> tanh -> bn\nnetwork.choose_2: mb(8, time, k: 3)"
    all = f"{options}\nnetwork.mb.k: 3\nnetwork.mb.expand: 6"
    fixed = layers(tmp_path, f"{all}\nnetwork.mb_2.k: 7")
    assert not fixed.choices
    by_hand = {
        "network/mb_1": "k = 3, expand = 6",
        "network/choose_1": "x -> tanh -> bn",
        "network/mb_2": "k = 7, expand = 6",
        "network/choose_2": "mb(8, time, k: 3)",
        "network/choose_2/mb(8, time, k: 3)/mb_1": "expand = 6",
    }
    assert cost(fixed, Everything()) == cost(layers(tmp_path, ""), Chosen(by_hand, {}))


def test_a_plan_of_a_fixed_space_counts_its_one_network(tmp_path: Path) -> None:
    text = "network.mb.k: 5\nnetwork.mb.expand: 3\nnetwork.choose_1: relu"
    layers(tmp_path, f"{text}\nnetwork.choose_2: mb(8, time, k: choose {{5, 7}}, expand: 3)")
    data = to_json(plan(load(tmp_path / "layers.nas", Request(data="fsdd"))))
    assert (data["choices"], data["size"]) == (0, 1)
    figures = data["params"]
    assert figures["live"] == figures["supernet"] == figures["pruned"]["min"] == figures["pruned"]["max"] > 0


def test_the_command_line_fixes_choices_too(tmp_path: Path) -> None:
    (tmp_path / "layers.nas").write_text(LAYERS)
    one = load(
        tmp_path / "layers.nas", Request(data="fsdd", overrides=("network.mb_1.k=5", "network.mb_1.expand=3"))
    )
    assert "network/mb_1" not in one.supernet.choices and "network/mb_2" in one.supernet.choices
