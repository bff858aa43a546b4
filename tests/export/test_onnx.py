"""Exported ONNX models: onnxruntime computes what the network computes, for any batch."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from odd_network import HEADS, SPACE

from benchmarks.onnxruntimes import answers, written
from dslnas.base.diagnostics import DslnasError
from dslnas.data import FrontEndModule
from dslnas.data.frontend.spectrum import Stft
from dslnas.export import OPSET, Export, export_onnx, export_python, export_torch
from dslnas.export.deploy.transform import counted, tabulated
from dslnas.export.parts import in_windows
from dslnas.export.waves import Convolved, Windows
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.fixture(scope="module", params=HEADS)
def odd(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Export:
    """The network of a space without choices, for 1 x 56 x 146."""
    path = tmp_path_factory.mktemp("odd") / "odd.nas"
    text = SPACE.replace("DOMAIN", request.param).replace("HEAD", HEADS[request.param])
    path.write_text(text, encoding="utf-8")
    experiment = load(path, Request(data="fsdd", overrides=["frontend=logmel(56, clip: 4.64s)"]))
    assert experiment.frontend.output.shape == (1, 56, 146)
    genotype = experiment.only_genotype
    assert genotype is not None
    return Export.of_genotype(experiment, genotype)


def test_onnxruntime_computes_what_the_network_computes(
    odd: Export, tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    path = tmp_path / "odd.onnx"
    assert export_onnx(odd, path, features=True).files == (path,)
    assert capfd.readouterr() == ("", "") and not recwarn.list, "PyTorch's talk is not for users"
    session = onnxruntime.InferenceSession(path.read_bytes())
    for batch in (1, 2, 5):
        features = odd.experiment.frontend.output.stored  # of a complex tensor both parts
        x = torch.randn(batch, *features, generator=torch.Generator().manual_seed(batch))
        (logits,) = session.run(["logits"], {"features": x.numpy()})
        with torch.no_grad():
            torch.testing.assert_close(torch.from_numpy(logits), odd.network(x), rtol=1e-4, atol=1e-4)
    said = session.get_modelmeta().custom_metadata_map
    assert json.loads(said["classes"]) == list(odd.experiment.classes)
    assert (said["rate"], said["space"]) == (str(odd.experiment.frontend.rate), "Odd")
    assert "not trained" in said["weights"]
    assert said.get("phase") == odd.experiment.frontend.phase


@pytest.fixture(scope="module")
def own(odd: Export) -> Export:
    """The same network, of recordings in a folder of somebody's."""
    data = replace(odd.experiment, data="folder:/home/somebody/clips")
    return replace(odd, experiment=data, trained=True, accuracy=0.75)


