"""Front ends as text: their stages, their types, and which of them a profile means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.elaborate.frontends import frontends_of
from dslnas.ir.tensortype import tensor
from dslnas.parse.vocabulary import PHASES
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


@pytest.mark.parametrize("phase", PHASES)
def test_the_phase_is_a_word_of_the_text(phase: str, tmp_path: Path) -> None:
    """An argument, a default, a value passed on; an operation may be called so all the same."""
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\n'
        f"frontend own(bands, heard = {phase}, rate = 16kHz) = wave(rate, 1s)"
        " -> stft(window: 64ms, hop: 32ms, phase: heard) -> mel(bands) -> log\n"
        f"op {phase}(k) = x -> conv(k)\n"
        f"space Named(domain = real) {{ network = input -> {phase}(3) -> global_pool"
        " -> real_imag -> linear(classes) }\n"
        "experiment { space: Named }\n"
    )
    for domain, told in (("real", None), ("complex", phase)):
        for front in ("own(32)", f"own(32, heard: {phase})", f"logmel(32, phase: {phase})"):
            experiment = load(path, Request("sc09", overrides=[f"domain={domain}", f"frontend={front}"]))
            assert experiment.frontend.phase == told
            assert experiment.only_genotype is not None


def test_an_stft_without_a_phase_has_that_of_old_texts(tmp_path: Path) -> None:
    """Whatever the shipped front ends say: the text of an old run has a front end of its own."""
    path = tmp_path / "space.nas"
    text = load("ss1", Request(data="sc09", overrides=["domain=complex"])).text
    named = re.findall(r"phase(?: =|:) (\w+)", text)
    assert named == [shipped_phase(), "phase"], "a run that is made now names it"
    path.write_text(text.replace(f", phase = {named[0]}", "").replace(", phase: phase", ""))
    assert "phase" not in path.read_text()
    assert load(path, Request(data="sc09", overrides=["domain=complex"])).frontend.phase == "start"
    changed = ["domain=complex", "frontend=logmel(40)"]
    assert load(path, Request(data="sc09", overrides=changed)).frontend.phase == "start"


def shipped_phase() -> str:
    """The phase that `logmel` has unless it is told another."""
    frontend = load("ss1", Request(data="sc09", overrides=["domain=complex"])).frontend
    assert frontend.phase is not None
    return frontend.phase


def test_a_phase_is_searched_as_anything_else_is() -> None:
    overrides = ["domain=complex", "method=nasc", "frontend=logmel(32, phase: choose {centre, relative})"]
    ways = load("ss1", Request(data="sc09", overrides=overrides)).frontends.ways
    assert [way.frontend.phase for way in ways] == ["centre", "relative"]


@pytest.mark.parametrize(
    ("phase", "code", "message"),
    [
        ("center", "N0201", "did you mean `centre`"),
        ("3", "N0301", "`centre`, `relative` or `start`, not `3`"),
    ],
)
def test_another_phase_is_told(phase: str, code: str, message: str) -> None:
    with pytest.raises(DslnasError) as caught:
        load("ss1", Request(data="sc09", overrides=[f"frontend=logmel(phase: {phase})"]))
    (told,) = caught.value.diagnostics
    assert told.code == code and message in f"{told.message} {told.help}"


def test_an_impossible_front_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError) as caught:
        load("ss1", Request(data="sc09", overrides=["frontend=logmel(4000)"]))
    assert [d.code for d in caught.value.diagnostics] == ["N0301"]


def test_noise_is_added_before_a_cosine_transform(tmp_path: Path) -> None:
    """Of the sums of logarithms there is no power to add to; the message stands at the stage."""
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\n'
        "frontend late(rate = 16kHz) = wave(rate, 1s) -> stft(64ms, 32ms) -> mel(20) -> log -> cepstrum(13)\n"
        "    -> add_noise\n"
        "experiment {\n    space: SS1\n    frontend: late\n}\n"
    )
    with pytest.raises(DslnasError, match="`add_noise` works on powers") as caught:
        load(path, Request(data="sc09"))
    (told,) = caught.value.diagnostics
    assert told.code == "N0401" and told.span is not None and (told.span.line, told.span.column) == (3, 8)
    assert "before `cepstrum`" in told.help
    experiment = load(
        "ss1", Request(data="sc09", overrides=["frontend=mfcc(10, 40, window: 40ms, hop: 20ms)"])
    )
    assert experiment.frontend.output == tensor("real", 1, 10, 49)
