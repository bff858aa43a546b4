"""`dslnas train`."""

from __future__ import annotations

from pathlib import Path

from fake_runs import FakeRun, invoke


def test_train_takes_a_genotype_of_a_run(fake: FakeRun, searched: Path) -> None:
    result = invoke("train", str(searched / "genotype.json"), "--data", "sc09")
    assert result.exit_code == 0, result.output
    assert fake.asked["until"] == "train" and fake.asked["genotype"].space == "SS1"
    experiment = fake.asked["experiment"]
    assert experiment.data == "sc09" and experiment.settings.search.parameters["nodes"] == 1
    assert experiment.settings.seed == 5  # the run's own
    assert f"dslnas test {fake.path}" in result.stderr


def test_train_needs_a_genotype(fake: FakeRun) -> None:
    result = invoke("train", "ss1")
    assert result.exit_code == 1 and "error[N0501]" in result.stderr
