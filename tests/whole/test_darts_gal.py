"""The networks of the DARTS-GAL paper: their parameters beside those of its tables 2, 4, 6 and 8."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dslnas.base.source import Source
from dslnas.ir.walk import Chosen, Everything, cost
from dslnas.prune.darts_text import read_published
from dslnas.prune.published import adopted
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

FILE = Path(__file__).parents[1] / "prune" / "published_genotypes.txt"
NAMES = tuple(map(str, range(100)))


@cache
def network(space: str, data: str) -> Experiment:
    return load("darts_gal", Request(data=data, preset="paper", overrides=(f"space={space}",)))


def counted(space: str, data: str, genotype: str) -> int:
    experiment = network(space, data)
    found = read_published(Source(FILE.name, FILE.read_text()), genotype)
    chosen = adopted(found, experiment.evaluation, experiment.space_hash, FILE.name)
    return cost(experiment.evaluation, Chosen.of(chosen)).params


def whole(space: str, **request: object) -> int:
    return cost(load(space, Request(**request)).evaluation, Everything()).params  # type: ignore[arg-type]


def test_the_published_cells_have_the_parameters_of_the_paper() -> None:
    assert counted("DARTS12", "cifar10", "DARTS_V2") == 369_114  # 369: exactly
    assert counted("DARTS12", "cifar10", "DARTS_V1") == 348_858
    assert counted("DARTS5", "mnist", "DARTS_V2") == 189_162  # 130: not with the reductions of its text
    assert counted("DARTS5Thirds", "mnist", "DARTS_V2") == 128_842  # 130: but with those of the code of DARTS


@pytest.mark.parametrize(
    ("space", "data", "ours"),
    [
        ("DARTS10", "cifar100", 361_924),
        ("DARTS8", "cats_vs_dogs", 306_418),
        ("DARTS10Large", "cats_vs_dogs", 336_738),
    ],
)
def test_networks_of_cells_that_are_not_published(space: str, data: str, ours: int) -> None:
    assert counted(space, data, "DARTS_V2") == ours


@pytest.mark.parametrize(
    ("space", "data", "kinds", "size"),
    [
        ("DARTS5", "mnist", "nrrnn", 28),
        ("DARTS5Thirds", "mnist", "nrnrn", 28),
        ("DARTS8", "cats_vs_dogs", "nnrnrnnn", 112),
        ("DARTS10", "cifar100", "nnnrnnrnnn", 32),
        ("DARTS10Large", "cats_vs_dogs", "nnnrnnrnnn", 112),
        ("DARTS12", "cifar10", "nnnnrnnnrnnn", 32),
    ],
)
def test_reductions_stand_where_the_paper_has_them(space: str, data: str, kinds: str, size: int) -> None:
    """The cells in order, and the height of the first of them: half of that of large pictures."""
    found = network(space, data).evaluation.network.of_kind("call")
    assert "".join(node.cell[0] for node in found) == kinds
    assert found[0].type.shape[1:] == (size, size)


def test_its_rivals_have_the_parameters_of_the_paper() -> None:
    """134.67 M and 11.23 M at 100 classes, 1.20 M; none of their weights is made."""
    assert whole("vgg16", data="cats_vs_dogs", classes=NAMES) == 134_670_372
    vgg = sum(9 * into * out + out for into, out in VGG) + 25_089 * 4096 + 4097 * 4096 + 4097 * 100
    assert vgg == 134_670_244  # norms have two weights a channel where biases have one; a wide layer has none
    assert vgg + sum(out for _, out in VGG) - 4096 == 134_670_372
    assert whole("resnet18_pictures", data="cats_vs_dogs", classes=NAMES) == 11_227_812
    assert whole("lenet_wide", data="mnist") == 1_199_882 - (32 + 64 + 128)


VGG = tuple(
    zip(
        (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512),
        (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512),
        strict=True,
    )
)


def test_no_cell_of_its_space_reaches_tables_4_and_8() -> None:
    """1.12 M and 1.10 M at ten cells of 16 channels and 100 classes: their largest network has 0.66 M."""
    experiment = network("DARTS10", "cifar100")
    edges = ", ".join(f"('sep_conv_5x5', {source})" for _ in range(4) for source in (0, 1))
    nodes = "_concat=[2, 3, 4, 5]"
    text = f"X = Genotype(normal=[{edges}], normal{nodes}, reduce=[{edges}], reduce{nodes})"
    found = read_published(Source("x.py", text), "X")
    chosen = adopted(found, experiment.evaluation, experiment.space_hash, "x.py")
    assert 650_000 < cost(experiment.evaluation, Chosen.of(chosen)).params < 670_000
