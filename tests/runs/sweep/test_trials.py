"""What a sweep names: its experiments, its trials, their names, seeds and order."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.resolve.definitions import Definitions
from dslnas.resolve.resolve import resolve
from dslnas.resolve.sweeps import Sweep, read_sweep
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.sweep.trials import Trial, letter, letter_number, load_sweeps, trials_of

SPACES = ("SS1", "SSPolAsym4", "SSPolAsym5")
METHODS = ("darts", "fairdarts", "forcedarts", "darts(order: 1)")
DATA = ("fsdd", "sc09", "esc10")
FIXED = """
space Small(wide = 4) {
    network = input -> conv(3, wide) -> relu -> global_pool -> linear(classes)
}
"""
HEAD = "".join(f'use "{name.lower()}.nas"\n' for name in SPACES) + FIXED


def some(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


def definitions_of(text: str, folder: Path) -> Definitions:
    path = folder / "sweep.nas"
    path.write_text(HEAD + text, encoding="utf-8")
    definitions, diagnostics = resolve(path)
    assert diagnostics == []
    return definitions


def sweep_of(text: str, folder: Path) -> Sweep:
    definitions = definitions_of(text, folder)
    return read_sweep(definitions.sweeps[0], definitions)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweeps")


@settings(max_examples=25)
@given(
    spaces=some(SPACES),
    methods=some(METHODS),
    data=some(DATA),
    domains=st.sampled_from(["", "real", "complex", "real, complex"]),
    searches=st.integers(1, 30),
    retrains=st.integers(1, 2),
    baseline=st.booleans(),
)
def test_a_sweep_is_the_product_of_what_it_names(
    folder: Path,
    spaces: list[str],
    methods: list[str],
    data: list[str],
    domains: str,
    searches: int,
    retrains: int,
    baseline: bool,
) -> None:
    lines = [f"spaces: {', '.join(spaces)}", f"methods: {', '.join(methods)}", f"data: {', '.join(data)}"]
    lines += [f"domains: {domains}"] * bool(domains) + ["baselines: Small"] * baseline
    lines += [f"searches: {min(searches, 3)}", f"retrains: {retrains}"]
    sweep = sweep_of("sweep s {\n    " + "\n    ".join(lines) + "\n}\n", folder)
    trials = list(trials_of(sweep))
    kinds = max(1, domains.count(",") + 1)
    count = len(spaces) * len(methods) * len(data) * kinds
    assert len([t for t in trials if t.searches]) == count * min(searches, 3)
    assert len(trials) == count * min(searches, 3) * (1 + retrains) + baseline * len(data) * retrains
    names = [trial.name for trial in trials]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    for place, trial in enumerate(trials):
        assert not trial.source or trial.source in names[:place], "a genotype is there before it is trained"
    said = {(t.configuration.space, t.configuration.method, t.configuration.data) for t in trials if t.letter}
    assert said == {(space, method, one) for space in spaces for method in methods for one in data}


@given(st.integers(0, 20_000))
def test_letters_count_the_searches(number: int) -> None:
    assert letter_number(letter(number)) == number
    assert letter(number) != letter(number + 1)


def test_letters_are_those_of_a_spreadsheet() -> None:
    assert [letter(n) for n in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_names_and_seeds_of_the_trials(folder: Path) -> None:
    text = """sweep {
        spaces: SS1
        methods: darts(order: 1)
        data: fsdd
        searches: 2
        retrains: 2
        baselines: Small
    }
    """
    trials = list(trials_of(sweep_of(text, folder)))
    base = "SS1-real-fsdd-darts-order-1"
    assert [(t.name, t.seed, t.source) for t in trials] == [
        (f"{base}-A", 0, ""),
        (f"{base}-A-1", 0, f"{base}-A"),
        (f"{base}-A-2", 1, f"{base}-A"),
        (f"{base}-B", 1, ""),
        (f"{base}-B-1", 0, f"{base}-B"),
        (f"{base}-B-2", 1, f"{base}-B"),
        ("Small-real-fsdd-1", 0, ""),
        ("Small-real-fsdd-2", 1, ""),
    ]


def test_an_experiment_of_a_sweep_is_that_of_a_file_that_says_the_same(folder: Path) -> None:
    lines = [
        "spaces: SS1, SSPolAsym5",
        "methods: darts, forcedarts",
        "data: fsdd, sc09",
        "baselines: Small",
        "search.nodes: 2",
        "train.wide: 8",
        "frontend: logmel(40, clip: 2s)",
        "data.split: speaker",
    ]
    text = "sweep s {\n    " + "\n    ".join(lines) + "\n}\n"
    definitions_of(text + "experiment {\n    space: SSPolAsym4\n    search.epochs: 99\n}\n", folder)
    file = load_sweeps(str(folder / "sweep.nas"))
    one = next(c for c in file.sweeps[0].configurations if c.name == "SSPolAsym5-real-sc09-forcedarts")
    ours = file.experiment(one)
    settings = ("method=forcedarts", "search.nodes=2", "frontend=logmel(40, clip: 2s)", "data.split=speaker")
    theirs = load("sspolasym5", Request(data="sc09", overrides=settings))
    assert ours.space_hash == theirs.space_hash and ours.method == theirs.method
    assert (ours.data, ours.frontend) == (theirs.data, theirs.frontend)
    assert replace(ours.settings, origins={}) == replace(theirs.settings, origins={})
    (small,) = (c for c in file.sweeps[0].configurations if c.name == "Small-real-sc09")
    parameters = file.experiment(small).settings.train.parameters
    assert parameters == {"wide": 8}, "a setting goes to the spaces that have it"


def test_the_text_that_a_trial_keeps_is_its_experiment_alone(folder: Path) -> None:
    text = "sweep s {\n    spaces: SS1\n    methods: forcedarts\n    data: sc09\n    search.nodes: 2\n}\n"
    definitions_of(text + "experiment {\n    space: SSPolAsym5\n}\n", folder)
    file = load_sweeps(str(folder / "sweep.nas"))
    experiment = file.experiment(file.sweeps[0].configurations[0])
    assert experiment.text.count("experiment {") == 1 and "sweep s {" not in experiment.text
    kept = folder / "kept.nas"
    kept.write_text(experiment.text, encoding="utf-8")
    again = load(kept)
    assert again.space.name == "SS1" and again.method == experiment.method and again.data == "sc09"
    assert replace(again.settings, origins={}) == replace(experiment.settings, origins={})


def test_a_run_of_the_file_keeps_its_experiment_and_no_sweep(folder: Path) -> None:
    text = "sweep s {\n    spaces: SS1\n    methods: darts\n}\nexperiment {\n    space: SSPolAsym5\n}\n"
    definitions_of(text, folder)
    experiment = load(folder / "sweep.nas")
    assert experiment.space.name == "SSPolAsym5"
    assert experiment.text.count("experiment {") == 1 and "sweep s {" not in experiment.text


def test_the_command_line_sets_keys_of_the_sweep(folder: Path) -> None:
    definitions_of("sweep s {\n    spaces: SS1\n    methods: darts\n    searches: 3\n}\n", folder)
    file = load_sweeps(
        str(folder / "sweep.nas"), Request(overrides=("searches=1", "data=fsdd, sc09", "search.nodes=2"))
    )
    trials = [trial for trial in file.trials() if trial.searches]
    assert [trial.name for trial in trials] == ["SS1-real-fsdd-darts-A", "SS1-real-sc09-darts-A"]
    assert file.experiment(trials[0].configuration).settings.search.parameters["nodes"] == 2


def test_what_two_sweeps_name_is_one_trial(folder: Path) -> None:
    definitions_of(
        "sweep a {\n    spaces: SS1\n    methods: darts, fairdarts\n    searches: 2\n}\n"
        "sweep b {\n    spaces: SS1, SSPolAsym5\n    methods: fairdarts\n    retrains: 2\n}\n",
        folder,
    )
    file = load_sweeps(str(folder / "sweep.nas"))
    names = [trial.name for trial in file.trials()]
    assert len(names) == len(set(names)) == 8 + 6 - 2
    assert all(isinstance(trial, Trial) for trial in file.trials())


def test_several_folds_are_multiplied_out_and_one_is_a_setting(folder: Path) -> None:
    keys = ("spaces: SS1", "methods: darts", "baselines: Small", "data: fsdd", "data.fold: {}")
    text = "sweep s {{\n    " + "\n    ".join(keys) + "\n}}\n"
    several = sweep_of(text.format("1, 3"), folder)
    assert [one.name for one in several.configurations] == [
        "SS1-real-fsdd-fold1-darts",
        "SS1-real-fsdd-fold3-darts",
        "Small-real-fsdd-fold1",
        "Small-real-fsdd-fold3",
    ]
    assert [one.fold for one in several.configurations] == ["1", "3", "1", "3"]
    (searched, _) = sweep_of(text.format("2"), folder).configurations
    assert (searched.name, searched.fold) == ("SS1-real-fsdd-darts", "")
    file = load_sweeps(str(folder / "sweep.nas"), Request(overrides=("data.fold=2,4", "data.split=speaker")))
    found = [file.experiment(one).settings.fold for one in file.sweeps[0].configurations]
    assert found == [2, 4, 2, 4]
    definitions = definitions_of(text.format("1, 1"), folder)
    with pytest.raises(DslnasError, match="`1` is named twice"):
        read_sweep(definitions.sweeps[0], definitions)
