"""Front ends as text: their stages, their types, and which of them a profile means."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.elaborate.frontends import frontends_of
from dslnas.ir.tensortype import tensor
from dslnas.resolve.resolve import library
from dslnas.runs.load import load
from dslnas.runs.request import Request


@pytest.mark.parametrize(
    ("data", "bands", "frames"), [("sc09", 32, 32), ("sc35", 32, 32), ("esc50", 56, 146), ("esc10", 56, 146)]
)
def test_the_front_ends_of_the_paper(data: str, bands: int, frames: int) -> None:
    frontend = frontends_of(library().profiles[data], library(), "real").only
    assert frontend.output == tensor("real", 1, bands, frames)
    named = [stage.primitive for stage in frontend.steps]
    assert named == ["gain", "fade", "stft", "mel", "log", "add_noise", "stretch", "mask_time", "mask_freq"]


def test_the_complex_domain_keeps_the_phase() -> None:
    frontend = frontends_of(library().profiles["sc09"], library(), "complex").only
    assert frontend.output.domain == "complex"


def test_every_stage_keeps_its_place_in_the_text() -> None:
    frontend = frontends_of(library().profiles["sc09"], library(), "real").only
    assert [stage.span.text for stage in frontend.steps if stage.span][:2] == [
        "gain(-6dB .. 6dB)",
        "fade(200ms)",
    ]


def test_units_are_base_units() -> None:
    frontend = frontends_of(library().profiles["sc09"], library(), "real").only
    stages = {stage.primitive: stage for stage in frontend.steps}
    assert frontend.rate == 16000 and frontend.clip == 1.0 and frontend.samples == 16000
    assert stages["gain"]["range"] == (-6.0, 6.0) and stages["fade"]["length"] == pytest.approx(0.2)
    assert stages["stft"]["window"] == pytest.approx(0.064)


def test_a_front_end_of_the_file_stands_in_for_one_of_the_library(tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\n'
        "frontend logmel(bands) = wave(16kHz, 1s) -> stft(window: 64ms, hop: 32ms, rate: 16kHz)"
        " -> mel(bands, rate: 16kHz)\n"
        "experiment { space: SS1 }\n"
    )
    experiment = load(path, Request(data="sc09"))
    assert [stage.primitive for stage in experiment.frontend.steps] == ["stft", "mel"]


def test_the_front_end_can_be_set() -> None:
    experiment = load("ss1", Request(data="sc09", overrides=["frontend=logmel(40)"]))
    assert experiment.frontend.output == tensor("real", 1, 40, 32)
    assert experiment.supernet.network["input"].type == experiment.frontend.output


def test_an_impossible_front_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError) as caught:
        load("ss1", Request(data="sc09", overrides=["frontend=logmel(4000)"]))
    assert [d.code for d in caught.value.diagnostics] == ["N0301"]
