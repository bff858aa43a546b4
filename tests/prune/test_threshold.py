"""`above: 85%` leaves out the edges of which no candidate weighs more, and each node keeps one at least."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import drawn_weights
from small import program_of, small

from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.walk import Chosen, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.method import RelaxedMethod, relaxed
from dslnas.prune.prune import prune_as
from dslnas.prune.threshold import FAIR_THRESHOLD, kept_weights, threshold_of
from dslnas.prune.validate import validate

ABOVE = "method.prune=top(1, candidates, above: 85%), top(2, edges)"


def space() -> Program:
    return program_of(small("ss1", "fairdarts", "repeat=1", nodes=3))


def method(*overrides: str) -> RelaxedMethod:
    return relaxed(small("ss1", "fairdarts", "repeat=1", *overrides, nodes=3).method)


def sources(genotype: Genotype, node: str) -> list[str]:
    cell, _, name = node.partition("/")
    return [edge.source for one in genotype.cell(cell).nodes if one.name == name for edge in one.edges]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**20), st.sampled_from([0.0, 0.5, 0.85, 0.95, 1.0]))
def test_exactly_the_weak_edges_are_left_out(seed: int, threshold: float) -> None:
    """Of the edges with a candidate above it the two strongest remain; where there is none, the strongest."""
    program, at = space(), replace(method(ABOVE), above=threshold)
    alpha, gamma = drawn_weights(program, seed)
    genotype = validate(prune_as(at, program, alpha, gamma, ""), program)
    for id, selection in program.selections.items():
        by_strength = sorted(zip(gamma[id], selection.sources, selection.edges, strict=True), reverse=True)
        strong = [source for _, source, edge in by_strength if max(alpha[edge]) > threshold]
        wanted = strong[: selection.keep] or [by_strength[0][1]]
        assert set(sources(genotype, id)) == set(wanted)
        assert len(sources(genotype, id)) == len(wanted)


def test_a_threshold_of_nothing_leaves_out_nothing() -> None:
    program = space()
    alpha, gamma = drawn_weights(program, 3)
    plain = prune_as(method(), program, alpha, gamma, "")
    assert prune_as(replace(method(), above=0.0), program, alpha, gamma, "").cells == plain.cells


def test_the_network_with_fewer_edges_is_the_one_that_is_counted() -> None:
    program = space()
    alpha, gamma = drawn_weights(program, 1)
    genotype = prune_as(replace(method(ABOVE), above=0.95), program, alpha, gamma, "")
    assert any(len(node.edges) == 1 for cell in genotype.cells for node in cell.nodes)
    network = PrunedNetwork(program, genotype, 0)
    found = sum(parameter.numel() for parameter in network.parameters())
    assert found == cost(program, Chosen.of(genotype)).params


@pytest.mark.parametrize(
    ("name", "overrides", "threshold"),
    [
        ("fairdarts", (), FAIR_THRESHOLD),
        ("fairdarts", (ABOVE.replace("85", "60"),), 0.6),
        ("darts", (), None),
    ],
)
def test_sigmoids_are_held_to_the_threshold_of_fairdarts(
    name: str, overrides: tuple[str, ...], threshold: float | None
) -> None:
    assert threshold_of(relaxed(small("ss1", name, *overrides).method)) == threshold


def test_the_weights_of_what_is_kept_are_told() -> None:
    program = space()
    alpha, gamma = drawn_weights(program, 2)
    genotype = prune_as(method(), program, alpha, gamma, "")
    found = kept_weights(program, genotype, alpha)
    assert len(found) == sum(len(node.edges) for cell in genotype.cells for node in cell.nodes)
    assert all(weight == max(alpha[id]) for id, _, weight in found)
