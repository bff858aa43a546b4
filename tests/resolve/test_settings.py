"""Settings: which of profile, experiment and `--set` counts, and how each is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.resolve.settings import StageSettings, parse_override
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request


def ss1(*overrides: str, preset: str = "paper", data: str = "sc09") -> Experiment:
    return load("ss1", Request(data=data, preset=preset, overrides=overrides))


def codes(*overrides: str) -> list[str]:
    with pytest.raises(DslnasError) as caught:
        ss1(*overrides)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_the_paper_preset_is_table_2() -> None:
    settings = ss1().settings
    assert settings.search.parameters == {"nodes": 3, "channels": 16, "repeat": 2, "domain": "real"}
    assert settings.train.parameters == {"nodes": 3, "channels": 26, "repeat": 6, "domain": "real"}
    assert (settings.search.batch, settings.search.epochs) == (96, 60)
    assert (settings.train.batch, settings.train.epochs, settings.train.mixup) == (128, 200, 0.2)


@pytest.mark.parametrize(
    ("text", "stage", "name", "value"),
    [
        ("search.epochs=7", "search", "epochs", 7),
        ("train.batch=9", "train", "batch", 9),
        ("search.steps=30", "search", "steps", 30),
        ("train.mixup=0.5", "train", "mixup", 0.5),
        ("search.warmup=25%", "search", "warmup", 0.25),
        ("search.judge=groups", "search", "judge", "groups"),
    ],
)
def test_every_setting_of_a_stage_is_reached(text: str, stage: str, name: str, value: Any) -> None:
    settings = ss1(text).settings
    assert getattr(getattr(settings, stage), name) == value
    assert settings.origins[f"{stage}.{name}"] == f"--set {text.partition('=')[0]}"


def test_parameters_are_set_for_one_stage_or_both() -> None:
    both, one = ss1("channels=10").settings, ss1("train.channels=10").settings
    assert (both.search.parameters["channels"], both.train.parameters["channels"]) == (10, 10)
    assert (one.search.parameters["channels"], one.train.parameters["channels"]) == (16, 10)
    assert ss1("nodes=2").settings.train.parameters["nodes"] == 2


def test_what_the_search_decides_about_cells_holds_for_training() -> None:
    settings = ss1("search.nodes=2").settings
    assert settings.train.parameters["nodes"] == 2


def test_the_last_of_two_lengths_counts() -> None:
    stage = ss1("search.epochs=7", "search.steps=30").settings.search
    assert (stage.epochs, stage.steps) == (0, 30)
    assert StageSettings({}, 4, epochs=3).length(10) == 30 and StageSettings({}, 4, steps=7).length(10) == 7


def test_data_and_precision_are_reached() -> None:
    settings = ss1("data.split=speaker", "data.fold=2", "data.clips=5", "precision=bfloat16").settings
    assert (settings.split, settings.fold, settings.clips, settings.precision) == (
        "speaker",
        2,
        5,
        "bfloat16",
    )


def test_the_command_line_counts_more_than_the_experiment_and_that_more_than_the_profile(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\nexperiment {\n    space: SS1\n    search.epochs: 5\n    search.batch: 6\n}\n'
    )
    settings = load(path, Request(data="sc09", preset="paper", overrides=["search.batch=7"])).settings
    assert (settings.search.epochs, settings.search.batch, settings.train.batch) == (5, 7, 128)
    assert settings.origins["search.epochs"].endswith("mine.nas")
    assert settings.origins["train.batch"] == "profile sc09, real.train"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["search.epoch=7"], ["N0603"]),
        (["search.domain=real"], ["N0603"]),
        (["search.epochs=-7"], ["N0301"]),
        (["search.epochs=2.5"], ["N0301"]),
        (["search.epochs=1, 2"], ["N0207"]),
        (["search.warmup=2"], ["N0301"]),
        (["search.judge=nobody"], ["N0301"]),
        (["train.judge=groups"], ["N0603"]),
        (["data.split=both"], ["N0603"]),
        (["data.skip_limit=x"], ["N0301"]),
        (["channels=100001"], ["N0301"]),
        (["channels=wide"], ["N0301"]),
        (["domain=compleks"], ["N0301"]),
        (["method=dart"], ["N0201"]),
        (["method.los=cross_entropy"], ["N0204"]),
        (["space=SS2"], ["N0201"]),
        (["candidates.skip_connect=skp"], ["N0201"]),
        (["candidates.x.y=skip"], ["N0204"]),
        (["frontend=logmell"], ["N0201"]),
        (["=3"], ["N0603"]),
        (["search.epochs"], ["N0603"]),
        (["search.epochs=("], ["N0101"]),
        (["a=", "b=$"], ["N0101", "N0101"]),
        (["search.epochs=0", "train.epochs=0"], ["N0301", "N0301"]),
    ],
)
def test_what_cannot_be_set_is_told(overrides: list[str], expected: list[str]) -> None:
    assert codes(*overrides) == expected


def test_an_unknown_preset_is_told() -> None:
    with pytest.raises(DslnasError) as caught:
        ss1(preset="slow")
    assert [d.code for d in caught.value.diagnostics] == ["N0603"]


KEYS = (
    "search.epochs",
    "nodes",
    "domain",
    "method",
    "candidates.a",
    "data.split",
    "network",
    "frontend",
    "x.y.z",
    "",
)
VALUES = (
    "3",
    "-1",
    "50%",
    "real",
    "skip",
    "input -> global_pool",
    "(",
    "1e400",
    "a, b",
    "x -> relu",
    "",
    "(lr: 3)",
)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(max_size=30), st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map("=".join))
)
def test_any_text_is_a_setting_or_a_diagnostic(text: str) -> None:
    try:
        setting = parse_override(text)
        assert setting.values and setting.key == text.partition("=")[0].strip()
        ss1(text)
    except DslnasError as error:
        assert error.diagnostics
