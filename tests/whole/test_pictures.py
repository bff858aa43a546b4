"""A folder of pictures from the plan to the exported network."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import pytest
import torch
from generated.examples import run_command
from making_pictures import make_pictures

from dslnas.data import load_recordings, open_data, prepare
from dslnas.data.cache.rows import StoredRows
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.runs.trainees import retraining
from dslnas.train.testing import accuracy

SMALL = """space Small {
    network = input -> conv(3, 4, stride: 2) -> bn -> relu -> global_pool -> linear(classes)
}
experiment {
    frontend:    picture(8, resize: 10)
    train.steps: 8
    train.batch: 8
}
"""


@pytest.mark.usefixtures("tiny_runs")
def test_pictures_are_planned_trained_predicted_and_exported(tmp_path: Path) -> None:
    (tmp_path / "small.nas").write_text(SMALL)
    pictures = make_pictures(tmp_path / "pictures")
    planned = run_command(f"dslnas plan small.nas --data folder:{pictures} --json", tmp_path)
    assert planned.exit_code == 0 and json.loads(planned.stdout)["data"]["classes"] == 2
    assert run_command(f"dslnas run small.nas --data folder:{pictures} --out run", tmp_path).exit_code == 0
    red, text = pictures / "red" / "0.png", tmp_path / "small.nas"
    found = run_command(f"dslnas predict run {red} {text} --json", tmp_path)
    told = json.loads(found.stdout)
    assert [Path(one["path"]).name for one in told["skipped"]] == ["small.nas"]
    (one,) = told["predictions"]
    assert math.isclose(sum(one["probabilities"].values()), 1, abs_tol=1e-5)
    assert run_command("dslnas export run --to python -o net.py", tmp_path).exit_code == 0
    spec = importlib.util.spec_from_file_location("net", tmp_path / "net.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.Network().eval()
    network.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    image = load_recordings([red], Run.open(tmp_path / "run").experiment.frontend)[0][0] / 255
    classified = module.classify(network, image)
    assert math.isclose(float(classified["red"]), one["probabilities"]["red"], abs_tol=1e-4)


@pytest.mark.usefixtures("tiny_runs")
def test_pictures_on_disk_train_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The losses and weights of training steps, and what the validation says, as with all held in memory."""
    (tmp_path / "small.nas").write_text(SMALL)
    pictures = make_pictures(tmp_path / "pictures")
    cpu = torch.device("cpu")

    def trained(memory: str) -> tuple[list[float], dict[str, torch.Tensor], float]:
        monkeypatch.setenv("DSLNAS_MEMORY", memory)
        one = load(tmp_path / "small.nas", Request(f"folder:{pictures}", seed=0))
        prepared = prepare(open_data(one.data), one.frontend, tmp_path / memory)
        assert isinstance(prepared.train.raw, StoredRows) == (memory == "0")
        genotype = one.only_genotype
        assert genotype is not None
        trainee = retraining(one, genotype, prepared, cpu)
        losses = [float(trainee.step(step)["loss"]) for step in range(5)]
        network = trainee.network
        return losses, network.state_dict(), accuracy(network, trainee.validation, cpu)

    held, stored = trained("1G"), trained("0")
    assert held[0] == stored[0] and held[2] == stored[2]
    assert all(torch.equal(value, stored[1][name]) for name, value in held[1].items())
