"""`dslnas export` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.run_folder import WEIGHTS
from dslnas.export import Int8


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_a_run_is_exported_into_its_folder(copy: Path) -> None:
    said = json.loads(run("export", copy, "--json"))
    assert said["files"] == [str(copy / "network.py"), str(copy / "network.pt")]
    assert all(Path(path).is_file() for path in said["files"])
    assert said["trained"] and said["format"] == "python" and said["difference"] < 1e-5
    assert said["classes"] == ["class0", "class1", "class2"]


def test_a_genotype_is_exported_untrained_and_says_so(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "fresh.py"
    assert "not trained: seed 7" in run("export", copy / "genotype.json", "--seed", 7, "-o", out)
    assert "seed 7 draws them" in out.read_text(encoding="utf-8")


def test_before_a_run_is_trained_its_genotype_is_exported(copy: Path) -> None:
    (copy / WEIGHTS).unlink()
    assert not json.loads(run("export", copy, "--json"))["trained"]


@pytest.mark.parametrize(
    ("source", "message"),
    [("ss1", "ss1 holds no genotype"), ("nothing.json", "cannot be read"), (".", "is no run folder")],
)
def test_what_is_no_network_is_told(source: str, message: str) -> None:
    assert message in run("export", source, code=1)


def test_broken_weights_and_a_missing_folder_are_told(copy: Path, tmp_path: Path) -> None:
    assert "N0702" in run("export", copy, "-o", tmp_path / "no" / "such" / "file.py", code=1)
    (copy / WEIGHTS).write_bytes(b"none")
    assert "does not hold the network's weights" in run("export", copy, code=1)
    assert not (copy / "network.py").exists()


def test_a_network_of_8_bits_tells_what_it_costs(copy: Path) -> None:
    """And is refused where that is more than it may."""
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    told = run("export", copy, "--to", "onnx", "--int8", "--most-lost", 100, "--json")
    said = json.loads(told[told.index("{") :])  # after the progress
    (path,) = said["files"]
    assert path == str(copy / "network.int8.onnx")
    assert set(said["float"]) == set(said["int8"]) == {"validation", "test"}
    session = onnxruntime.InferenceSession(path)
    assert session.get_inputs()[0].name == "wave"
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == said["classes"]
    costs = Int8(b"", True, {"validation": 0.9}, {"validation": 0.868})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dslnas.export.writing.whole_model", lambda *_: None)
        patch.setattr("dslnas.export.writing.int8_model", lambda *_: costs)
        told = run("export", copy, "--to", "onnx", "--int8", "-o", copy / "none.onnx", code=1)
    assert "8 bits lose 3.2 points" in told and "--most-lost 4" in told
    assert not (copy / "none.onnx").exists()


def test_8_bits_of_an_untrained_network_are_refused_before_data_is_read(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dslnas.runs.prepared.prepare_data", lambda *_: pytest.fail("data was read"))
    told = run("export", copy / "genotype.json", "--to", "onnx", "--int8", code=1)
    assert "shows on a trained network, and this one is not" in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--features"], "--features is of ONNX models"),
        (["--int8"], "--int8 is of ONNX models"),
        (["--to", "onnx", "--int8", "--features"], "--features has none"),
        (["--to", "web", "--opset", "18"], "--opset is of ONNX models"),
        (["--to", "onnx", "--runtime", "."], "--runtime is of web pages"),
    ],
)
def test_options_that_do_not_go_together_are_told(copy: Path, options: list[str], message: str) -> None:
    assert message in run("export", copy, *options, code=1)
