"""The page that listens: complete in itself, and in a browser it says what `dslnas predict` says."""

from __future__ import annotations

import base64
import gzip
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
from browser import Browser, axe_text, browser
from recordings import refused

from dslnas.export import Export
from dslnas.export.web import export_web
from dslnas.export.web.page import page
from dslnas.export.web.runtime import SCRIPT, Runtime, kept_folder
from dslnas.runs.load import load
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run

AUTOMATIC = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
NAMES = ("</script><b>", "2", "3", "4", "5", "6", "7", "8", "9", "ten & more")
LIKELIEST = """(() => {
    const share = (row) => parseFloat(row.querySelector(".number").textContent) || 0;
    const rows = [...document.querySelectorAll("#classes tr")];
    const first = rows.reduce((most, row) => (share(row) > share(most) ? row : most));
    return share(first) > 0 ? first.querySelector("th").textContent : "";
})()"""
PATIENCE = 240  # half seconds


@pytest.fixture(scope="module")
def untrained() -> Export:
    experiment = load("nasc_baseline", Request(data="fsdd"))
    genotype = experiment.only_genotype
    assert genotype is not None
    return Export.of_genotype(experiment, genotype)


def test_everything_is_in_the_page(untrained: Export) -> None:
    named = replace(untrained, experiment=replace(untrained.experiment, classes=NAMES))
    parts = {"script": b"export default 1;", "wasm": b"\0asm", "model": bytes(range(256))}
    text = page(named, parts["model"], Runtime(parts["script"], parts["wasm"]))
    for name, data in parts.items():
        (packed,) = re.findall(rf'id="{name}">([^<]*)</script>', text)
        assert gzip.decompress(base64.b64decode(packed)) == data
    (about,) = re.findall(r'id="about">([^<]*)</script>', text)
    assert json.loads(about)["classes"] == list(NAMES)
    assert not re.findall(r'(?:src|href)="(?!data:)', text), "it names no other file"
    assert "https:" not in text and "not trained" in text
    assert page(named, parts["model"], Runtime(parts["script"], parts["wasm"])) == text


def test_a_network_of_pictures_has_no_page(untrained: Export, tmp_path: Path) -> None:
    seeing: Any = SimpleNamespace(frontend=SimpleNamespace(sees_images=True))
    export = replace(untrained, experiment=seeing)
    assert "--to onnx" in refused("N0702", "sees pictures", lambda: export_web(export, tmp_path / "web"))


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run on tones."""
    pytest.importorskip("onnxscript")
    if not (kept_folder() / SCRIPT).is_file():
        pytest.skip("onnxruntime-web is not in the cache: `dslnas export RUN --to web` fetches it")
    folder = tmp_path_factory.mktemp("site")
    return export_web(Export.of_run(Run.open(whole)), folder, kept_folder()).files[0]


@pytest.fixture(scope="module")
def sounds(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A short recording, a long one with two channels, silence, and what a microphone hears."""
    folder = tmp_path_factory.mktemp("sounds")
    loud, rate = soundfile.read(tones / "class2" / "3.wav")
    long = np.concatenate([loud, loud, np.zeros(3 * rate), loud])
    soundfile.write(folder / "long.wav", np.stack([long, 0.2 * long], axis=1), rate)
    soundfile.write(folder / "still.wav", np.zeros(rate), rate)
    soundfile.write(folder / "heard.wav", np.tile(loud, 30), rate)
    return [tones / "class0" / "1.wav", *(folder / f"{name}.wav" for name in ("long", "still", "heard"))]


@pytest.fixture(scope="module")
def window(site: Path, sounds: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    fake = f"--use-file-for-fake-audio-capture={sounds[-1]}"
    with browser(tmp_path_factory.mktemp("profile"), *AUTOMATIC, fake) as one:
        one.open(site, 900)
        awaited(one, "document.body.dataset.state === 'ready'")
        yield one


def awaited(window: Browser, condition: str) -> None:
    """Wait until something is so in the page."""
    for _ in range(PATIENCE):
        if window.run(condition):
            return
        time.sleep(0.5)
    raise AssertionError(f"never: {condition}; {window.run('document.body.innerText')} {window.errors}")


def text(window: Browser, selector: str) -> str:
    return str(window.run(f"document.querySelector('{selector}').textContent"))


def test_the_page_says_of_recordings_what_predict_says(
    window: Browser, sounds: list[Path], whole: Path
) -> None:
    found, _ = predict(Run.open(whole), sounds[:3], "cpu")
    for one in found:
        window.choose("#file", Path(one.path))
        awaited(
            window, f"document.getElementById('status').textContent.startsWith('{Path(one.path).name}: ')"
        )
        assert text(window, "#label") == (one.label or "silent")
        shown = window.run(
            "[...document.querySelectorAll('#classes .number')].map((cell) => cell.textContent)"
        )
        expected = list(one.probabilities.values()) or [0.0, 0.0, 0.0]
        assert [float(share.removesuffix(" %")) / 100 for share in shown] == pytest.approx(expected, abs=0.01)
        rows = window.run("document.querySelectorAll('#windows tbody tr').length")
        assert rows == len(one.windows)
    assert window.errors == []


def test_the_page_listens_to_a_microphone(window: Browser, sounds: list[Path], whole: Path) -> None:
    (said,), _ = predict(Run.open(whole), sounds[3:], "cpu")
    window.click("#microphone")
    awaited(window, "document.body.dataset.state === 'listening'")
    awaited(window, f"{LIKELIEST} === '{said.label}'")
    dark = "new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)"
    drawn = f"(() => {{ const c = document.getElementById('spectrogram'); return new Set({dark}).size }})()"
    assert window.run(drawn) > 20, "the spectrogram is drawn"
    window.click("#microphone")
    awaited(window, "document.body.dataset.state === 'ready'")
    assert text(window, "#microphone") == "Listen to the microphone"
    assert window.errors == []


def test_the_page_can_be_read_by_anybody(window: Browser, sounds: list[Path]) -> None:
    assert window.run("document.documentElement.scrollWidth <= window.innerWidth")
    window.run(axe_text())
    found = window.run("axe.run().then((result) => result.violations.map((one) => one.id + ': ' + one.help))")
    assert found == []
