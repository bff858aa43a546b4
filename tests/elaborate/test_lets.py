"""`let` in spaces and networks: names for values, operations and tensors, and what they mean."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import copy_matching, one_hot, random_genotype, stir

from dslnas.check.check import check_file
from dslnas.elaborate.space import Setup, build
from dslnas.ir.graph import Graph, Program
from dslnas.ir.tensortype import tensor
from dslnas.ir.verify import verify
from dslnas.ir.walk import Everything
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.passes import PIPELINE, run_passes
from dslnas.resolve.frozen import space_hash
from dslnas.resolve.resolve import resolve

HEAD = """
use "lib/darts.nas"
op mb(out, k = choose {1, 3}) = x -> conv(1, out) -> relu -> dwconv(k) -> bn
"""
CELL = """
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..1] = sum(choose {skip, dil_conv(3)}(p) for p in earlier) keep 1
        concat(n)
    }
""".replace("choose {skip, dil_conv(3)}(p)", "choose candidates(p)")
SPACE = (
    HEAD + "space S(nodes = 1, channels = 4) {\n    candidates { skip_connect = skip, dil = dil_conv(3) }\n"
)
STAGES = (
    "choose {1, 2} times normal",
    "normal -> normal(channels: choose {C, 2C})",
    "2 times conv(3, choose {4, 6})",
    "mb(choose {4, 6})",
    "choose {relu, maxpool(3, stride: 2)}",
    "(x + (x -> mb(C_in)))",
    "choose {relu, silu}",
)
END = "global_pool -> linear(classes)"


def space(network: str, lets: str = "") -> str:
    return f"{SPACE}{lets}{CELL}    network {network}\n}}\n"


@cache
def built(text: str) -> Program:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "it.nas"
        path.write_text(text, encoding="utf-8")
        assert [one for one in check_file(path) if one.severity == "error"] == []
        definitions, _ = resolve(path)
    setup = Setup({"nodes": 1, "channels": 4, "domain": "real"}, tensor("real", 1, 17, 20), 3)
    program, found = build(definitions.spaces["S"], definitions.ops, setup)
    assert program is not None, found
    return verify(program, "build")


def one_hot_is_pruned(program: Program, seed: int) -> None:
    """Of a random genotype: the supernet with one-hot weights computes what the pruned network does."""
    genotype = random_genotype(program, seed)
    supernet = GraphModule(program.network, program, Everything()).double()
    stir(supernet, 1)
    pruned = PrunedNetwork(program, genotype, 1).double()
    copy_matching(supernet, pruned.network)
    supernet.eval(), pruned.eval()
    x_NCFT = torch.randn(2, 1, 17, 20, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(supernet([x_NCFT], one_hot(program, genotype)), pruned(x_NCFT))


def hash_of(text: str, folder: Path) -> str:
    path = folder / "it.nas"
    path.write_text(text, encoding="utf-8")
    definitions, _ = resolve(path)
    return space_hash(definitions.spaces["S"], definitions)


def shape(graph: Graph) -> list[object]:
    return [(node.id, node.kind, str(node.type), node.attributes, graph.inputs(node.id)) for node in graph]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(STAGES), min_size=2, max_size=4), st.sets(st.integers(0, 3), min_size=1))
def test_a_pipe_in_pieces_is_the_pipe(stages: list[str], cuts: set[int]) -> None:
    pipe, name, lets = "input", "", list[str]()
    for place, stage in enumerate(stages):
        pipe += f" -> {stage}"
        if place in cuts:
            name = f"part{place}"
            lets.append(f"        let {name} = {pipe}\n")
            pipe = name
    split = built(space("{\n" + "".join(lets) + f"        {pipe} -> {END}\n    }}"))
    whole = built(space(f"= input -> {' -> '.join(stages)} -> {END}"))
    assert shape(split.network) == shape(whole.network)
    assert split.choices == whole.choices
    assert [shape(cell) for cell in split.cells.values()] == [shape(cell) for cell in whole.cells.values()]


BRANCHES = """{
        let stem = input -> conv(3, 4) -> bn
        let slow = stem -> choose {1, 2} times mb(4) -> normal(channels: 2C)
        let fast = stem -> conv((1, 5), choose {4, 6}) -> conv(1, 8) -> act
        let wide = 3 * channels
        concat(slow, fast) -> conv(1, wide) -> block -> global_pool -> linear(classes)
    }"""
LETS = """
    let act   = choose {relu, silu}
    let both  = 2 + 1
    let block = x -> conv(both, C_in) -> act -> bn
