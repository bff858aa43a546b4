"""Networks as programs of ExecuTorch: its own runtime computes what the network computes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import soundfile
import soxr
import torch
from recordings import refused

from dslnas.export import Export, export_executorch
from dslnas.export.deploy.executorch import FACTS, method_of, program_of
from dslnas.runs.load import load
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run


@pytest.fixture(scope="module")
def program(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The program of a run; without the extra what needs it is skipped."""
    pytest.importorskip("executorch", reason="needs the extra `executorch`")
    path = tmp_path_factory.mktemp("program") / "network.pte"
    assert export_executorch(Export.of_run(Run.open(whole)), path).files == (path,)
    return path.read_bytes()


def clips(tones: Path, rate: int, samples: int, folder: Path) -> list[Path]:
    """Tones, and recordings of digits where there are some, at a rate; at most a clip, of many lengths."""
    found = sorted(tones.rglob("*.wav"))[::5]
    data = os.environ.get("DSLNAS_DATA")
    if data:
        found += sorted(Path(data, "free-spoken-digit-dataset").rglob("*.wav"))[::150]
    written = []
    for number, path in enumerate(found):
        wave, own = soundfile.read(path, dtype="float32")
        written.append(folder / f"{number}.wav")
        soundfile.write(written[-1], soxr.resample(wave, own, rate)[: samples - 100 * (number % 5)], rate)
    return written


def test_a_program_says_what_predict_says(whole: Path, tones: Path, program: bytes, tmp_path: Path) -> None:
    run = Run.open(whole)
    frontend = run.decided.experiment.frontend
    paths = clips(tones, frontend.rate, frontend.samples, tmp_path)
    said, skipped = predict(run, paths, "cpu")
    assert len(said) > 2 and not skipped
    classify = method_of(program, "forward")
    for one in said:
        wave, _ = soundfile.read(one.path, dtype="float32")
        found = classify(torch.from_numpy(wave)[None])[0]
        expected = torch.tensor(list(one.probabilities.values()))
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
        assert int(found.argmax()) == int(expected.argmax())
    assert not classify(torch.zeros(1, frontend.samples)).any(), "silence"


def test_a_program_says_what_it_is(whole: Path, program: bytes) -> None:
    run = Run.open(whole)
    frontend = run.decided.experiment.frontend
    facts = json.loads(method_of(program, FACTS)())
    assert json.loads(facts["classes"]) == list(run.decided.experiment.classes)
    assert facts["rate"] == str(frontend.rate) and "trained network" in facts["weights"]
    assert (method_of(program, "rate")(), method_of(program, "samples")()) == (
        frontend.rate,
        frontend.samples,
    )


COMPLEX = """use "lib/darts.nas"

space Small(channels = 2, domain = complex) {
    network = input -> conv(3, channels, stride: 4) -> bn(affine: false) -> relu -> bn(affine: false)
        -> maxpool(3, 2) -> global_pool -> linear(4) -> magnitude -> linear(classes)
}
"""


def test_a_complex_network_is_written_as_pairs(tmp_path: Path) -> None:
    """It is run beside PyTorch before it is written."""
    pytest.importorskip("executorch", reason="needs the extra `executorch`")
    (tmp_path / "small.nas").write_text(COMPLEX, encoding="utf-8")
    experiment = load(tmp_path / "small.nas", Request(data="fsdd"))
    assert experiment.only_genotype is not None
    export = Export.of_genotype(experiment, experiment.only_genotype)
    assert export_executorch(export, tmp_path / "small.pte").difference < 1e-4


def test_what_has_no_form_is_told(program: bytes) -> None:
    class Turned(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            turned: torch.Tensor = torch.fft.fft(x).real.flatten(1)[:, :3]
            return turned

    x = torch.zeros(1, 1, 4, 4)
    help = refused("N0702", "no form in ExecuTorch", lambda: program_of(Turned(), x, {}, {}, {}))
    assert "--to onnx" in help


def test_without_the_extra_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: Path
) -> None:
    monkeypatch.setattr("dslnas.export.deploy.executorch.find_spec", lambda name: None)
    path = tmp_path / "network.pte"
    help = refused("N0702", "`executorch`", lambda: export_executorch(Export.of_run(Run.open(whole)), path))
    assert 'pip install "dslnas[executorch]"' in help and not path.exists()
