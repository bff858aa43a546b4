"""Settings: which of profile, experiment and `--set` counts, and how each is checked."""

from __future__ import annotations

import json
from itertools import combinations
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
from dslnas.runs.run_settings import read_run_settings


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


# Who may say a size, the strongest first; the profile's is 3.
PLACES = ("--set", "experiment", "space", "profile")
SIZED = """use "ss1.nas"
space Mine = SS1 with { channels: 4 NODES }
experiment {
    space: Mine
    EXPERIMENT
}
"""


@pytest.mark.parametrize("stage", ["search", "train"])
@pytest.mark.parametrize("said", [said for n in (1, 2, 3) for said in combinations(PLACES[:3], n)])
def test_one_rule_of_precedence_and_every_value_that_it_beat(
    said: tuple[str, ...], stage: str, tmp_path: Path
) -> None:
    values = {"--set": "7", "experiment": "6", "space": "5", "profile": "3"}
    text = SIZED.replace(
        "channels: 4 NODES", f"nodes: {values['space']}" if "space" in said else "channels: 4"
    )
    text = text.replace(
        "EXPERIMENT", f"{stage}.nodes: {values['experiment']}" if "experiment" in said else ""
    )
    path = tmp_path / "mine.nas"
    path.write_text(text)
    overrides = [f"{stage}.nodes={values['--set']}"] if "--set" in said else []
    settings = load(path, Request(data="sc09", preset="paper", overrides=overrides)).settings
    strongest = said[0]
    found = settings.search if stage == "search" else settings.train
    assert str(found.parameters["nodes"]) == values[strongest]
    if stage == "train":  # whose size of the profile is that of the search
        return
    places = (f"--set {stage}.nodes", str(path), "space Mine", "profile sc09, real.search")
    origins = dict(zip(PLACES, places, strict=True))
    assert settings.origins[f"{stage}.nodes"] == origins[strongest]
    weaker = (*said[1:], "profile")
    told = [(one.value, one.origin) for one in settings.beaten[f"{stage}.nodes"]]
    assert told[: len(weaker)] == [(values[place], origins[place]) for place in weaker]


def test_a_value_in_a_space_holds_and_by_profile_leaves_it_to_the_profile(tmp_path: Path) -> None:
    network = "network = input -> conv(3, channels) -> choose {relu, tanh} -> global_pool -> linear(classes)"
    path = tmp_path / "mine.nas"
    found = {}
    for value in ("4", "by_profile(4)"):
        path.write_text(f"space Mine(channels = {value}, width = by_profile(2)) {{\n    {network}\n}}\n")
        found[value] = load(path, Request(data="sc09", preset="paper")).settings
    held, left = found["4"], found["by_profile(4)"]
    assert (held.search.parameters["channels"], held.train.parameters["channels"]) == (4, 4)
    assert held.beaten["search.channels"] == (("16", "profile sc09, real.search"),)
    assert held.beaten["train.channels"] == (("26", "profile sc09, real.train"),)
    assert (left.search.parameters["channels"], left.train.parameters["channels"]) == (16, 26)
    assert left.search.parameters["width"] == 2, "what no profile names"
    assert left.origins["search.width"] == "space Mine"


def test_of_two_lengths_the_weaker_is_told_as_beaten() -> None:
    settings = ss1("search.steps=30").settings
    assert settings.beaten["search.steps"] == (("60 epochs", "profile sc09, real.search"),)


@pytest.mark.parametrize("wrong", ["by_profile()", "by_profile(1, 2)", "by_profile(x: 1)"])
def test_by_profile_takes_one_value(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.nas"
    path.write_text(f"space Mine(channels = {wrong}) {{\n    network = input\n}}\n")
    with pytest.raises(DslnasError) as caught:
        load(path)
    assert "N0207" in [one.code for one in caught.value.diagnostics]


def test_a_run_from_before_the_rule_is_what_it_was(tmp_path: Path) -> None:
    """There the profile beat the space; its settings say what was resolved, and that holds still."""
    path = tmp_path / "space.nas"
    path.write_text('use "ss1.nas"\nspace Mine = SS1 with { nodes: 2 }\nexperiment {\n    space: Mine\n}\n')
    stages = {
        "search": {"nodes": 3, "channels": 8, "repeat": 1, "batch": 32},
        "train": {"nodes": 3, "channels": 16},
    }
    data = {"name": "fsdd", "classes": ["a", "b"]}
    old = {
        "space": "Mine",
        "method": "darts",
        "preset": "quick",
        "seed": 0,
        "set": [],
        "data": data,
        **stages,
    }
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(old))
    before = load(path, read_run_settings(settings).request)
    assert (before.settings.search.parameters["nodes"], before.settings.train.parameters["nodes"]) == (3, 3)
    settings.write_text(json.dumps({**old, "set": list(before.overrides), "beaten": {}}))
    assert load(path, read_run_settings(settings).request).settings == before.settings
    settings.write_text(json.dumps({**old, "beaten": {}}))
    assert load(path, read_run_settings(settings).request).settings.search.parameters["nodes"] == 2


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