"""


def test_two_branches_that_merge_late_are_what_a_genotype_says() -> None:
    program = run_passes(built(space(BRANCHES, LETS)), PIPELINE)
    one_hot_is_pruned(program, 3)
    stem = next(node.id for node in program.network if node.primitive == "bn")
    readers = [node.id for node in program.network if stem in program.network.inputs(node.id)]
    assert len(readers) >= 2  # the branches share what they begin with


JOINS = """use "lib/darts.nas"
op edge = choose {sep_conv(3), max_pool(3), skip}
op join(other) = choose {x + other, x * other, x - other}
space S(nodes = 1, channels = 4, domain = real) {
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev -> align(prev)
        let n1 = a -> edge -> join(b -> edge)
        let n2 = (n1 -> edge) * (b -> edge)
        concat(n1, n2)
    }
    network = input -> conv(3, 4, 2) -> bn -> normal -> normal -> global_pool -> linear(classes)
}
"""


@pytest.mark.parametrize("seed", range(4))
def test_nodes_that_multiply_or_choose_how_they_join_are_what_a_genotype_says(seed: int) -> None:
    """One-hot, both uses of the cell alike: the pruned network."""
    program = run_passes(built(JOINS), PIPELINE)
    names = ("n1/choose_1", "n1/choose_2", "n1/choose_3", "n2/choose_1", "n2/choose_2")
    assert set(program.choices) == {f"normal/{name}" for name in names}
    one_hot_is_pruned(program, seed)


def test_a_name_of_a_space_is_what_it_stands_for() -> None:
    named = built(
        space("= input -> conv(3, wide) -> block -> normal -> " + END, "    let wide = 2 * channels\n" + LETS)
    )
    ops = "op act = choose {relu, silu}\nop block = x -> conv(3, C_in) -> act -> bn\n"
    plain = built(ops + space("= input -> conv(3, 8) -> block -> normal -> " + END))
    assert shape(named.network) == shape(plain.network) and named.choices == plain.choices


def test_a_cell_and_a_candidate_read_the_names_of_their_space() -> None:
    lets = "    let wide = 2 * channels\n    let thick = x -> conv(1, wide) -> conv(1)\n"
    text = space("= input -> conv(3, 4) -> normal -> " + END, lets)
    text = text.replace("dil = dil_conv(3)", "dil = thick").replace(
        "-> align(prev)\n        let b", "-> thick\n        let b"
    )
    program = built(text)
    widths = [
        str(node.type.channels) for node in next(iter(program.cells.values())) if node.primitive == "conv"
    ]
    assert widths.count("8") == 3


def test_names_are_part_of_the_space(tmp_path: Path) -> None:
    text = space("= input -> conv(3, wide) -> normal -> " + END, "    let wide = 2 * channels\n")
    assert hash_of(text, tmp_path) != hash_of(text.replace("2 * channels", "3 * channels"), tmp_path)
    derived = text.replace("space S(", "space Base(") + "space S = Base with { wide = 5 }\n"
    assert any(node.type.channels.known == 5 for node in built(derived).network)


MISTAKES = {
    "let channels = 4": ("N0202", "`channels` means something already"),
    "let relu = x -> conv(3)": ("N0202", "`relu` means something already"),
    "let normal = 2": ("N0202", "name `normal` is defined twice"),
    "let spare = 2": ("N0402", "intermediate `spare` of `S` is used by nothing"),
    "let spare = input -> conv(3)": ("N0201", "nothing is named `input` here"),
    "let used = 2C": ("N0201", "nothing is named `C` here"),
    "let used = missing": ("N0201", "nothing is named `missing` here"),
    "let used = other\n    let other = used": ("N0201", "nothing is named `other` here"),
    "let around = x -> around": ("N0205", "`around` is defined by itself"),
}


@pytest.mark.parametrize("let", MISTAKES)
def test_mistakes_in_a_space_have_a_place(let: str, tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    stages = [f"conv(3, {'used' if 'used' in let else 4})", *(["around"] if "around" in let else [])]
    path.write_text(space(f"= input -> {' -> '.join(stages)} -> normal -> {END}", f"    {let}\n"))
    found = [(one.code, one.message) for one in check_file(path) if one.span and one.span.line <= 10]
    assert MISTAKES[let] in found


IN_NETWORK = {
    "let a = input\n        let a = input": ("N0202", "name `a` is defined twice"),
    "let classes = 3": ("N0202", "`classes` means something already"),
    "let normal = input": ("N0202", "`normal` means something already"),
    "let spare = input -> conv(3)": ("N0402", "intermediate `spare` of `S` is used by nothing"),
    "let spare = input -> missing": ("N0201", "there is no operation `missing`"),
    "let one = two\n        let two = input -> conv(3)": ("N0201", "nothing is named `two` here"),
    "let block = x -> conv(3)": ("N0201", "nothing is named `x` here"),
}


@pytest.mark.parametrize("let", IN_NETWORK)
def test_mistakes_in_a_network_have_a_place(let: str, tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(space(f"{{\n        {let}\n        input -> conv(3, 4) -> normal -> {END}\n    }}"))
    found = [(one.code, one.message) for one in check_file(path) if one.span and one.span.line > 10]
    assert IN_NETWORK[let] in found


def test_a_tensor_is_no_stage(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text(
        space(f"{{\n        let a = input -> conv(3, 4)\n        input -> a -> normal -> {END}\n    }}")
    )
    (error, *_) = [one for one in check_file(path) if one.severity == "error"]
    assert error.message == "there is no operation `a`" and error.help and "join" in error.help


@pytest.mark.parametrize("choice", ("choose {relu, silu}", "relu", "conv(3)", "2 times conv(3)"))
def test_an_operation_may_be_written_alone(choice: str) -> None:
    alone = built(f"op one = {choice}\n" + space("= input -> conv(3, 4) -> one -> normal -> " + END))
    piped = built(f"op one = x -> {choice}\n" + space("= input -> conv(3, 4) -> one -> normal -> " + END))
    assert shape(alone.network) == shape(piped.network) and alone.choices == piped.choices