@pytest.fixture(scope="module")
def whole(own: Export, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its model from waves to probabilities."""
    pytest.importorskip("onnxscript")
    (path,) = export_onnx(own, tmp_path_factory.mktemp("whole") / "odd.onnx").files
    return path


def expected(export: Export, wave: torch.Tensor) -> torch.Tensor:
    """The probabilities of a mono wave (length,): the means over windows that are not silent."""
    frontend = export.experiment.frontend
    windows = in_windows(wave, frontend.samples)
    sounding = windows[windows.any(dim=1)]
    if not len(sounding):
        return torch.zeros(len(export.experiment.classes))
    with torch.no_grad():
        logits = export.network(FrontEndModule(frontend).features(sounding))
    return torch.softmax(logits, 1).mean(0)


def sounds(length: int) -> torch.Tensor:
    """Two waves (2, length), the second one silent but for its first third."""
    waves = torch.randn(2, length, generator=torch.Generator().manual_seed(length)) / 4
    waves[1, length // 3 :] = 0
    return waves


def test_a_model_of_waves_computes_what_is_predicted(own: Export, whole: Path) -> None:
    """Of waves of any length: the windows of a long one, a short one in the middle of silence."""
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(whole.read_bytes())
    samples = own.experiment.frontend.samples
    for length in (2, samples // 3, samples - 1, samples, samples + 1, 3 * samples + 7):
        waves = sounds(length)
        (found,) = session.run(["probabilities"], {"wave": waves.numpy()})
        for row, wave in zip(found, waves, strict=True):
            torch.testing.assert_close(torch.from_numpy(row), expected(own, wave), rtol=0, atol=1e-4)
    said = session.get_modelmeta().custom_metadata_map
    assert float(said["test_accuracy"]) == own.accuracy


def test_a_program_of_torch_computes_what_is_predicted(own: Export, tmp_path: Path) -> None:
    (path,) = export_torch(own, tmp_path / "odd.pt2").files
    facts = {"facts.json": ""}
    program = torch.export.load(path, extra_files=facts).module()
    assert json.loads(json.loads(facts["facts.json"])["classes"]) == list(own.experiment.classes)
    for length in (9, 2 * own.experiment.frontend.samples + 11):
        waves = sounds(length)
        with torch.no_grad():
            found = program(waves)
        for row, wave in zip(found, waves, strict=True):
            torch.testing.assert_close(row, expected(own, wave), rtol=0, atol=1e-4)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 20))
def test_waves_have_the_windows_of_each_of_them(seed: int, length: int, samples: int) -> None:
    waves = torch.randn(3, length, generator=torch.Generator().manual_seed(seed)).clamp(-1.2, 1.2)
    each = torch.stack([in_windows(wave, samples) for wave in waves])
    assert torch.equal(Windows(samples)(waves), each)


@pytest.mark.parametrize(("window", "hop"), [(400, 160), (641, 200), (33, 7)])
def test_the_transform_is_a_convolution(window: int, hop: int) -> None:
    waves = torch.randn(2, 3000, generator=torch.Generator().manual_seed(0))
    ours, theirs = Stft(window, hop).spectrum(waves), Convolved(window, hop).spectrum(waves)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("window", [1024, 641, 33])
def test_the_kernels_of_a_file_are_made_of_a_table(window: int) -> None:
    """The file holds the different cosines alone, and says which stands where."""
    onnxruntime, onnx = pytest.importorskip("onnxruntime"), pytest.importorskip("onnx")
    transform = Convolved(window, window)
    weight = onnx.numpy_helper.from_array(transform.kernels.numpy(), "kernels")
    places = onnx.numpy_helper.from_array(torch.arange(3 * window).numpy(), "places")
    nodes = [onnx.helper.make_node("Identity", [name], [f"{name}_out"]) for name in ("kernels", "places")]
    outputs = [
        onnx.helper.make_tensor_value_info(node.output[0], one.data_type, one.dims)
        for node, one in zip(nodes, (weight, places), strict=True)
    ]
    graph = onnx.helper.make_graph(nodes, "g", [], outputs, [weight, places])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=8)
    tabulated(model, {"kernels": transform.window.numpy()})
    counted(model)
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    assert len(data) < 3 * 4 * window + 2000
    kernels, counts = onnxruntime.InferenceSession(data).run(None, {})
    torch.testing.assert_close(torch.from_numpy(kernels), transform.kernels, rtol=1.3e-7, atol=1e-12)
    assert counts.tolist() == list(range(3 * window))


def test_a_model_of_images_has_their_front_end_inside(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    experiment = load("lenet", Request(data="cifar10"))
    genotype = experiment.only_genotype
    assert genotype is not None
    seen = Export.of_genotype(experiment, genotype)
    (path,) = export_onnx(seen, tmp_path / "seen.onnx").files
    images = torch.rand(3, *experiment.frontend.raw_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = FrontEndModule(experiment.frontend).features(images)
        expected = torch.softmax(seen.network.eval()(features), 1)
    (found,) = onnxruntime.InferenceSession(path.read_bytes()).run(None, {"image": images.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=0, atol=1e-5)


def test_no_folder_of_the_machine_is_in_what_is_exported(own: Export, whole: Path, tmp_path: Path) -> None:
    """Neither that of the recordings, nor those of the Python that the network was traced in."""
    packages = str(Path(torch.__file__).parents[1]).encode()
    for path in (whole, *export_python(own, tmp_path / "odd.py").files):
        found = path.read_bytes()
        assert b"somebody" not in found and packages not in found and str(tmp_path).encode() not in found


TINY = "space Tiny { network = input -> conv(3, 4, 4) -> bn -> relu -> global_pool -> linear(classes) }\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Export, Path]:
    """A network of four plain operators, and its model at the default opset."""
    pytest.importorskip("onnxscript")
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "tiny.nas").write_text(TINY, encoding="utf-8")
    experiment = load(folder / "tiny.nas", Request(data="digits"))
    assert experiment.only_genotype is not None
    export = Export.of_genotype(experiment, experiment.only_genotype)
    return export, written(export, folder / "tiny.onnx")


def test_a_model_is_of_the_lowest_version_that_serves(tiny: tuple[Export, Path]) -> None:
    """IR 8 and opset 18, which onnxruntime reads from 1.14 on; its newest version computes the same."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(tiny[1])
    assert (model.ir_version, model.opset_import[0].version) == (8, OPSET) == (8, 18)
    for opset in (13, 99):
        with pytest.raises(DslnasError, match=f"no opset {opset} to write, but 18 to"):
            export_onnx(tiny[0], tiny[1], opset=opset)


def test_another_opset_computes_the_same(tiny: tuple[Export, Path], tmp_path: Path) -> None:
    onnxruntime, onnx = pytest.importorskip("onnxruntime"), pytest.importorskip("onnx")
    path = written(tiny[0], tmp_path / "new.onnx", 20)
    model = onnx.load(path)
    assert (model.ir_version, model.opset_import[0].version) == (9, 20)
    waves = sounds(tiny[0].experiment.frontend.samples)
    old, new = (
        onnxruntime.InferenceSession(one).run(None, {"wave": waves.numpy()})[0] for one in (tiny[1], path)
    )
    torch.testing.assert_close(torch.from_numpy(old[0]), expected(tiny[0], waves[0]), rtol=0, atol=1e-4)
    torch.testing.assert_close(torch.from_numpy(new), torch.from_numpy(old), rtol=1e-4, atol=1e-4)


def test_other_versions_of_onnxruntime_compute_the_same(tiny: tuple[Export, Path]) -> None:
    named = os.environ.get("DSLNAS_ONNXRUNTIMES", "")
    if not named:
        pytest.skip("$DSLNAS_ONNXRUNTIMES names no interpreters with other versions of onnxruntime")
    for python in named.split(os.pathsep):
        (told,) = answers(python, [tiny[1]])
        difference = told.get("difference")
        assert isinstance(difference, float) and difference < 1e-4, told
