"""Choices of depth, channels and size: every option is typed, counted, and builds what it says."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import combinations, product
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small import copy_matching, one_hot, stir

from dslnas.base.diagnostics import Diagnostic
from dslnas.check.check import check_file
from dslnas.elaborate.space import Setup, build
from dslnas.ir.analysis import extent
from dslnas.ir.genotype import Cell, Edge, Genotype, Node
from dslnas.ir.graph import Program
from dslnas.ir.tensortype import tensor
from dslnas.ir.verify import verify
from dslnas.ir.walk import Chosen, Everything, cost, walk
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.passes import PIPELINE, run_passes
from dslnas.prune.validate import validate
from dslnas.resolve.resolve import resolve

TEXT = """
use "lib/methods.nas"
use "lib/darts.nas"
op mb(out, k = choose {1, 3}) = x -> conv(1, out) -> relu -> dwconv(k) -> bn(affine: true)

space Drawn(nodes = 1, channels = 4) {
    candidates {
        skip_connect = skip
        dil_conv_3x3 = dil_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 1
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> STAGES
}
experiment {
    space:  Drawn
    method: METHOD
}
"""
STAGES = (
    "choose {1, 2} times normal",
    "choose {0, 2} times normal",
    "choose {1, 2} times reduction",
    "normal -> reduction(channels: choose {C, 2C})",
    "2 times conv(3, choose {4, 6})",
    "mb(choose {4, 6})",
    "choose {1, 2} times mb(6)",
    "choose {relu, maxpool(3, stride: 2)}",
    "conv(1, 4)",
)
HEAD = "global_pool -> linear(classes)"


def written(stages: str, folder: Path, method: str = "nasc") -> Path:
    path = folder / "drawn.nas"
    path.write_text(TEXT.replace("STAGES", stages).replace("METHOD", method), encoding="utf-8")
    return path


@cache
def program_of(stages: str) -> Program:
    """The program of a network, after all passes, over 1 x 17 x 20 and 3 classes."""
    with TemporaryDirectory() as folder:
        path = written(stages, Path(folder))
        assert check_file(path) == []
        return built(path, "Drawn")


def built(path: Path, space: str) -> Program:
    definitions, _ = resolve(path)
    setup = Setup({"nodes": 1, "channels": 4, "domain": "real"}, tensor("real", 1, 17, 20), 3)
    program, found = build(definitions.spaces[space], definitions.ops, setup)
    assert program is not None, found
    return run_passes(verify(program, "build"), PIPELINE)


def assignments(program: Program) -> list[Chosen]:
    """Every way to decide every choice, also those that decide nothing where others are taken."""
    points, selections = list(program.choices.values()), list(program.selections.values())
    return [
        Chosen(
            {point.id: option for point, option in zip(points, options, strict=True)},
            {one.id: kept for one, kept in zip(selections, sources, strict=True)},
        )
        for options in product(*(point.options for point in points))
        for sources in product(*(combinations(one.sources, one.keep) for one in selections))
    ]


def decisions(program: Program, chosen: Chosen) -> frozenset[tuple[str, str]]:
    """What of an assignment its network is made of."""
    steps = walk(program.network, chosen)
    called = {step.node.cell for step in steps if step.node.kind == "call"}
    steps += [step for name in called for step in walk(program.cells[name], chosen)]
    return frozenset(
        (step.node.choice, step.node.labels[port])
        for step in steps
        if step.node.kind in ("mix", "sum")
        for port in step.ports
    )


def genotype_of(program: Program, chosen: Chosen) -> Genotype:
    cells = []
    for kind in program.kinds.values():
        nodes = []
        for name in kind.nodes:
            kept = chosen.sources[f"{kind.name}/{name}"]
            edges = (Edge(source, chosen.options[f"{kind.name}/{name}<-{source}"]) for source in kept)
            nodes.append(Node(name, tuple(edges)))
        cells.append(Cell(kind.name, kind.inputs, tuple(nodes), kind.output))
    choices = ((id, chosen.options[id]) for id, point in program.choices.items() if not point.node)
    return Genotype(program.space, "sha256:0", "nasc", tuple(cells), tuple(choices))


networks = st.lists(st.sampled_from(STAGES), min_size=1, max_size=3).map(
    lambda stages: " -> ".join(["conv(3, choose {2, 4})", *stages, HEAD])
)


@settings(max_examples=20, deadline=None)
@given(networks)
def test_size_and_extremes_are_those_of_all_assignments(network: str) -> None:
    program = program_of(network)
    raw = prod(len(point.options) for point in program.choices.values())
    assume(raw * prod(len(one.sources) for one in program.selections.values()) <= 1500)
    every = {decisions(program, chosen): chosen for chosen in assignments(program)}
    assert extent.size(program) == len(every)
    costs = [cost(program, chosen) for chosen in every.values()]
    for found, values in (
        (extent.params_extremes(program), [one.params for one in costs]),
        (extent.macs_extremes(program), [one.macs for one in costs]),
    ):
        assert (found.least, found.most) == (min(values), max(values))


@settings(max_examples=20, deadline=None)
@given(networks, st.integers(0, 2**16))
def test_a_genotype_builds_the_types_of_its_path(network: str, seed: int) -> None:
    program = program_of(network)
    chosen = drawn(program, seed)
    genotype = validate(genotype_of(program, chosen), program)
    with torch.device("meta"):
        pruned = PrunedNetwork(program, genotype, seed)
        shapes: dict[str, tuple[int, ...]] = {}
        for name, part in pruned.network.parts.items():
            part.register_forward_hook(
                lambda module, args, result, name=name: shapes.update({name: tuple(result.shape[1:])})
            )
        assert pruned(torch.empty(2, 1, 17, 20)).shape == (2, 3)
    assert shapes == {
        step.node.id.replace(".", "·"): step.node.type.shape
        for step in walk(program.network, chosen)
        if step.node.kind in ("primitive", "call")
    }
    assert sum(p.numel() for p in pruned.parameters()) == cost(program, chosen).params


def drawn(program: Program, seed: int) -> Chosen:
    """One assignment at random."""
    chance = random.Random(seed)
    return Chosen(
        {id: chance.choice(point.options) for id, point in program.choices.items()},
        {id: tuple(sorted(chance.sample(one.sources, one.keep))) for id, one in program.selections.items()},
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_one_hot_supernet_with_variants_is_the_pruned_network(seed: int) -> None:
    program = program_of(f"conv(3, choose {{2, 4}}) -> choose {{1, 3}} times normal -> reduction -> {HEAD}")
    chosen = drawn(program, seed)
    genotype = genotype_of(program, chosen)
    supernet = GraphModule(program.network, program, Everything()).double()
    stir(supernet, seed)
    pruned = PrunedNetwork(program, genotype, seed).double()
    copy_matching(supernet, pruned.network)
    supernet.eval(), pruned.eval()
    x = torch.randn(2, 1, 17, 20, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(supernet([x], one_hot(program, genotype)), pruned(x))


def test_a_deeper_network_holds_the_shallower_ones() -> None:
    program = program_of(f"conv(3, 4) -> choose {{1, 2, 4}} times normal -> {HEAD}")
    assert len(program.network.of_kind("call")) == 4
    assert program.choices["network/depth_1"].options == ("1", "2", "4")

    def at(option: str) -> Chosen:
        return Chosen({"network/depth_1": option}, {})

    calls = {
        option: sum(
            step.node.kind == "call"
            for step in walk(program.network, Chosen({"network/depth_1": option}, {}))
        )
        for option in ("1", "2", "4")
    }
    assert calls == {"1": 1, "2": 2, "4": 4}


def test_a_chain_of_choices_grows_with_its_length() -> None:
    """A layer for each pair of channels in and out, not for each combination of all choices before it."""

    def convolutions(length: int) -> int:
        stages = " -> ".join(["conv(3, choose {2, 4, 6})"] * length)
        program = program_of(f"{stages} -> {HEAD}")
        assert extent.size(program) == 3**length
        return sum(node.primitive == "conv" for node in program.network)

    assert [convolutions(length) for length in (1, 2, 5, 12)] == [3, 12, 39, 102]


def test_a_use_has_one_choice_in_all_variants() -> None:
    program = program_of(f"conv(3, choose {{2, 4}}) -> mb(6) -> {HEAD}")
    assert {id: point.options for id, point in program.choices.items()} == {
        "network/conv_1": ("out = 2", "out = 4"),
        "network/mb_1": ("k = 1", "k = 3"),
    }
    assert extent.size(program) == 4


@pytest.mark.parametrize("option", ["1", "2", "4"])
def test_a_space_is_fixed_in_depth_and_channels(option: str, tmp_path: Path) -> None:
    stages = f"conv(3, choose {{2, 4}}) -> choose {{1, 2, 4}} times normal -> {HEAD}"
    text = written(stages, tmp_path).read_text().replace("space:  Drawn", "space:  Fixed")
    fixed = f"space Fixed = Drawn with {{\n    network.depth: {option}\n    network.conv_1.out: 4\n}}\n"
    (tmp_path / "drawn.nas").write_text(text.replace("experiment {", fixed + "experiment {"))
    assert check_file(tmp_path / "drawn.nas") == []
    found = built(tmp_path / "drawn.nas", "Fixed")
    assert all(point.node for point in found.choices.values())
    program = program_of(stages)
    chosen = drawn(program, 0)
    chosen.options.update({"network/depth_1": option, "network/conv_1": "out = 4"})
    assert cost(program, chosen) == cost(found, chosen)


def found_in(stages: str, method: str = "nasc") -> list[Diagnostic]:
    with TemporaryDirectory() as folder:
        return check_file(written(stages, Path(folder), method))


@pytest.mark.parametrize(
    ("stages", "what"),
    [
        ("conv(3, 4) -> choose {1, 2} times normal", "depth"),
        ("conv(3, choose {4, 8})", "channels"),
        ("conv(3, 4) -> reduction(channels: choose {2C, 3C})", "channels"),
        ("conv(3, 4, choose {1, 2})", "size"),
    ],
)
def test_a_relaxed_method_says_who_can_search_it(stages: str, what: str) -> None:
    assert found_in(f"{stages} -> {HEAD}") == []
    (diagnostic,) = found_in(f"{stages} -> {HEAD}", "darts")
    assert (diagnostic.code, diagnostic.severity) == ("N0601", "error")
    assert (
        f"the {what} of a network" in diagnostic.message and "space Decided = Drawn with" in diagnostic.help
    )
    assert diagnostic.span is not None and diagnostic.span.text in stages


def test_what_one_option_breaks_is_told_with_the_option() -> None:
    """3C is odd where C is: halving it fails in that variant alone."""
    stages = f"conv(3, choose {{4, 5}}) -> (x -> conv(3, 4)) + x -> {HEAD}"
    (diagnostic,) = found_in(stages)
    assert diagnostic.code == "N0303"
    assert any("`network/conv_1` = `out = 5`" in note for note in diagnostic.notes)


ENDS = {
    "a map": "conv(3, 4)",
    "a number of its own": "global_pool -> linear(3)",
    "its channels": "global_pool",
    "twice the classes": "global_pool -> linear(2 * classes)",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_network_hands_out_its_classes_and_nothing_else(end: str) -> None:
    """The type is proved for any number of classes, and the help mends every such end."""
    (diagnostic,) = found_in(f"conv(3, choose {{4, 8}}) -> {end}")
    assert (diagnostic.code, diagnostic.counterexample) == ("N0311", ())  # whatever is chosen
    assert diagnostic.span is not None and diagnostic.span.text == end.split(" -> ")[-1]
    mended = re.findall("`([^`]*)`", diagnostic.help)[0]
    stages = end.rpartition(diagnostic.span.text)[0] + mended if mended[0] != "-" else f"{end} {mended}"
    assert found_in(f"conv(3, choose {{4, 8}}) -> {stages.replace('end it on ', '')}") == []


@pytest.mark.parametrize(
    "last", ["linear(classes)", "linear(2 * classes / 2)", "conv(1, classes) -> global_pool"]
)
def test_what_ends_in_the_classes_is_sound_however_it_comes_there(last: str) -> None:
    pooled = "global_pool -> " if last.startswith("linear") else ""
    assert found_in(f"conv(3, choose {{4, 8}}) -> {pooled}{last}") == []


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_counterexample_holds_what_fails_and_nothing_more(data: st.DataObject) -> None:
    """With the options that are told every architecture fails, and no option is told that does not matter."""
    good, wrong = "linear(classes)", "linear(3)"
    options = data.draw(st.lists(st.sampled_from((good, wrong)), min_size=2, max_size=3))
    written = [f"(x -> {end} -> scaled({place + 1}))" for place, end in enumerate(options)]
    found = found_in(f"conv(3, choose {{4, 8}}) -> global_pool -> choose {{{', '.join(written)}}}")
    if wrong not in options:
        assert found == []
        return
    (diagnostic,) = found
    assert diagnostic.code == "N0311" and diagnostic.counterexample is not None
    told = [(one.point, one.taken) for one in diagnostic.counterexample]
    if good in options:
        ((point, (taken,)),) = told
        assert point == "network/choose_1" and wrong in taken
    else:
        assert told == []
