"""Scores of nodes against those that torch-pruning gives the same network, exported as a PyTorch file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from small import random_genotype, small, split_of
from torch import nn

from dslnas.export import Export, export_python
from dslnas.ir.places import places
from dslnas.ir.schedule import part_name
from dslnas.ir.walk import Chosen
from dslnas.lower.network import GraphModule
from dslnas.prune.parts import Instance, ranked
from dslnas.search.scored.scores import Trained, norm_scale

NORM = "bn"


def exported(export: Export, path: Path) -> nn.Module:
    """The network of a file, which is Python of its own."""
    export_python(export, path)
    spec = importlib.util.spec_from_file_location("smaller_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["smaller_reference"] = module
    spec.loader.exec_module(module)
    network: nn.Module = module.Network()
    network.load_state_dict(torch.load(path.with_suffix(".pt"), weights_only=True))
    return network.eval()


def norms_of_nodes(trained: Trained) -> dict[Instance, list[torch.Tensor]]:
    """The scales of the norms on the edges of each node."""
    found: dict[Instance, list[torch.Tensor]] = {}
    for place in places(trained.program, Chosen.of(trained.genotype)):
        cell = trained.network.network.parts[part_name(place.call)]
        assert isinstance(cell, GraphModule)
        for node in cell.graph:
            if node.site.node in place.nodes and node.primitive == NORM and part_name(node.id) in cell.parts:
                (scale,) = (
                    w for name, w in cell.parts[part_name(node.id)].named_parameters() if "weight" in name
                )
                found.setdefault((place.name, node.site.node), []).append(scale.detach())
    return found


def test_norm_scales_rank_nodes_as_those_of_torch_pruning_do(tmp_path: Path) -> None:
    """Network slimming: the importance of channels there, averaged over the norms on the edges of a node."""
    pruning: Any = pytest.importorskip("torch_pruning", reason="torch-pruning is not installed")
    experiment = small("darts", "darts", "repeat=0", "affine=true", nodes=2)
    genotype = random_genotype(experiment.evaluation, 1)
    export = Export.of_genotype(experiment, genotype)
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in export.network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=chance))
    x = torch.randn(2, *experiment.frontend.output.stored, generator=chance)
    trained = Trained(
        experiment.evaluation, genotype, export.network, split_of(x, [0, 1]), 2, 0, torch.device("cpu")
    )
    network = exported(export, tmp_path / "network.py")
    graph = pruning.DependencyGraph().build_dependency(network, example_inputs=x)
    judge = pruning.importance.BNScaleImportance(group_reduction="mean", normalizer=None)
    theirs: dict[bytes, torch.Tensor] = {}
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d) and layer.affine:
            channels = list(range(layer.num_features))
            group = graph.get_pruning_group(layer, pruning.prune_batchnorm_out_channels, channels)
            own = [item for item in (group[n] for n in range(len(group))) if item.dep.layer is layer]
            theirs[layer.weight.detach().numpy().tobytes()] = judge(own)
    ours = norm_scale(trained)
    expected = dict.fromkeys(ours, 0.0)
    for node, scales in norms_of_nodes(trained).items():
        known = [theirs[scale.numpy().tobytes()] for scale in scales]
        expected[node] = float(torch.cat(known).mean())
    assert ours == pytest.approx(expected, rel=1e-5) and any(expected.values())
    order = [ranked(scores) for scores in (ours, expected)]
    assert order[0] == order[1]
