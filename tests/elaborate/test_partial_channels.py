"""PC-DARTS: candidates see a part of the channels of their edge, and edges are normalised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from small import batch, copy_matching, one_hot, program_of, random_genotype, random_weights, small

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.walk import Everything, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import relaxed
from dslnas.prune.prune import edge_strengths
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.search.relaxed.step import RelaxedSearch


def whole(*overrides: str) -> Experiment:
    """PC-DARTS on a space that has both kinds of cells."""
    return small("ss1", "pcdarts", "repeat=1", *overrides)


@pytest.mark.parametrize("part", ["1/2", "1/4", "25%"])
def test_candidates_see_a_part_of_the_channels(part: str) -> None:
    experiment, parts = whole(f"method.mix.channels={part}"), 2 if part == "1/2" else 4
    plain = program_of(small("ss1", "darts", "repeat=1")).cells
    for name, graph in program_of(experiment).cells.items():
        for mix in graph.of_kind("mix"):
            edge = plain[name][mix.id].type.channels
            assert mix.type.channels.scaled(parts) == edge
            (concat,) = (reader for reader, _ in graph.readers()[mix.id])
            joined, past = graph[concat], graph[graph.inputs(concat)[1]]
            assert (joined.primitive, joined.type.channels) == ("concat", edge)
            assert past.primitive == (
                "tilepool" if name.startswith("reduction") and "<-n" not in mix.id else "slice"
            )
            inside = [node for node in graph if node.id.startswith(f"{mix.id}/sep_conv")]
            assert inside and all(node.type.channels == mix.type.channels for node in inside)


SOURCES = ("down/n1<-prev2", "down/n1<-prev")
EDGE = """use "lib/methods.nas"
space Edge(channels = 8) {{
    candidates {{
        filter = conv(1, C, stride)
        zeros  = zero(stride)
    }}
    cell plain(prev2, prev) {{
        node n[1..1] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }}
    cell down = plain with {{ stride: {stride} }}
    network = input -> conv(1, channels) -> down -> global_pool -> linear(classes)
}}
experiment {{
    space:  Edge
    method: pcdarts
}}
"""


def mixed_edge(x_CFT: np.ndarray, filter: np.ndarray, keeps: float, stride: int) -> np.ndarray:
    """The published edge with two candidates, of which one hands out zeros, pixel by pixel."""
    channels, height, width = x_CFT.shape
    part, rows, columns = channels // 4, -(-height // stride), -(-width // stride)
    out = np.zeros((channels, rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            out[:part, row, column] = keeps * (filter @ x_CFT[:part, top, left])
            tile = x_CFT[part:, top : top + stride, left : left + stride]
            out[part:, row, column] = tile.max(axis=(1, 2))
    return out[[group * part + place for place in range(part) for group in range(4)]]


@pytest.mark.parametrize("size", [(32, 32), (7, 30), (5, 5)])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_an_edge_is_the_published_one(stride: int, size: tuple[int, int], tmp_path: Path) -> None:
    """Its other channels go through tiles of the stride, which at odd sizes are cut off at the end."""
    path = tmp_path / "edge.nas"
    path.write_text(EDGE.format(stride=stride))
    experiment = load(path, Request(data="fsdd"))
    program = program_of(experiment)
    supernet = Supernet(program, relaxed(experiment.method), 0, passes=()).double().eval()
    weights = {id: w.detach().double() for id, w in random_weights(program, 0).items()}
    x = torch.randn(2, 1, *size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    with torch.no_grad():
        found = supernet(x, weights)
    stem, *filters, head, bias = (p.detach().numpy() for p in supernet.network.parameters())
    edges = [(filter[:, :, 0, 0], weights[id][0].item()) for filter, id in zip(filters, SOURCES, strict=True)]
    for image, logits in zip(x.numpy(), found.numpy(), strict=True):
        seen = np.einsum("oi,ift->oft", stem[:, :, 0, 0], image)
        node = sum(
            gamma * mixed_edge(seen, filter, alpha, stride)
            for gamma, (filter, alpha) in zip(weights["down/n1"].tolist(), edges, strict=True)
        )
        np.testing.assert_allclose(logits, head @ np.mean(node, axis=(1, 2)) + bias, rtol=1e-10, atol=1e-12)


def test_only_the_supernet_is_partial() -> None:
    """Its candidates cost less; what is retrained and the genotypes are those of DARTS."""
    partial, plain = whole(), small("ss1", "darts", "repeat=1")
    assert cost(program_of(partial), Everything()).macs < cost(program_of(plain), Everything()).macs / 2
    one, other = partial.evaluation, plain.evaluation
    assert cost(one, Everything()) == cost(other, Everything())
    assert program_of(partial).choices == program_of(plain).choices
    assert program_of(partial).selections == program_of(plain).selections
    assert "shuffle" not in {node.primitive for graph in one.graphs() for node in graph}


def test_all_channels_are_no_part() -> None:
    program, plain = program_of(whole("method.mix.channels=1")), program_of(small("ss1", "darts", "repeat=1"))
    for name, graph in program.cells.items():
        assert list(graph) == list(plain.cells[name])


@pytest.mark.parametrize("seed", range(2))
def test_a_one_hot_supernet_is_the_pruned_network_with_partial_edges(seed: int) -> None:
    experiment = whole()
    program, method = program_of(experiment), relaxed(experiment.method)
    genotype = random_genotype(program, seed)
    supernet = Supernet(program, method, 0).double().eval()
    pruned = PrunedNetwork(program, genotype, 1).double().eval()
    copy_matching(supernet.network, pruned.network)
    x, _ = batch(experiment, 2, dtype=torch.float64)
    with torch.no_grad():
        expected = pruned(x)
        torch.testing.assert_close(supernet(x, one_hot(program, genotype)), expected, rtol=1e-10, atol=1e-10)


def test_passes_change_nothing_of_a_partial_supernet() -> None:
    experiment = whole()
    program, method = program_of(experiment), relaxed(experiment.method)
    x, _ = batch(experiment, 2, dtype=torch.float64)
    outputs, gradients = [], []
    for passes in ({}, {"passes": ()}):
        weights = random_weights(program, 0)
        out = Supernet(program, method, 0, **passes).double()(x, weights)  # type: ignore[arg-type]
        out.square().sum().backward()
        outputs.append(out.detach())
        gradients.append({id: w.grad for id, w in weights.items()})
    torch.testing.assert_close(*outputs, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(*gradients, rtol=1e-8, atol=1e-8)


def test_a_step_moves_weights_candidates_and_edges() -> None:
    experiment = whole()
    search = RelaxedSearch(program_of(experiment), relaxed(experiment.method), 0, None, torch.device("cpu"))
    before = [p.detach().clone() for p in (*search.arch_parameters, *search.weight_parameters)]
    search.step(batch(experiment, 4, 0), batch(experiment, 4, 1), 0.0)
    after = [*search.arch_parameters, *search.weight_parameters]
    assert {name.partition(".")[0] for name, _ in search.supernet.architecture.named_parameters()} == {
        "alpha",
        "gamma",
    }
    assert not any(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_the_weight_of_an_edge_counts_where_edges_are_ranked() -> None:
    """An edge with a strong candidate loses to one whose own weight is much larger."""
    experiment = whole()
    program, method = program_of(experiment), relaxed(experiment.method)
    alpha = {id: [0.1] * len(point.options) for id, point in program.choices.items()}
    gamma = {id: [0.1] * len(one.sources) for id, one in program.selections.items()}
    selection = list(program.selections.values())[-1]
    alpha[selection.edges[0]][2] = 0.5
    gamma[selection.id][1] = 0.8
    strengths = edge_strengths(method, program, alpha, gamma)[selection.id]
    assert strengths[:2] == pytest.approx([0.1 * 0.5, 0.8 * 0.1])


def test_channels_that_cannot_be_parted_are_told() -> None:
    with pytest.raises(DslnasError) as caught:
        _ = load("ss1", Request(data="fsdd", overrides=["method=pcdarts", "channels=6"])).supernet
    found = caught.value.diagnostics[0]
    assert (found.code, found.message) == ("N0601", "an edge of 6 channels has no part of 1/4")


def test_a_space_without_edges_has_nothing_to_part(tmp_path: Path) -> None:
    path = tmp_path / "layers.nas"
    path.write_text(
        'use "lib/methods.nas"\nspace Layers(channels = 8) {\n    network = input -> conv(3, channels)\n'
        "        -> choose {conv(3), conv(5)} -> global_pool -> linear(classes)\n}\n"
        "experiment {\n    space: Layers\n    method: pcdarts\n}\n"
    )
    with pytest.raises(DslnasError, match="parts the edges of cells"):
        load(path, Request(data="fsdd"))
