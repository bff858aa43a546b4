"""`dslnas train`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from fake_runs import FakeRun, invoke
from made_fronts import layered, write_searched


def test_train_takes_a_genotype_of_a_run(fake: FakeRun, searched: Path) -> None:
    result = invoke("train", str(searched / "genotype.json"), "--data", "sc09")
    assert result.exit_code == 0, result.output
    assert fake.asked["until"] == "train" and fake.asked["genotype"].space == "SS1"
    assert fake.asked["searched"]
    experiment = fake.asked["experiment"]
    assert experiment.data == "sc09" and experiment.settings.search.parameters["nodes"] == 1
    assert experiment.settings.seed == 5  # the run's own
    assert f"dslnas test {fake.path}" in result.stderr


def test_a_genotype_without_its_run_was_searched_by_no_settings(
    fake: FakeRun, searched: Path, tmp_path: Path
) -> None:
    alone = shutil.copy(searched / "genotype.json", tmp_path)
    assert invoke("train", str(alone), "--data", "fsdd").exit_code == 0
    assert not fake.asked["searched"]


def test_train_needs_a_genotype(fake: FakeRun) -> None:
    result = invoke("train", "ss1")
    assert result.exit_code == 1 and "error[N0501]" in result.stderr


# --- picks of a front --------------------------------------------------------------------------------------


@pytest.fixture
def front(tones: Path, tmp_path: Path, tiny_runs: None) -> Path:
    """The folder of a search by sampling on recordings."""
    return write_searched(tmp_path / "found", layered(tmp_path, f"folder:{tones}"), 12).path


def test_a_pick_of_a_front_is_a_run_that_knows_where_it_comes_from(front: Path, tmp_path: Path) -> None:
    out = tmp_path / "picked"
    result = invoke("train", str(front), "--pick", "2", "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    point = json.loads((front / "front.json").read_text())["points"][1]
    said = json.loads(result.stdout)
    assert said["pick"] == {"run": "found", "pick": "2", "number": 2, "figures": point["figures"]}
    assert said["params"]["live"] == point["figures"]["params"]
    assert json.loads((out / "genotype.json").read_text())["choices"] == point["genotype"]["choices"]


def test_what_cannot_be_picked_leaves_no_folder(front: Path, tmp_path: Path, searched: Path) -> None:
    out = tmp_path / "picked"
    for genotype, pick, code in (
        (front, "99", "N0603"),
        (front, "params < 1", "N0603"),
        (front, "accuracy > 1", "N0301"),
        (searched, "knee", "N0701"),
        (front / "genotype.json", "knee", "N0701"),
    ):
        result = invoke("train", str(genotype), "--pick", pick, "--out", str(out))
        assert result.exit_code == 1 and f"error[{code}]" in result.stderr, result.output
    result = invoke("train", str(front), "--pick", "knee", "--ensemble", "--out", str(out))
    assert result.exit_code == 1 and "has no folds" in result.stderr
    result = invoke("train", str(front), "--folds", "3", "--out", str(out))
    assert result.exit_code == 2 and "--ensemble" in result.stderr
    assert not out.exists()


def test_an_ensemble_is_gone_on_with_as_a_whole(front: Path, tmp_path: Path) -> None:
    out = tmp_path / "ensemble"
    options = ("--ensemble", "--folds", "2", "--out", str(out))
    result = invoke("train", str(front), "--pick", "knee", *options)
    assert result.exit_code == 0, result.output
    assert "accuracy of the ensemble" in result.stdout and "member 2 of 2" in result.stderr
    whole = json.loads((out / "metrics.json").read_text())["ensemble"]
    for name in ("test.json", "weights.safetensors"):
        (out / "members" / "2" / name).unlink()
    again = invoke("run", "--resume", str(out), "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["ensemble"] == whole
    part = invoke("run", "--resume", str(out / "members" / "1"))
    assert part.exit_code == 1 and f"dslnas run --resume {out}" in part.stderr
