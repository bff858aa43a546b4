"""The page in a real browser: no width scrolls it sideways, nothing is wrong by axe-core, sound plays.

Needs a Chromium, and for accessibility axe-core from npm; skipped, with a reason, where one is missing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser import Browser, axe_text, browser
from made_fronts import layered, write_searched
from made_runs import write_run
from report_pages import edit

from dslnas.report.page import write_report

WIDTHS = (420, 768, 1440)
WHATEVER = ("a class with quite a long name", "wood", "Glas/Flasche", "four", "five")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A whole run with long names and recordings on disk, and one that has only begun."""
    folder = tmp_path_factory.mktemp("pages")
    whole = write_run(folder / "whole", nodes=2, epochs=2, classes=WHATEVER)
    clip = folder / "a.wav"
    soundfile.write(clip, 0.3 * np.sin(np.arange(4000) / 4), 8000)

    def recorded(data: dict[str, list[dict[str, str]]]) -> None:
        for number, one in enumerate(data["clips"]):
            one["path"] = str(folder / "recordings" / f"a_rather_long_name_of_a_recording_{number:05}.wav")
            (folder / "recordings").mkdir(exist_ok=True)
            shutil.copy(clip, one["path"])

    edit(whole / "test.json", recorded)
    origins = {"search.batch": "profile recordings, quick.search", "search.epochs": "--set search.epochs"}
    edit(whole / "settings.json", lambda data: data.update(origins=origins, data_root=str(folder)))
    begun = write_run(folder / "begun", nodes=1, epochs=1)
    for name in ("test.json", "genotype.json", "metrics.json"):
        (begun / name).unlink()
    write_searched(folder / "sampled", layered(folder), 24)
    ranked = [{"key": str(n), "inherited": 0.5 + n / 90, "retrained": 0.6 + n / 99} for n in range(6)]
    (folder / "sampled" / "rank.json").write_text(json.dumps({"tau": 1.0, "steps": 20, "networks": ranked}))
    seconds = {"conv(kernel: 3, out: 16, stride: 1, dilation: 1, groups: 1) 16 x 32 x 32": 2e-4}
    table = {"seconds": seconds, "factor": 1.1, "networks": 10, "error": 0.05, "machine": "one"}
    (folder / "sampled" / "latency.json").write_text(json.dumps(table))
    return {name: write_report(folder / name) for name in ("whole", "begun", "sampled")}


@pytest.mark.parametrize("name", ["whole", "begun", "sampled"])
def test_no_width_scrolls_sideways_and_the_console_is_silent(
    window: Browser, pages: dict[str, Path], name: str
) -> None:
    for width in WIDTHS:
        window.open(pages[name], width)
        assert window.run("document.documentElement.scrollWidth") == width
        assert window.errors == []


@pytest.mark.parametrize("name", ["whole", "sampled"])
def test_axe_finds_nothing_serious(window: Browser, pages: dict[str, Path], name: str) -> None:
    axe = axe_text()
    for width, scheme in zip(WIDTHS, ("light", "dark", "light"), strict=True):
        window.open(pages[name], width, scheme)
        window.run("document.querySelectorAll('details').forEach(one => { one.open = true }); true")
        window.run(f"{axe}; true")
        found = window.run(
            "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations"
            ".filter(one => ['serious', 'critical'].includes(one.impact))"
            ".map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' ')))"
        )
        assert found == []


def test_mistakes_can_be_heard(window: Browser, pages: dict[str, Path]) -> None:
    """A browser decodes every recording of the page, without fetching any."""
    window.open(pages["whole"], 768)
    lengths = window.run(
        "Promise.all([...document.querySelectorAll('audio')].map(one => new Promise(done => {"
        "one.onloadedmetadata = () => done(one.duration); one.onerror = () => done(-1); one.load()})))"
    )
    assert lengths and lengths == pytest.approx([0.5] * len(lengths), abs=0.01)
    assert window.errors == []


def test_no_folder_of_the_machine_is_in_the_page(pages: dict[str, Path]) -> None:
    for page in pages.values():
        text = page.read_text("utf-8")
        assert str(page.parents[1]) not in text and str(Path.home()) + "/" not in text
