"""At most so many skips in a cell: which ones stay, what stands in place of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import program_of, small

from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.methods.method import RelaxedMethod, relaxed
from dslnas.prune.prune import prune_as, restrict_skips
from dslnas.prune.validate import validate
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.relaxed.step import gap_of

Weights = dict[str, list[float]]
SKIP = "skip_connect"


def method(skips: int | None = None, ranked_by: str = "candidates") -> RelaxedMethod:
    """DARTS with plainly summed edges that keeps so many skips."""
    prune = f"top(1, candidates), top(2, edges, by: {ranked_by})"
    prune += "" if skips is None else f", top({skips}, skips)"
    return relaxed(small("ss1", "darts", "method.mix.edges=sum", f"method.prune={prune}").method)


def space() -> Program:
    """SS1 with three nodes, whose cells keep the size and halve it."""
    return program_of(small("ss1", "darts", "repeat=1", nodes=3))


def strong_skips(program: Program) -> tuple[Weights, Weights]:
    """Every edge prefers its skip: by 0.30, 0.31, 0.32, ... in the order of the edges; then sep_conv_3x3."""
    alpha: Weights = {}
    for place, (id, point) in enumerate(program.choices.items()):
        values = {SKIP: 0.30 + place / 100, "sep_conv_3x3": 0.2 + place / 1000}
        alpha[id] = [values.get(option, 0.05) for option in point.options]
    return alpha, {id: [1.0] * len(s.sources) for id, s in program.selections.items()}


def cell(genotype: Genotype, name: str) -> dict[str, str]:
    (found,) = (one for one in genotype.cells if one.name == name)
    return {f"{node.name}<-{e.source}": e.operation for node in found.nodes for e in node.edges}


def test_the_strongest_skips_stay_and_the_cell_is_derived_again() -> None:
    """n1 has the edges 0.30, 0.31, n2 0.32 to 0.34, n3 0.35 to 0.38: n3 keeps two skips, the last ones."""
    program = space()
    genotype = prune_as(method(2), program, *strong_skips(program), "")
    assert cell(genotype, "normal") == {
        "n1<-a": "sep_conv_3x3",
        "n1<-b": "sep_conv_3x3",
        "n2<-b": "sep_conv_3x3",  # of the other candidates 0.203 and 0.204 are strongest
        "n2<-n1": "sep_conv_3x3",
        "n3<-n1": SKIP,
        "n3<-n2": SKIP,
    }


def test_cells_that_halve_the_size_are_not_restricted() -> None:
    program = space()
    found = cell(prune_as(method(0), program, *strong_skips(program), ""), "reduction")
    assert set(found.values()) == {SKIP}


def test_a_skip_that_falls_lets_another_edge_in_with_its_skip_which_is_counted_again() -> None:
    """Once n3's kept skip weighs nothing, the next strongest edge of n3 is a skip as well."""
    program = space()
    alpha, gamma = strong_skips(program)
    for id, weights in alpha.items():
        if id.startswith("normal/n3"):
            weights[program.choices[id].options.index("sep_conv_3x3")] = 0.01
    genotype = prune_as(method(1), program, alpha, gamma, "")
    assert list(cell(genotype, "normal").values()).count(SKIP) == 1
    assert cell(genotype, "normal")["n3<-n2"] == SKIP
    assert cell(genotype, "normal")["n3<-a"] == "max_pool_3x3"  # 0.05 everywhere else: the first


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(0, 6), st.sampled_from(["edges", "candidates"]))
def test_a_cell_keeps_no_more_skips_than_it_may(data: st.DataObject, most: int, ranked_by: str) -> None:
    """And where the strongest cell has no more than that, nothing changes."""
    program = space()
    weight = st.floats(0, 1)
    alpha = {id: data.draw(st.lists(weight, min_size=7, max_size=7)) for id in program.choices}
    gamma = {
        id: data.draw(st.lists(weight, min_size=len(s.sources), max_size=len(s.sources)))
        for id, s in program.selections.items()
    }
    free = prune_as(method(None, ranked_by), program, alpha, gamma, "")
    few = validate(prune_as(method(most, ranked_by), program, alpha, gamma, ""), program)
    count = list(cell(free, "normal").values()).count(SKIP)
    left = list(cell(few, "normal").values()).count(SKIP)
    assert left <= most
    assert cell(few, "reduction") == cell(free, "reduction")
    if count <= most:
        assert few.cells == free.cells
    elif ranked_by == "edges":  # the edges stay, and so do the strongest of their skips
        assert left == most and cell(few, "normal").keys() == cell(free, "normal").keys()


def test_an_edge_that_offers_a_skip_alone_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "skips.nas"
    path.write_text(
        'use "ss1.nas"\nspace Skips(nodes = 2, channels = 4) {\n    candidates { skip_connect = skip }\n'
        "    cell normal(a, b) {\n        node n[1..nodes] = sum(choose candidates(p) for p in earlier)"
        " keep 2\n        concat(n)\n    }\n"
        "    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)\n}\n"
    )
    prune = "method.prune=top(2, edges, by: candidates), top(0, skips)"
    experiment = load(path, Request(data="fsdd", overrides=["method=darts", prune]))
    program = experiment.supernet
    alpha = {id: [1.0] for id in program.choices}
    gamma = {id: [0.5] * len(s.sources) for id, s in program.selections.items()}
    found = prune_as(relaxed(experiment.method), program, alpha, gamma, "")
    assert set(cell(found, "normal").values()) == {SKIP}


def test_the_gap_is_that_to_the_network_that_remains() -> None:
    """One-hot weights of what remains have no gap; at skips that it gives up a large one."""
    program, few = space(), method(0)
    alpha = {
        id: torch.nn.functional.one_hot(torch.tensor(point.options.index(SKIP)), 7).float()
        for id, point in program.choices.items()
    }
    gamma = {
        id: torch.tensor([1.0, 1.0] + [0.0] * (len(s.sources) - 2)) for id, s in program.selections.items()
    }
    assert gap_of(program, method(None, "edges"), alpha, gamma) == 0.0
    assert gap_of(program, few, alpha, gamma) > 0.05


def test_a_program_without_restriction_stays_as_it_is() -> None:
    program = space()
    assert restrict_skips(method(None), program, *strong_skips(program)) is program


@pytest.mark.parametrize("parted", [False, True])
def test_skips_are_known_by_what_they_compute(parted: bool) -> None:
    """On edges of stride 2 the same candidate computes something."""
    experiment = small("ss1", "pcdarts" if parted else "darts", "repeat=1", nodes=2)
    for id, point in program_of(experiment).choices.items():
        halves = id.startswith("reduction") and point.source in ("a", "b")
        assert point.skips == (() if halves else (SKIP,))
