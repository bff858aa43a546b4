"""Sizes of spaces against closed forms, ranges against every genotype."""

from __future__ import annotations

from itertools import combinations, product
from math import comb
from pathlib import Path

import pytest
from hostile import cells

from dslnas.base import limits
from dslnas.ir.analysis import extent
from dslnas.ir.analysis.extent import params_extremes
from dslnas.ir.graph import Keep, Program
from dslnas.ir.walk import Chosen, cost
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

TINY = """
use "lib/darts.nas"
use "lib/methods.nas"

space Tiny(nodes = 2, channels = 4, repeat = 1, domain = real) {
    candidates {
        pool = max_pool(3)
        skip = skip
        conv = sep_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> conv(3) -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep KEEP
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, 3 * channels) -> normal -> reduction(channels: 2C) -> TAIL
        -> global_pool -> linear(classes)
}
"""


def tiny(folder: Path, keep: str = "1", tail: str = "normal", **changes: str) -> Experiment:
    """A space small enough to try every genotype; with `keep 1` adapters and nodes may be dead."""
    text = TINY.replace("KEEP", keep).replace("TAIL", tail)
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "tiny.nas"
    path.write_text(text, encoding="utf-8")
    return load(path, Request(preset="paper", overrides=["nodes=2", "train.channels=6"]))


def every_genotype(program: Program, keep: int | None = None) -> list[Chosen]:
    """All genotypes of a program, by brute force."""
    kept_sources = [
        list(combinations(s.sources, s.keep if keep is None else min(keep, s.keep)))
        for s in program.selections.values()
    ]
    options = [point.options for point in program.choices.values()]
    return [
        Chosen(
            dict(zip(program.choices, taken, strict=True)), dict(zip(program.selections, kept, strict=True))
        )
        for kept in product(*kept_sources)
        for taken in product(*options)
    ]


@pytest.mark.parametrize("nodes", [1, 2, 4])
def test_the_size_of_ss1_is_its_closed_form(nodes: int) -> None:
    """Per cell the product over its nodes of C(edges, 2), and seven candidates on each kept edge."""
    program = load("ss1", Request(data="sc09", preset="paper", overrides=[f"nodes={nodes}"])).supernet
    cell = 7 ** (2 * nodes)
    for node in range(nodes):
        cell *= comb(2 + node, 2)
    assert extent.size(program) == cell**2
    assert len(program.choices) == 2 * sum(2 + node for node in range(nodes))


def test_what_the_method_keeps_counts_where_it_is_less() -> None:
    program = load("ss1", Request(data="sc09", preset="paper")).supernet
    assert extent.size(program, Keep(1)) == (2 * 3 * 4 * 7**3) ** 2
    assert extent.size(program, Keep(5)) == extent.size(program)


def test_the_size_counts_every_genotype(tmp_path: Path) -> None:
    program = tiny(tmp_path, "1", "normal", **{"        skip = skip\n": ""}).supernet
    distinct = {
        tuple((id, s, one.options[f"{id}<-{s}"]) for id, kept in one.sources.items() for s in kept)
        for one in every_genotype(program)
    }
    assert extent.size(program) == len(distinct) == (2 * 3 * 2**2) ** 2


@pytest.mark.parametrize(
    ("keep", "fewer"), [("1", "        pool = max_pool(3)\n"), ("2", "        skip = skip\n")]
)
def test_the_range_of_the_pruned_network_is_that_of_every_genotype(
    tmp_path: Path, keep: str, fewer: str
) -> None:
    """Two kinds of cells, adapters that may be dead, cells of one kind with different adapters."""
    program = tiny(tmp_path, keep, "normal", **{fewer: ""}).evaluation
    assert extent.params_extremes(program) == brute_force(program, "params")
    assert extent.macs_extremes(program) == brute_force(program, "macs")


