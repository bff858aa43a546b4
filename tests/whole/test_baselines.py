"""What searches are compared with: networks without choices, and genotypes drawn at random."""

from __future__ import annotations

import json
from collections import Counter
from math import prod
from pathlib import Path

import pytest
from generated.examples import run_command
from recordings import metrics_of, tiny
from small import small

from dslnas.base.run_folder import HISTORY, REPORT
from dslnas.ir.genotype import Genotype
from dslnas.ir.walk import Everything, cost
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.searches.sampled import genes_of
from dslnas.search.evolved.population import Offspring, chance_of

LENET = """# A LeNet of one layer, for tests.
space Small {
    network = input -> conv(3, 4) -> bn -> relu -> global_pool -> linear(classes)
}
"""


def residual_network(classes: int, stem: int) -> int:
    """The parameters of ResNet18 (He et al., 2016, table 1), with a convolution of this size first."""
    layers = [(1, 64, stem)]
    for width, before in ((64, 64), (128, 64), (256, 128), (512, 256)):
        layers += [(before, width, 3), (width, width, 3), (width, width, 3), (width, width, 3)]
        layers += [(before, width, 1)] * (before != width)
    convolutions = sum(prod((into, out, size, size)) + 2 * out for into, out, size in layers)
    return convolutions + 512 * classes + classes


def params_of(space: str, data: str) -> int:
    return cost(load(space, Request(data=data)).evaluation, Everything()).params


def test_resnet18_has_the_parameters_of_the_paper() -> None:
    assert params_of("resnet18", "fsdd") == residual_network(10, stem=3) == 11_172_810
    assert params_of("resnet18", "sc35") == residual_network(35, stem=3)


def test_resnet18_has_the_parameters_of_torchvisions() -> None:
    models = pytest.importorskip("torchvision.models", reason="torchvision is not installed")
    theirs = models.resnet18(num_classes=10)
    own = sum(p.numel() for p in theirs.parameters())
    with_our_stem = own - theirs.conv1.weight.numel() + 64 * 1 * 3 * 3
    assert params_of("resnet18", "fsdd") == with_our_stem
    assert residual_network(10, stem=7) == own - theirs.conv1.weight.numel() + 64 * 1 * 7 * 7


def test_lenet_is_lenet_5_but_for_the_biases_of_its_convolutions() -> None:
    lenet_5 = (25 + 1) * 6 + (6 * 25 + 1) * 16 + (16 * 25 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
    assert lenet_5 == 61_706
    assert params_of("lenet", "fsdd") == lenet_5 - (6 + 16 + 120)


@pytest.mark.usefixtures("tiny_runs")
def test_a_space_without_choices_is_run_without_a_search(tones: Path, tmp_path: Path) -> None:
    (tmp_path / "small.nas").write_text(LENET)
    settings = "--set train.steps=4 --set train.batch=4 --out run"
    result = run_command(f"dslnas run small.nas --data folder:{tones} {settings}", tmp_path)
    assert result.exit_code == 0
    assert "`Small` leaves nothing to choose" in result.output
    metrics = metrics_of(tmp_path / "run")
    assert 0 <= metrics["test"]["accuracy"] <= 1 and "search" not in metrics
    lines = (tmp_path / "run" / HISTORY).read_text().splitlines()
    assert {json.loads(line)["stage"] for line in lines} == {"train"}


def drawn(seed: int) -> Genotype:
    """The genotype that the method `random` draws."""
    genes = genes_of(small("ss1", "random"))
    offspring = Offspring(genes, set(), chance_of(seed, "random", 1))
    offspring.draw(1)
    (candidate,) = offspring.found.values()
    return genes.genotype(candidate, "sha256:0", "random")


def test_a_random_genotype_is_any_one_as_likely() -> None:
    """Chi-squared against the uniform distribution, at a level of 1e-4; the seeds are always the same."""
    found = [drawn(seed) for seed in range(600)]
    assert drawn(3) == found[3] and len(set(found[:20])) == 20
    operations = Counter(found.cells[0].nodes[0].edges[0].operation for found in found)
    assert _chi_squared(operations, 7) < 27.9  # 6 degrees of freedom
    pairs = Counter(tuple(edge.source for edge in found.cells[0].nodes[1].edges) for found in found)
    assert _chi_squared(pairs, 3) < 18.4  # 2 degrees of freedom


def _chi_squared(counts: Counter[object], kinds: int) -> float:
    expected = counts.total() / kinds
    assert len(counts) == kinds
    return sum((count - expected) ** 2 / expected for count in counts.values())


def test_a_random_search_trains_nothing_and_is_reported_so(
    tones: Path, run_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    run = start(tiny(tones, "method=random"), tmp_path / "run", device="cpu")
    metrics = run.execute(until="search")
    assert metrics["search"] == {"steps": 0}
    assert "supernet" not in metrics["validation"]
    assert not (run.path / HISTORY).exists() or (run.path / HISTORY).read_text() == ""
    assert "random" in (run.path / REPORT).read_text(encoding="utf-8")
