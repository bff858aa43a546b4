"""Networks as C: a compiler without libraries makes of them what the network computes."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from dslnas.base.diagnostics import DslnasError
from dslnas.data import FrontEndModule
from dslnas.export import Export, export_c
from dslnas.export.deploy.header import function_name
from dslnas.export.waves import in_steps
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run

GCC = shutil.which("gcc")
MAIN = """#include <stdio.h>
#include "NAME.h"
static float input[UPPER_INPUT], output[UPPER_CLASSES];
int main(void) {
    while (fread(input, sizeof(float), UPPER_INPUT, stdin) == UPPER_INPUT) {
        NAME(input, output);
        for (int i = 0; i < UPPER_CLASSES; i++) printf("%.9g ", output[i]);
        printf("\\n");
    }
    for (int i = 0; i < UPPER_CLASSES; i++) printf("%s\\n", NAME_classes[i]);
    return 0;
}
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where C code is written; tests that need its generator or a compiler are skipped without them."""
    pytest.importorskip("emx_onnx_cgen", reason="needs the extra `c`")
    pytest.importorskip("onnxscript")
    if GCC is None:
        pytest.skip("gcc is not installed")
    return tmp_path / "network.c"


def computed(source: Path, inputs: Tensor) -> tuple[Tensor, Sequence[str]]:
    """What a program around the code hands out for inputs (N, ...), and the names that it knows."""
    name = source.stem
    main = source.with_name("main.c")
    main.write_text(MAIN.replace("NAME", name).replace("UPPER", name.upper()), encoding="ascii")
    strict = "-std=c99 -O1 -Wall -Wextra -Werror"
    command = [str(GCC), *strict.split(), source.name, main.name, "-lm", "-o", "program"]
    subprocess.run(command, cwd=source.parent, check=True, capture_output=True)
    data = inputs.numpy().astype(np.float32).tobytes()
    said = subprocess.run([source.with_name("program")], input=data, capture_output=True, check=True)
    lines = said.stdout.decode().splitlines()
    rows = [[float(word) for word in line.split()] for line in lines[: len(inputs)]]
    return torch.tensor(rows), lines[len(inputs) :]


def figures(header: str) -> dict[str, int]:
    """The numbers of a header by the ends of their names."""
    return {name: int(value) for name, value in re.findall(r"#define NETWORK_(\w+) (\d+)", header)}


def test_code_of_a_run_says_what_predict_says(whole: Path, tones: Path, written: Path) -> None:
    """Of real clips the same labels, and probabilities to 1e-4: sums are of other order, in 32 bits."""
    import soundfile

    run = Run.open(whole)
    exported, code = export_c(Export.of_run(run), written)
    assert exported.files == (written, written.with_suffix(".h"))
    rate, samples = run.decided.experiment.frontend.rate, run.decided.experiment.frontend.samples
    clips, waves = [], []
    for number, path in enumerate(sorted(tones.rglob("*.wav"))[::5]):
        wave, _ = soundfile.read(path, dtype="float32")
        wave = wave[: samples - 100 * number]
        clips.append(written.with_name(f"{number}.wav"))
        soundfile.write(clips[-1], wave, rate)
        missing = samples - len(wave)
        padded = np.pad(wave, (missing // 2, missing - missing // 2))
        waves.append(torch.from_numpy(padded))
    assert len(clips) > 2
    found, names = computed(written, torch.stack([*waves, torch.zeros(samples)]))
    said, skipped = predict(run, clips, "cpu")
    assert not skipped and tuple(names) == tuple(run.decided.experiment.classes)
    expected = torch.tensor([list(one.probabilities.values()) for one in said])
    torch.testing.assert_close(found[:-1], expected, rtol=0, atol=1e-4)
    assert torch.equal(found[:-1].argmax(1), expected.argmax(1))
    assert not found[-1].any(), "silence"
    (planned,) = plan(run.experiment, run.genotype).footprints
    assert planned.flash == pytest.approx(code.flash, rel=0.05)
    assert planned.ram == pytest.approx(code.ram, rel=0.05)
    told = figures(written.with_suffix(".h").read_text(encoding="utf-8"))
    assert told == {"INPUT": samples, "RATE": rate, "CLASSES": 3, "FLASH": code.flash, "RAM": code.ram}
    text = written.read_text(encoding="utf-8")
    assert "malloc" not in text and set(re.findall(r"#include [<\"](.*)[>\"]", text)) <= {
        *("network.h", "stdint.h", "stddef.h", "stdbool.h", "math.h", "float.h", "limits.h", "string.h")
    }


COMPLEX = """use "lib/darts.nas"

