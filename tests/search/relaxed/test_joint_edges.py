"""One softmax over the edges into a node and their candidates (I-DARTS), and edges that are summed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import batch, copy_matching, program_of, small
from torch import Tensor

from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Architecture, Supernet
from dslnas.methods.method import RelaxedMethod, relaxed
from dslnas.prune.prune import edge_strengths, prune_as
from dslnas.runs.experiment import Experiment
from dslnas.search.relaxed.step import RelaxedSearch

SUM = "method.mix.edges=sum"
BY_CANDIDATES = "method.prune=top(1, candidates), top(2, edges, by: candidates)"


def architecture_of(experiment: Experiment, seed: int, scale: float = 1.0) -> Architecture:
    """Architecture parameters drawn far from 0, in float64."""
    wide = replace(relaxed(experiment.method), start=scale)
    return Architecture(program_of(experiment), wide, seed).double()


def logits_of(architecture: Architecture) -> dict[str, Tensor]:
    return {
        id: architecture.alpha[size][row]
        for size, ids in architecture.alpha_rows.items()
        for row, id in enumerate(ids)
    }


@pytest.mark.parametrize("space", ["ss1", "sspolasym5"])
@pytest.mark.parametrize("seed", range(3))
def test_joint_is_one_softmax_over_edges_and_candidates(space: str, seed: int) -> None:
    experiment = small(space, "idarts", nodes=3)
    program, architecture = program_of(experiment), architecture_of(experiment, seed, 2.0)
    alpha, gamma, logits = architecture.mixed_alpha(), architecture.mixed_gamma(), logits_of(architecture)
    assert list(architecture.gamma.parameters()) == []  # edges have no parameters of their own
    for id, selection in program.selections.items():
        products = torch.cat([g * alpha[e] for g, e in zip(gamma[id], selection.edges, strict=True)])
        whole = torch.softmax(torch.cat([logits[edge] for edge in selection.edges]), 0)
        torch.testing.assert_close(products, whole)
        assert float(products.detach().sum()) == pytest.approx(1.0)


def test_a_candidate_competes_with_those_of_the_other_edges() -> None:
    """The weight of a candidate falls where one of another edge into the same node rises, and there alone."""
    experiment = small("ss1", "idarts", nodes=3)
    program, architecture = program_of(experiment), architecture_of(experiment, 0)
    selection = list(program.selections.values())[-1]
    first, second, *_ = selection.edges
    joint = architecture.mixed_gamma()[selection.id][0] * architecture.mixed_alpha()[first][0]
    gradients = dict(
        zip(
            architecture.alpha,
            torch.autograd.grad(joint, list(architecture.alpha.parameters())),
            strict=True,
        )
    )
    rows = architecture.alpha_rows.items()
    found = {id: gradients[size][row] for size, ids in rows for row, id in enumerate(ids)}
    assert bool((found[second] < 0).all()) and float(found[first][0]) > 0
    elsewhere = [gradient for id, gradient in found.items() if id not in selection.edges]
    assert elsewhere and all(float(gradient.abs().max()) == 0 for gradient in elsewhere)


def test_a_saturated_joint_supernet_is_the_pruned_network() -> None:
    """Where one candidate of a node has all the weight, and one edge is kept."""
    one_edge = "method.prune=top(1, candidates), top(1, edges, by: candidates)"
    experiment = small("ss1", "idarts", one_edge)
    program, method = program_of(experiment), relaxed(experiment.method)
    supernet = Supernet(program, method, 0).double().eval()
    chosen = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in supernet.architecture.alpha.parameters():
            parameter.zero_()
        for selection in program.selections.values():
            edge = selection.edges[int(torch.randint(len(selection.edges), (), generator=chosen))]
            option = int(torch.randint(len(program.choices[edge].options), (), generator=chosen))
            logits_of(supernet.architecture)[edge][option] = 800.0
        weights = {id: w.tolist() for id, w in supernet.architecture.mixed_alpha().items()}
        edges = {id: w.tolist() for id, w in supernet.architecture.mixed_gamma().items()}
        pruned = PrunedNetwork(program, prune_as(method, program, weights, edges, ""), 1).double().eval()
        copy_matching(supernet.network, pruned.network)
        x, _ = batch(experiment, dtype=torch.float64)
        torch.testing.assert_close(supernet(x), pruned(x), rtol=1e-12, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_edges_are_ranked_by_their_strongest_candidate(data: st.DataObject) -> None:
    experiment = small("ss1", "darts", BY_CANDIDATES, nodes=3)
    program, method = program_of(experiment), relaxed(experiment.method)
    unit = st.floats(0, 1)
    alpha = {
        id: data.draw(st.lists(unit, min_size=len(p.options), max_size=len(p.options)))
        for id, p in program.choices.items()
    }
    gamma = {
        id: data.draw(st.lists(unit, min_size=len(s.sources), max_size=len(s.sources)))
        for id, s in program.selections.items()
    }
    strengths = edge_strengths(method, program, alpha, gamma)
    genotype = prune_as(method, program, alpha, gamma, "")
    for cell in genotype.cells:
        for node in cell.nodes:
            selection = program.selections[f"{cell.name}/{node.name}"]
            products = {
                source: gamma[selection.id][place] * max(alpha[selection.edges[place]])
                for place, source in enumerate(selection.sources)
            }
            assert strengths[selection.id] == list(products.values())
            kept = {edge.source for edge in node.edges}
            dropped = [strength for source, strength in products.items() if source not in kept]
            assert min(products[source] for source in kept) >= max(dropped, default=0.0)
    by_edges: RelaxedMethod = replace(method, ranked_by="edges")
    assert edge_strengths(by_edges, program, alpha, gamma) == gamma


def test_summed_edges_all_weigh_one() -> None:
    """As in the first code of DARTS: edges have no parameters, and a node is the plain sum of its edges."""
    experiment = small("ss1", "darts", SUM, BY_CANDIDATES)
    search = RelaxedSearch(program_of(experiment), relaxed(experiment.method), 0, None, torch.device("cpu"))
    _, gamma = search.mixed()
    assert {weight for weights in gamma.values() for weight in weights} == {1.0}
    search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.0)
    assert [name for name, _ in search.supernet.architecture.named_parameters()] == ["alpha.7"]
    assert 0 < search.gap() < 1
