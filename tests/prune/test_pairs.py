"""`top(2, pairs)`: the strongest pairs of an edge and a candidate, of which several may be of one edge.

I-DARTS (Jiang et al., 2019) compares the operations of all edges into a node under one softmax; the code of
GDAS (Dong and Yang, 2019) sorts the probabilities of all operations of all edges into a node, without `none`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import drawn_weights, genotype_of_pairs, hot, joins_twice, sorted_pairs
from small import batch, copy_matching, program_of, small, stir

from dslnas.base.source import Source
from dslnas.ir.genotype import from_json, json_text, to_json
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Architecture, Supernet
from dslnas.methods.method import RelaxedMethod, relaxed
from dslnas.parse.parse import parse
from dslnas.prune.prune import prune_as
from dslnas.prune.validate import validate
from dslnas.resolve.genotype_text import genotype_of, text_of
from dslnas.search.relaxed.inherited import inherited
from dslnas.search.relaxed.step import gap_of

METHODS = ("idarts", "gdas")


def space(method: str = "idarts", nodes: int = 3) -> Program:
    return program_of(small("ss1", method, "repeat=1", nodes=nodes))


def method(name: str = "idarts") -> RelaxedMethod:
    return relaxed(small("ss1", name, "repeat=1", nodes=3).method)


def kept_by(program: Program, genotype, node: str) -> set[tuple[str, str]]:  # type: ignore[no-untyped-def]
    cell, _, name = node.partition("/")
    (found,) = (one for one in genotype.cell(cell).nodes if one.name == name)
    return {(edge.source, edge.operation) for edge in found.edges}


@pytest.mark.parametrize("name", METHODS)
def test_the_methods_of_pairs_keep_two_of_a_node(name: str) -> None:
    assert (method(name).pairs, method(name).keep_edges) == (True, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**20), st.booleans())
def test_the_heaviest_pairs_of_every_node_remain(seed: int, zeros: bool) -> None:
    """Against all pairs, sorted; weights are drawn, so that none are equal. Zeros never remain."""
    program = space()
    if zeros:
        none = {id: replace(point, zeros=point.options[:1]) for id, point in program.choices.items()}
        program = replace(program, choices=none)
    alpha, gamma = drawn_weights(program, seed)
    genotype = validate(prune_as(method(), program, alpha, gamma, ""), program)
    for id, selection in program.selections.items():
        best = sorted_pairs(program, id, alpha, gamma)[: min(2, selection.keep)]
        assert kept_by(program, genotype, id) == {(source, option) for _, source, option in best}


@pytest.mark.parametrize("seed", range(3))
def test_idarts_compares_the_weights_of_its_one_softmax(seed: int) -> None:
    """The logits alone decide: all edges into a node and all their candidates have the same denominator."""
    program, wide = space(), replace(method(), start=2.0)
    architecture = Architecture(program, wide, seed).double()
    logits = {
        id: architecture.alpha[size][row].tolist()
        for size, ids in architecture.alpha_rows.items()
        for row, id in enumerate(ids)
    }
    alpha = {id: w.tolist() for id, w in architecture.mixed_alpha().items()}
    gamma = {id: w.tolist() for id, w in architecture.mixed_gamma().items()}
    genotype = prune_as(wide, program, alpha, gamma, "")
    ones = {id: [1.0] * len(one.sources) for id, one in program.selections.items()}
    for id in program.selections:
        best = sorted_pairs(program, id, logits, ones)[:2]
        assert kept_by(program, genotype, id) == {(source, option) for _, source, option in best}


def test_gdas_compares_probabilities_of_each_edge() -> None:
    """Edges weigh 1, so that an edge which is sure of two operations gives both."""
    program = space("gdas")
    alpha = {id: [0.01] * len(point.options) for id, point in program.choices.items()}
    gamma = {id: [1.0] * len(one.sources) for id, one in program.selections.items()}
    alpha["reduction/n2<-n1"][3:5] = [0.5, 0.4]
    genotype = prune_as(method("gdas"), program, alpha, gamma, "")
    options = program.choices["reduction/n2<-n1"].options[3:5]
    assert kept_by(program, genotype, "reduction/n2") == {("n1", option) for option in options}
    assert joins_twice(genotype)


@pytest.mark.parametrize("seed", range(4))
def test_genotypes_of_pairs_survive_json_and_text(seed: int) -> None:
    program = space()
    genotype = validate(genotype_of_pairs(program, seed), program)
    assert joins_twice(genotype)
    assert from_json(to_json(genotype)) == genotype
    file, problems = parse(Source("found.nas", text_of(genotype)))
    assert not problems
    assert genotype_of(file.definitions[0]) == genotype  # type: ignore[arg-type]
    assert json_text(genotype).count('"version": 1') == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_supernet_that_is_hot_at_the_pairs_is_the_pruned_network(seed: int) -> None:
    experiment = small("ss1", "gdas", nodes=3)
    program = program_of(experiment)
    genotype = genotype_of_pairs(program, seed)
    assert joins_twice(genotype)
    supernet = Supernet(program, relaxed(experiment.method), seed).double().eval()
    stir(supernet, seed)
    pruned = PrunedNetwork(program, genotype, seed + 1).double().eval()
    copy_matching(supernet.network, pruned.network)
    x, _ = batch(experiment, dtype=torch.float64)
    torch.testing.assert_close(supernet(x, hot(program, genotype)), pruned(x), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(inherited(supernet, program, genotype).double().eval()(x), pruned(x))


@pytest.mark.parametrize("seed", range(3))
def test_a_network_of_pairs_has_the_parameters_that_are_counted(seed: int) -> None:
    program = space()
    genotype = genotype_of_pairs(program, seed)
    network = PrunedNetwork(program, genotype, 0)
    found = sum(parameter.numel() for parameter in network.parameters())
    assert found == cost(program, Chosen.of(genotype)).params < cost(program, Everything()).params


def test_the_gap_is_to_all_that_remains_of_an_edge() -> None:
    """0 where weights are 1 at the pairs, and what they lack of it, option by option, where they are not."""
    program = space("gdas")
    genotype = genotype_of_pairs(program, 1)
    weights = hot(program, genotype)
    alpha = {id: weights[id] for id in program.choices}
    gamma = {id: weights[id] for id in program.selections}
    assert gap_of(program, method("gdas"), alpha, gamma) == 0.0
    (node,) = (node for cell in genotype.cells[:1] for node in cell.nodes[:1] if node.operations)
    selection = program.selections[f"{genotype.cells[0].name}/{node.name}"]
    edge = selection.edges[selection.sources.index(node.edges[0].source)]
    alpha[edge] = alpha[edge] * 0.9
    points = sum(len(one.operations) for cell in genotype.cells for one in cell.nodes)
    lacking = 0.1 * len(node.operations[node.edges[0].source]) / len(alpha[edge])
    whole = lacking / (points + len(program.selections))
    assert gap_of(program, method("gdas"), alpha, gamma) == pytest.approx(whole)
