"""Genes against every candidate of small spaces: what is alive, what is one network, what remains valid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import genotype_of_pairs, joins_twice
from small_genes import KERNEL, genes_of, program_of

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.analysis import extent
from dslnas.ir.analysis.genes import Candidate, Genes
from dslnas.ir.graph import Keep
from dslnas.ir.walk import Chosen, cost, walk
from dslnas.prune.validate import validate
from dslnas.runs.load import load
from dslnas.runs.request import Request


def every(genes: Genes) -> Iterator[Candidate]:
    """Every way to decide every gene, also those that nothing reads."""
    ways = [
        list(gene.options) if gene.keep is None else list(combinations(gene.options, gene.keep))
        for gene in genes.all.values()
    ]
    return (dict(zip(genes.all, decided, strict=True)) for decided in product(*ways))


def read(genes: Genes, candidate: Candidate) -> frozenset[str]:
    """The genes at which a walk through the whole network keeps something."""
    program, policy = genes.program, genes.policy(candidate)
    steps = walk(program.network, policy)
    called = {step.node.cell for step in steps if step.node.kind == "call"}
    steps += [step for name in called for step in walk(program.cells[name], policy)]
    return frozenset(step.node.choice for step in steps if step.node.kind in ("mix", "sum"))


SPACES: dict[str, tuple[str, dict[str, Any]]] = {
    "cells": ("normal", {}),
    "two kinds of cells, some called or not": (
        "choose {0, 1} times normal -> reduction",
        {"nodes": 1, "keep": 1},
    ),
    "layers": ("mb(choose {4, 6}) -> choose {1, 2} times mb(6) -> choose {0, 2} times mb(6)", {}),
    "options that hold choices": ("conv(3, 4) -> choose {conv(3, 4), x -> mb(4), x -> mb(4) -> mb(4)}", {}),
    "choices in operations": ("normal", {"keep": 1, "operation": KERNEL}),
    "dead nodes": ("normal", {"keep": 1, "output": "n[2] -> conv(1)"}),
    "a choice behind nodes": ("normal", {"keep": 1, "output": "(n[1] + n[2]) -> choose {relu, conv(1)}"}),
    "channels": ("reduction(channels: choose {C, 2C}) -> conv(1, 4)", {"nodes": 1}),
}
named = pytest.mark.parametrize("name", SPACES)


def space(name: str) -> Genes:
    stages, more = SPACES[name]
    return genes_of(stages, **more)


@named
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_alive_is_what_a_walk_keeps(name: str, seed: int) -> None:
    genes = space(name)
    candidate = genes.draw(Random(seed))
    assert genes.alive(candidate) == read(genes, candidate)


@pytest.mark.parametrize("name", [name for name in SPACES if name != "dead nodes"])
def test_there_are_as_many_keys_as_networks_up_to_isomorphism(name: str) -> None:
    genes = space(name)
    classes = extent.cell_classes(genes.program)
    sizes = {kind: found for kind, found in classes.items() if isinstance(found, int)}
    assert len({genes.key(one) for one in every(genes)}) == extent.architectures(genes.program, sizes)


def test_three_nodes_have_as_many_keys_as_cells() -> None:
    genes = genes_of("normal", nodes=3, keep=1)
    assert len({genes.key(one) for one in every(genes)}) == extent.cell_classes(genes.program)["normal"]


def test_the_key_of_a_network_says_what_it_costs() -> None:
    """One key, one network: also the same parameters and multiply-accumulates."""
    for genes in map(space, SPACES):
        costs: dict[str, object] = {}
        for seed in range(200):
            candidate = genes.draw(Random(seed))
            found = cost(genes.program, genes.policy(candidate))
            assert costs.setdefault(genes.key(candidate), found) == found


def test_nodes_that_nothing_reads_do_not_count() -> None:
    """The cell hands out its last node: of the first one only what a path to the output reads."""
    genes = space("dead nodes")
    # n2 reads an input (2 sources, 2 operations), or n1, which has 4 ways itself.
    assert len({genes.key(one) for one in every(genes)}) == 2 * 2 + 2 * 4


def test_nodes_that_are_not_alike_keep_their_names() -> None:
    """Where each node goes a way of its own, a cell and the same with other names are two networks."""
    together, apart = (
        genes_of("normal", output="n[1] + n[2]"),
        genes_of("normal", output="(n[1] -> relu) + n[2]"),
    )
    assert len({together.key(one) for one in every(together)}) < extent.size(together.program)
    assert len({apart.key(one) for one in every(apart)}) == extent.size(apart.program)


def test_operations_that_differ_on_nodes_are_not_taken_for_the_same() -> None:
    """Two arrays of nodes, with an option of one name that computes something else."""
    second = "node m[1..1] = sum(choose {skip, OPERATION} for p in earlier) keep 1\n        concat(n, m)"
    for operation, alike in (("conv(1)", False), ("relu", True)):
        first = "node n[1..nodes] = sum(choose {skip, relu} for p in earlier) keep 1"
        changes = (("node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 1", first),)
        text = (
            second.replace("OPERATION", operation).replace("{skip", "{p -> skip").replace(", ", ", p -> ", 1)
        )
        genes = genes_of(
            "normal",
            nodes=1,
            keep=1,
            output=text,
            more=tuple((old, new.replace("{skip, relu}", "{p -> skip, p -> relu}")) for old, new in changes),
        )
        keys = {genes.key(one) for one in every(genes)}
        assert (len(keys) < extent.size(genes.program)) == alike


@named
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_drawn_changed_and_crossed_is_valid(name: str, seed: int) -> None:
    genes = space(name)
    chance = Random(seed)
    one, other = genes.draw(chance), genes.draw(chance)
    for candidate in (one, other, genes.mutated(one, chance), *genes.crossover(one, other, chance)):
        assert candidate.keys() == genes.all.keys()
        for id, gene in genes.all.items():
            decision = candidate[id]
            if gene.keep is None:
                assert decision in gene.options
            else:
                places = [gene.options.index(source) for source in decision]
                assert places == sorted(set(places)) and len(places) == gene.keep
        genotype = validate(genes.genotype(candidate, "sha256:0", "nasc"), genes.program)
        assert genes.key(genes.candidate(genotype)) == genes.key(candidate)
        assert genes.genotype(genes.candidate(genotype), "sha256:0", "nasc") == genotype


@named
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_mutation_changes_one_to_four_genes_that_are_read(name: str, seed: int) -> None:
    genes = space(name)
    chance = Random(seed)
    candidate = genes.draw(chance)
    changed = {id for id, new in genes.mutated(candidate, chance).items() if new != candidate[id]}
    assert changed
    if set(genes.program.kinds) <= {"normal", "reduction"} and genes is not space("dead nodes"):
        assert len(changed) <= 4 and changed <= genes.alive(candidate)


def test_mutation_and_crossover_reach_every_gene_alike() -> None:
    genes, chance = genes_of("mb(4) -> mb(4) -> mb(4) -> mb(4) -> mb(4) -> mb(4)"), Random(0)
    one = dict.fromkeys(genes.all, "k = 1")
    other = dict.fromkeys(genes.all, "k = 3")
    mutated = [genes.mutated(one, chance) for _ in range(400)]
    assert {sum(found[id] != one[id] for id in one) for found in mutated} == {1, 2, 3, 4}
    crossed = [genes.crossover(one, other, chance) for _ in range(300)]
    for first, second in crossed:
        assert sum(first[id] != one[id] for id in one) == 2
        assert all({first[id], second[id]} == {"k = 1", "k = 3"} for id in one)
    for id in one:
        assert 60 < sum(first[id] != one[id] for first, _ in crossed) < 140  # 100 expected


def test_a_crossover_swaps_nothing_that_nobody_reads() -> None:
    genes = genes_of("choose {0, 1} times mb(4) -> mb(4)")
    (depth,) = (id for id in genes.all if "depth" in id)
    inner, outer = (id for id in genes.all if id != depth)
    one = {depth: "0", inner: "k = 1", outer: "k = 1"}
    other = {depth: "0", inner: "k = 3", outer: "k = 1"}
    if genes.key(one) != genes.key(other):
        inner, outer = outer, inner
        one, other = {**one, outer: "k = 1", inner: "k = 1"}, {**one, outer: "k = 1", inner: "k = 3"}
    assert genes.key(one) == genes.key(other)
    assert genes.crossover(one, other, Random(0)) == (one, other)
    assert all(genes.mutated(one, Random(seed))[inner] == "k = 1" for seed in range(20))


def test_each_decision_is_as_likely_as_another() -> None:
    genes, chance = genes_of("normal", nodes=2, keep=2), Random(1)
    drawn = [genes.draw(chance) for _ in range(3000)]
    for id, gene in genes.all.items():
        ways = gene.options if gene.keep is None else list(combinations(gene.options, gene.keep))
        for way in ways:
            share = sum(one[id] == way for one in drawn) / len(drawn)
            assert abs(share - 1 / len(ways)) < 0.04


def test_one_seed_draws_one_candidate() -> None:
    for genes in map(space, SPACES):
        assert genes.draw(Random(3)) == genes.draw(Random(3))


def test_the_method_may_keep_fewer_edges_than_the_space() -> None:
    genes = Genes.of(program_of("normal"), Keep(1))
    assert all(
        len(decision) == 1 for id, decision in genes.draw(Random(0)).items() if genes.all[id].keep is not None
    )
    assert (
        len({genes.key(one) for one in every(genes)}) == extent.cell_classes(genes.program, Keep(1))["normal"]
    )


def test_a_gene_is_alive_where_one_of_two_programs_reads_it() -> None:
    """The network that is searched may leave out a cell that the one which is trained has."""
    short, long = program_of("reduction", nodes=1), program_of("normal -> reduction", nodes=1)
    both = Genes.of(long, Keep(), short)
    candidate = both.draw(Random(0))
    assert both.alive(candidate) == Genes.of(long, Keep()).alive(candidate)
    assert any(id.startswith("normal/") for id in both.alive(candidate))


def test_two_operations_between_two_nodes_are_no_candidate() -> None:
    genes = genes_of("normal")
    genotypes = (genotype_of_pairs(genes.program, seed) for seed in range(20))
    twice = next(genotype for genotype in genotypes if joins_twice(genotype))
    with pytest.raises(DslnasError, match="two operations remain of `normal/"):
        genes.candidate(twice)


def test_many_nodes_alike_have_one_key() -> None:
    """Eight nodes that all read the inputs in two ways: any order of them is the same cell."""
    genes, chance = genes_of("normal", nodes=8), Random(0)
    kinds = ["skip"] * 4 + ["conv"] * 4
    keys = set()
    for _ in range(5):
        chance.shuffle(kinds)
        decided = dict(genes.draw(Random(0)))
        for number, operation in enumerate(kinds, start=1):
            decided[f"normal/n{number}"] = ("a", "b")
            decided[f"normal/n{number}<-a"] = decided[f"normal/n{number}<-b"] = operation
        keys.add(genes.key(decided))
    assert len(keys) == 1


@pytest.mark.parametrize("shipped", ["ss1", "nasc", "keywords"])
def test_what_is_drawn_of_a_shipped_space_fits_the_network_that_is_trained(shipped: str) -> None:
    experiment = load(shipped, Request(data="digits", preset="quick"))
    genes = Genes.of(experiment.supernet, experiment.method.keeping, experiment.evaluation)
    drawn = [genes.draw(Random(seed)) for seed in range(20)]
    assert len({genes.key(one) for one in drawn}) == 20
    for candidate in drawn:
        genotype = genes.genotype(candidate, experiment.space_hash, experiment.method.name)
        validate(genotype, experiment.evaluation)
        assert cost(experiment.evaluation, genes.policy(candidate)) == cost(
            experiment.evaluation, Chosen.of(genotype)
        )