space Small(channels = 2, domain = complex) {
    network = input -> conv(3, channels, stride: 4) -> bn -> relu
        -> dwconv(3) -> bn(affine: false) -> (x * (x -> inorm)) -> maxpool(3, 2)
        -> bn -> global_pool -> linear(4) -> real_imag -> linear(classes)
}
"""


def test_complex_features_to_logits(tmp_path: Path, written: Path) -> None:
    """The layers are folded, whose statistics are not those of a fresh network; loud features and faint."""
    path = tmp_path / "small.nas"
    path.write_text(COMPLEX, encoding="utf-8")
    experiment = load(path, Request(data="fsdd", overrides=["frontend=logmel(24, clip: 0.25s)"]))
    genotype = experiment.only_genotype
    assert genotype is not None
    export = Export.of_genotype(experiment, genotype)
    x = torch.randn(3, *experiment.frontend.output.stored, generator=torch.Generator().manual_seed(0))
    x[2] /= 100  # an instance norm is about the constants beside small variances
    export.network.train()(8 * x)
    export_c(export, written, features=True)
    found, _ = computed(written, x)
    with torch.no_grad():
        torch.testing.assert_close(found, export.network.eval()(x), rtol=1e-4, atol=1e-4)


def test_images(tmp_path: Path, written: Path) -> None:
    (tmp_path / "tiny.nas").write_text(
        "space Tiny { network = input -> conv(3, 4, 4) -> bn -> relu -> global_pool -> linear(classes) }\n",
        encoding="utf-8",
    )
    experiment = load(tmp_path / "tiny.nas", Request(data="cifar10"))
    assert experiment.only_genotype is not None
    export = Export.of_genotype(experiment, experiment.only_genotype)
    odd = replace(experiment, classes=('a "quoted" \\', "*/", *experiment.classes[2:]))
    _, code = export_c(replace(export, experiment=odd), written)
    (planned,) = plan(experiment).footprints
    assert (planned.flash, planned.ram) == pytest.approx((code.flash, code.ram), rel=0.05)
    images = torch.rand(2, *experiment.frontend.raw_shape, generator=torch.Generator().manual_seed(0))
    found, names = computed(written, images)
    with torch.no_grad():
        features = FrontEndModule(experiment.frontend).features(images)
        expected = torch.softmax(export.network.eval()(features), 1)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    assert tuple(names) == odd.classes


def test_without_its_generator_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: Path
) -> None:
    monkeypatch.setattr("dslnas.export.deploy.code.find_spec", lambda name: None)
    with pytest.raises(DslnasError, match="emx-onnx-cgen") as caught:
        export_c(Export.of_run(Run.open(whole)), tmp_path / "network.c")
    assert 'pip install "dslnas[c]"' in str(caught.value.diagnostics[0].help)


@pytest.mark.parametrize(
    ("stem", "name"),
    [("network", "network"), ("my-net.2", "my_net_2"), ("8k", "network_8k"), ("größe", "gr__e")],
)
def test_a_file_names_its_function(stem: str, name: str) -> None:
    assert function_name(stem) == name


def test_steps_of_16_bits_keep_silence() -> None:
    assert not in_steps(torch.full((3,), 1e-6)).any()
