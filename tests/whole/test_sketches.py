"""Small networks as text, each of one short idea: proven, planned, trained for a step, exported and drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from generated.examples import run_command
from repository import ROOT
from small import random_genotype

from dslnas.check.check import check_file
from dslnas.export import Export, export_onnx, export_python
from dslnas.lower.modules.dropping import Dropping, Losing
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import RelaxedMethod
from dslnas.report.reader.layers import drawings_of_layers
from dslnas.report.render.drawing import check
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

SKETCHES = sorted((ROOT / "docs" / "examples" / "sketches").glob("*.nas"))


@pytest.fixture(scope="module", params=SKETCHES, ids=lambda path: path.stem)
def sketch(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def experiment(sketch: Path) -> Experiment:
    return load(sketch, Request(data="fsdd", preset="quick"))


def test_a_sketch_is_well_formed_and_canonical(sketch: Path) -> None:
    assert check_file(sketch) == []
    assert run_command(f"dslnas fmt --check {sketch}", sketch.parent).exit_code == 0


def test_a_sketch_is_planned_and_drawn(experiment: Experiment) -> None:
    figures = plan(experiment)
    assert figures.size > 1
    rows = drawings_of_layers(experiment.space)
    for drawing in rows:
        check(drawing)
    written = [*experiment.space.network.lets, experiment.space.network]
    assert len(rows) >= len(written)


def test_a_sketch_takes_a_step_that_loses_values(experiment: Experiment) -> None:
    method, program = experiment.method, experiment.supernet
    assert isinstance(method, RelaxedMethod)
    supernet = Supernet(program, method, seed=0).train()
    assert any(isinstance(module, Dropping) for module in supernet.modules())
    x_NCFT = torch.randn(4, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    losses = []
    for step in (0, 0, 1):
        with Losing(supernet.network, 0).of(step):
            losses.append(supernet(x_NCFT).square().mean())
    assert losses[0] == losses[1] != losses[2]
    losses[0].backward()
    moved = [one.grad for one in supernet.parameters() if one.grad is not None]
    assert moved and all(grad.isfinite().all() for grad in moved)


def test_a_sketch_is_exported_without_what_training_loses(experiment: Experiment, tmp_path: Path) -> None:
    export = Export.of_genotype(experiment, random_genotype(experiment.evaluation, 1))
    assert export_python(export, tmp_path / "network.py").difference < 1e-5
    text = (tmp_path / "network.py").read_text(encoding="utf-8")
    assert "drop" not in text and "Identity" not in text
    assert export_onnx(export, tmp_path / "network.onnx", features=True).difference < 1e-5
    assert b"Dropout" not in (tmp_path / "network.onnx").read_bytes()