@pytest.mark.parametrize("keep", [Keep(2, pairs=True), Keep(2, fewer=True), Keep(1, pairs=True)])
def test_what_a_method_keeps_is_counted_and_in_the_range(tmp_path: Path, keep: Keep) -> None:
    """Pairs of an edge and an operation, and nodes that may keep fewer edges, against every such cell."""
    program = tiny(tmp_path, "2", "normal", **{"        skip = skip\n": ""}).evaluation
    cells = {kind: every_cell(program, kind, keep) for kind in program.kinds}
    assert extent.cell_sizes(program, keep) == {kind: len(found) for kind, found in cells.items()}
    first = [found[0] for found in cells.values()]
    for figure, extremes in (
        ("params", extent.params_extremes(program, keep)),
        ("macs", extent.macs_extremes(program, keep)),
    ):
        base = getattr(cost(program, joined(first)), figure)
        least = most = base
        for place, found in enumerate(cells.values()):
            others = [[*first[:place], one, *first[place + 1 :]] for one in found]
            differences = [getattr(cost(program, joined(one)), figure) - base for one in others]
            least, most = least + min(differences), most + max(differences)
        assert (extremes.least, extremes.most) == (least, most)


def every_cell(program: Program, kind: str, keep: Keep) -> list[Chosen]:
    """All genotypes of a kind of cell: every set of pairs into each node that a method may keep."""
    nodes = []
    for selection in (one for one in program.selections.values() if one.cell == kind):
        pairs = [
            (source, choice, option)
            for source, choice in zip(selection.sources, selection.edges, strict=True)
            for option in program.choices[choice].options
        ]
        most = keep.of(selection)
        sets = [
            kept
            for count in range(1 if keep.fewer else most, most + 1)
            for kept in combinations(pairs, count)
            if keep.pairs or len({source for source, _, _ in kept}) == count
        ]
        nodes.append([(selection.id, kept) for kept in sets])
    found = []
    for taken in product(*nodes):
        options: dict[str, list[str]] = {}
        for _, kept in taken:
            for _, choice, option in kept:
                options.setdefault(choice, []).append(option)
        sources = {node: tuple(dict.fromkeys(source for source, _, _ in kept)) for node, kept in taken}
        single = {id: kept[0] for id, kept in options.items() if len(kept) == 1}
        several = {id: tuple(kept) for id, kept in options.items() if len(kept) > 1}
        found.append(Chosen(single, sources, several))
    return found


def joined(cells: list[Chosen]) -> Chosen:
    """The policy of several kinds of cells."""
    return Chosen(
        {id: option for one in cells for id, option in one.options.items()},
        {id: sources for one in cells for id, sources in one.sources.items()},
        {id: options for one in cells for id, options in one.several.items()},
    )


def test_dead_nodes_and_adapters_are_left_out_of_the_range(tmp_path: Path) -> None:
    """The cell hands out its last node alone, so that the first node and an adapter may be dead."""
    changes = {"concat(n)": "n[2] -> conv(1)", "        pool = max_pool(3)\n": ""}
    program = tiny(tmp_path, "1", "normal", **changes).evaluation
    assert extent.params_extremes(program) == brute_force(program, "params")


def brute_force(program: Program, figure: str) -> extent.Extremes:
    """The extremes over all genotypes. The kinds of cells share no choice: each is tried by itself."""
    base = getattr(cost(program, _first(program)), figure)
    kinds = [[getattr(cost(program, one), figure) for one in _every(program, kind)] for kind in program.kinds]
    # What the other kinds cost at their first options is in every figure, and counted once.
    shared = (len(kinds) - 1) * base
    return extent.Extremes(sum(map(min, kinds)) - shared, sum(map(max, kinds)) - shared)


def _first(program: Program) -> Chosen:
    return Chosen(
        {id: point.options[0] for id, point in program.choices.items()},
        {id: s.sources[: s.keep] for id, s in program.selections.items()},
    )


def _every(program: Program, kind: str) -> list[Chosen]:
    """Every genotype of a kind of cell, the other kinds at their first options."""
    first = _first(program)
    selections = [s for s in program.selections.values() if s.cell == kind]
    points = [edge for s in selections for edge in s.edges]
    return [
        Chosen(
            {**first.options, **dict(zip(points, taken, strict=True))},
            {**first.sources, **{s.id: k for s, k in zip(selections, kept, strict=True)}},
        )
        for kept in product(*(combinations(s.sources, s.keep) for s in selections))
        for taken in product(*(program.choices[point].options for point in points))
    ]


