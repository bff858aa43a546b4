"""Probes of runs: what they may read, what they say, and where a model cannot be one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from recordings import metrics_of, refused, speakers_of, tiny

from dslnas.base.figures import Pairs
from dslnas.base.run_folder import METRICS, PROBE, RunFolder
from dslnas.data.features import Prepared
from dslnas.report.fields import Tree
from dslnas.report.reader.probe import beside_probe, worse_than_probe
from dslnas.runs.baseline.asked import Baseline, ask, asked_in, check_baseline, read_baseline
from dslnas.runs.baseline.work import fit_probe, groups_apart, have_probe
from dslnas.runs.load import load
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.train.observer import Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")


class Unread:
    """Examples that must not be read."""

    def __getitem__(self, key: Any) -> Any:
        raise AssertionError("the test was read")


@pytest.fixture(scope="module")
def prepared(tones: Path, run_cache: Path) -> Prepared:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        return prepare_data(tiny(tones), None, Silent())


def write_model(path: Path, shape: list[int | str], kind: int = TensorProto.FLOAT) -> Path:
    """A model that hands out the magnitudes of its input, flat."""
    given = helper.make_tensor_value_info("x", kind, shape)
    out = helper.make_tensor_value_info("y", kind, None)
    nodes = [helper.make_node("Abs", ["x"], ["a"]), helper.make_node("Flatten", ["a"], ["y"], axis=1)]
    graph = helper.make_graph(nodes, "magnitudes", [given], [out])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


def test_a_probe_tells_tones_apart_without_reading_the_test(prepared: Prepared) -> None:
    blind = replace(prepared, test=replace(prepared.test, raw=Unread(), features=Unread()))  # type: ignore[arg-type]
    found = fit_probe(Baseline(), blind)
    probabilities = found.probabilities(prepared.test)
    assert (probabilities.argmax(1) == prepared.test.labels).all()
    again = fit_probe(Baseline(), blind)
    assert torch.equal(found.classifier.weights, again.classifier.weights)
    assert found.chosen_on == "the validation split"


def test_a_finished_run_gets_its_probe_and_the_sentence_about_both(whole: Path, tmp_path: Path) -> None:
    path = shutil.copytree(whole, tmp_path / "run")
    before = metrics_of(path)
    run = Run.open(path)
    ask(Baseline(), run.folder)
    metrics = run.execute()
    assert {key: value for key, value in metrics_of(path).items() if key != "probe"} == before
    probe = metrics["probe"]
    assert probe["accuracy"] == 1.0 and probe["accuracy_interval"][1] == 1.0
    assert probe["clips"] == metrics["test"]["clips"]
    missed = round((1 - metrics["test"]["accuracy"]) * probe["clips"])
    assert (probe["against"]["probe_alone"], probe["against"]["network_alone"]) == (missed, 0)
    assert worse_than_probe(Tree(METRICS, metrics))
    assert "the network does not beat it" in beside_probe(Tree(METRICS, metrics))
    assert asked_in(run.folder) is None
    assert len(json.loads((path / PROBE).read_text())["clips"]) == probe["clips"]
    stamp = (path / PROBE).stat().st_mtime_ns
    Run.open(path).execute()
    assert (path / PROBE).stat().st_mtime_ns == stamp


def test_where_strangers_are_tested_and_none_validate_groups_choose(tones: Path, tmp_path: Path) -> None:
    data = speakers_of(tones, tmp_path / "who.csv")
    experiment = load("ss1", Request(data=data, overrides=("data.split=speaker",)))
    found = prepare_data(experiment, None, Silent())
    divisions = groups_apart(found)
    members = [one.group for one in found.train.members]
    assert len(divisions) == len(set(members)) == 3
    for fits, judges in divisions:
        assert not {members[row] for row in fits.tolist()} & {members[row] for row in judges.tolist()}
        assert len(fits) + len(judges) == len(members)
    assert fit_probe(Baseline(), found).chosen_on == "groups held out of the training split"


def test_a_model_of_features_or_waves_is_probed(prepared: Prepared, tmp_path: Path) -> None:
    of_features = write_model(tmp_path / "features.onnx", ["n", *prepared.frontend.output.stored])
    found = fit_probe(Baseline(of_features), prepared)
    assert float((found.probabilities(prepared.test).argmax(1) == prepared.test.labels).double().mean()) > 0.6
    one = write_model(tmp_path / "wave.onnx", [1, "samples"])
    facts = fit_probe(Baseline(one), prepared).facts(prepared.validation)
    waves = prepared.validation.raw[0 : len(prepared.validation)]
    assert torch.allclose(facts, (waves.double() / 32768).abs(), atol=1e-6)


@pytest.mark.parametrize(
    "shape, kind, message",
    [
        (["n", 2, 3, 4], TensorProto.FLOAT, "and the features of a recording here is"),
        ([7, "samples"], TensorProto.FLOAT, "takes 7 recordings at a time"),
        (["n", 1, 2, 3, 4], TensorProto.FLOAT, "neither waves nor features"),
        (["n", "samples"], TensorProto.DOUBLE, "the model takes x: tensor(double)"),
    ],
)
def test_a_model_that_cannot_be_probed_is_refused(
    tones: Path, tmp_path: Path, shape: list[int | str], kind: int, message: str
) -> None:
    model = write_model(tmp_path / "model.onnx", shape, kind)
    refused("N0603", message, lambda: check_baseline(Baseline(model), tiny(tones)))


def test_texts_that_name_no_baseline_are_refused_where_they_stand(tones: Path, tmp_path: Path) -> None:
    assert (
        refused("N0603", "there is no baseline `prob`", lambda: read_baseline("prob"))
        == "did you mean `probe`?"
    )
    missing = read_baseline(f"onnx:{tmp_path / 'none.onnx'}")
    refused("N0603", "there is no file", lambda: check_baseline(missing, tiny(tones)))
    (tmp_path / "text.onnx").write_text("no model")
    broken = read_baseline(f"onnx:{tmp_path / 'text.onnx'}")
    refused("N0603", "is no model that onnxruntime reads", lambda: check_baseline(broken, tiny(tones)))


def test_a_model_is_found_again_from_the_folder_of_the_run(prepared: Prepared, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", ["n", *prepared.frontend.output.stored])
    folder = RunFolder.create(tmp_path / "runs" / "one")
    ask(Baseline(model), folder)
    assert str(tmp_path) not in (folder.path / PROBE).read_text()
    assert asked_in(folder) == Baseline(model)
    have_probe(folder, prepared, Silent())
    assert folder.metrics()["probe"]["name"] == "probe of m.onnx"


@pytest.mark.parametrize(
    "more, less, chance", [(0, 0, 1.0), (5, 5, 1.0), (5, 0, 0.0625), (9, 1, 0.021484375)]
)
def test_the_sign_test_is_exact(more: int, less: int, chance: float) -> None:
    pairs, turned = Pairs(0, more, less, 0), Pairs(0, less, more, 0)
    assert pairs.chance == pytest.approx(chance)
    assert turned.chance == pairs.chance