LAYERS = """
op block(k = choose {3, 5, 7}, wide = choose {1, 2}) = x
    -> conv(1, wide * C) -> bn -> dwconv(k) -> conv(1) -> bn

space Layers(channels = 4) {
    network = input -> conv(3) -> block -> choose {conv(3), x -> conv(5) -> block, block} -> global_pool
        -> linear(classes)
}
"""


def test_a_layer_wise_space_with_choices_inside_of_choices(tmp_path: Path) -> None:
    path = tmp_path / "layers.nas"
    path.write_text(LAYERS, encoding="utf-8")
    program = load(path, Request(preset="paper")).supernet
    costs = [cost(program, one) for one in every_genotype(program)]
    assert extent.size(program) == 6 * (1 + 6 + 6)
    for figure, found in (
        ("params", extent.params_extremes(program)),
        ("macs", extent.macs_extremes(program)),
    ):
        values = [getattr(one, figure) for one in costs]
        assert (found.least, found.most) == (min(values), max(values))


WIDTHS = """
op enter(out) = x -> conv(1, out) -> bn
op layer = x -> conv(1, C_in) -> choose {relu, tanh}

space Widths {
    network = input -> enter(choose {2, 4}) -> choose {x -> COUNT times layer, relu}
        -> enter(choose {3, 5}) -> choose {x -> COUNT times layer, relu}
        -> global_pool -> linear(classes)
}
"""


def widths(folder: Path, count: int) -> Program:
    path = folder / "widths.nas"
    path.write_text(WIDTHS.replace("COUNT", str(count)), encoding="utf-8")
    return load(path, Request(preset="paper", overrides=("method=nasc",))).supernet


def test_what_stands_in_a_part_of_another_width_is_not_remembered(tmp_path: Path) -> None:
    """Each width has the layers once more, with the same choices: 2^20 ways to decide those of one stage."""
    few, many = widths(tmp_path, 2), widths(tmp_path, 20)
    costs = [cost(few, one).macs for one in every_genotype(few)]
    assert extent.size(few) == (2 * (2**2 + 1)) ** 2
    assert extent.size(many) == (2 * (2**20 + 1)) ** 2
    found = extent.macs_extremes(few)
    assert (found.least, found.most) == (min(costs), max(costs))
    assert extent.proven_extreme(many, Keep(), lambda cost: cost.macs, 1)[1]


def test_a_large_cell_is_no_large_computation() -> None:
    program = load("ss1", Request(data="sc09", preset="quick", overrides=["nodes=7", "repeat=0"])).evaluation
    found = extent.params_extremes(program)
    assert 0 < found.least < found.most


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_node_that_keeps_many_of_many_edges_has_a_plan(tmp_path: Path) -> None:
    """There are 10^11 ways to keep 20 of 40 edges: the extremes are then bounds that genotypes attain."""
    text = cells(keep=20).replace(
        "node n[1..nodes]", "node m[1..38] = sum(p for p in earlier)\n        node n[1..2]"
    )
    experiment = load(write(tmp_path / "many.nas", text))
    extremes = params_extremes(experiment.supernet)
    assert 0 < extremes.least < extremes.most


def test_an_extreme_is_proven_unless_states_were_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ways to call cells left out, a network that is cheap may be among them."""
    tiny(tmp_path).path.write_text(
        TINY.replace("KEEP", "1").replace("TAIL", "choose {1, 2, 3} times normal"), encoding="utf-8"
    )
    one = load(tmp_path / "tiny.nas", Request(preset="paper", overrides=("method=nasc", "nodes=2")))
    assert extent.proven_extreme(one.evaluation, Keep(), lambda cost: cost.params, 1)[1]
    monkeypatch.setattr(limits, "CALLS", 1)
    assert not extent.proven_extreme(one.evaluation, Keep(), lambda cost: cost.params, 1)[1]
