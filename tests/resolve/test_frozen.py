"""Frozen texts load alike, and the hash of a space sees its structure alone."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import SpaceText, spaces

from dslnas.methods.method import RelaxedMethod
from dslnas.resolve.frozen import space_hash
from dslnas.resolve.library import shipped
from dslnas.resolve.resolve import resolve
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

SPACES = sorted(path.stem for path in shipped().glob("*.nas") if path.stem != "vgg16")  # for large pictures
METHODS = ("darts", "fairdarts", "forcedarts")
MINE = """
# A space of its own, with all that the library has under the same names.
use "../parts/ops.nas"
use "lib/polynomial.nas"

space Base(nodes = 2, channels = 4, repeat = 1) {
    candidates {
        a = own(3)
        b = asym5(5, 3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> conv(1)
        let b = prev  -> conv(1)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier)
        concat(n) -> conv(1)
    }
    network = input -> conv(3, channels) -> repeat times normal -> global_pool -> linear(classes)
}
space Mine = Base with { candidates.c = own(5) }

method darts {
    loss: cross_entropy
    arch: adam(lr: 1e-3)
}
frontend logmel(bands = 16) = wave(8kHz, 1s)
    -> stft(window: 64ms, hop: 32ms, rate: 8kHz) -> mel(bands, rate: 8kHz)
profile sc09 {
    frontend:    logmel(20)
    real.search: (nodes: 2, channels: 4, batch: 8, epochs: 2)
    real.train:  (channels: 6, batch: 8, epochs: 2)
}
experiment {
    space:  Mine
    method: darts
    search.batch: 5
}
"""
PARTS = """
op own(k) = x -> relu -> dwconv(k, stride) -> conv(1) -> bn
experiment {
    space: Nowhere
}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "spaces").mkdir()
    (tmp_path / "pyproject.toml").touch()  # the two folders are of one project
    (tmp_path / "parts" / "ops.nas").write_text(PARTS)
    path = tmp_path / "spaces" / "mine.nas"
    path.write_text(MINE)
    return path


def thawed(experiment: Experiment, folder: Path, preset: str = "quick") -> Experiment:
    """The experiment that its frozen text loads as, in a folder where nothing else is."""
    path = folder / "frozen" / "space.nas"
    path.parent.mkdir()
    path.write_text(experiment.text)
    return load(path, Request(data=experiment.data, preset=preset, overrides=experiment.overrides))


def assert_alike(one: Experiment, other: Experiment) -> None:
    assert one.space_hash == other.space_hash
    assert one.method == other.method
    if isinstance(one.method, RelaxedMethod) and isinstance(other.method, RelaxedMethod):
        assert one.method.loss == other.method.loss
    assert one.frontend.fingerprint == other.frontend.fingerprint
    assert one.settings.search == other.settings.search and one.settings.train == other.settings.train
    assert one.supernet.choices == other.supernet.choices
    assert one.supernet.selections == other.supernet.selections


@pytest.mark.parametrize(("space", "method"), list(zip(SPACES, cycle(METHODS), strict=False)))
def test_a_frozen_shipped_space_loads_alike(space: str, method: str, tmp_path: Path) -> None:
    if space in ("nasc", "nasc_baseline", "nasc_vgg"):
        method = "darts"  # they have no edges whose weights a method could regularize
    if space == "nasbench201":
        method = "darts201"  # all of its edges remain
    if space == "keywords":
        method = "nasc"  # a relaxed method cannot search its choices of width and depth
    experiment = load(space, Request(data="esc50", overrides=[f"method={method}", "search.steps=3"]))
    assert_alike(experiment, thawed(experiment, tmp_path))


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["method=fairdarts"],
        ["method=forcedarts", "candidates.c=own(7)"],
        ["method.loss=cross_entropy + zero_one(alpha)", "frontend=logmel(8)"],
        ["space=Base", "method=darts"],
    ],
)
def test_a_frozen_file_of_a_user_loads_alike(overrides: list[str], mine: Path, tmp_path: Path) -> None:
    """Its own method, front end and profile stand in for those of the library, and other methods stay."""
    experiment = load(mine, Request(data="sc09", overrides=overrides))
    again = thawed(experiment, tmp_path)
    assert_alike(experiment, again)
    assert again.settings.search.batch == 5
    assert thawed(again, tmp_path / "frozen").text == again.text == experiment.text


def test_a_frozen_text_of_another_data_set_takes_the_profile_of_the_library(
    mine: Path, tmp_path: Path
) -> None:
    experiment = load(mine, Request(data="sc35"))
    assert "profile sc35 {" in experiment.text and "profile sc09 {" in experiment.text
    assert_alike(experiment, thawed(experiment, tmp_path))


def test_a_frozen_text_has_no_use_and_one_experiment(mine: Path) -> None:
    text = load(mine, Request(data="sc09")).text
    assert "\nuse " not in text and text.count("\nexperiment {") == 1
    assert "# A space of its own" in text


@settings(max_examples=15, deadline=None)
@given(spaces())
def test_frozen_drawn_spaces_load_alike(space: SpaceText) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.nas"
        path.write_text(space.text)
        experiment = load(
            path, Request(data="fsdd", overrides=["method=darts", "method.prune=top(1, candidates)"])
        )
        assert_alike(experiment, thawed(experiment, Path(folder)))


def hash_of(text: str, folder: Path) -> str:
    path = folder / "hashed.nas"
    path.write_text(text)
    definitions, found = resolve(path)
    assert found == []
    return space_hash(definitions.spaces["SS1"], definitions)


SS1 = (shipped() / "ss1.nas").read_text()
OPS = (shipped() / "lib" / "darts.nas").read_text()
WHOLE = OPS + SS1.replace('use "lib/darts.nas"\n', "").replace('use "lib/methods.nas"\n', "")
SAME = {
    "comments": ("# SS1", "# Another comment on SS1"),
    "layout": ("        max_pool_3x3 = max_pool(3)", "\n  max_pool_3x3   =  max_pool( 3 )  # three"),
    "another default": ("nodes = by_profile(4), channels = by_profile(16)", "nodes = 3, channels = 20"),
    "an unused operation": ("space SS1", "op unused = x -> relu\nspace SS1"),
    "the order of candidates": (
        "        max_pool_3x3 = max_pool(3)\n        avg_pool_3x3 = avg_pool(3)\n",
        "        avg_pool_3x3 = avg_pool(3)\n        max_pool_3x3 = max_pool(3)\n",
    ),
    "the order of operations": ("space SS1", "op later = x -> relu\nspace SS1"),
    "the experiment": ("method: forcedarts", "method: fairdarts"),
}
DIFFERENT = {
    "a candidate": ("sep_conv_5x5 = sep_conv(5)", "sep_conv_5x5 = sep_conv(7)"),
    "a candidate's name": ("sep_conv_5x5 = sep_conv(5)", "sep_conv_five = sep_conv(5)"),
    "an operation's body": (
        "op dil_conv(k, affine = false) = x -> relu",
        "op dil_conv(k, affine = false) = x -> tanh",
    ),
    "an operation through another": ("let r = x -> relu", "let r = x -> tanh"),
    "a cell's value": ("        concat(n)", "        concat(n[1], n[nodes])"),
    "a cell's nodes": ("in earlier) keep 2", "in earlier) keep 1"),
    "a cell's setting": (
        "cell reduction = normal with { stride: 2 }",
        "cell reduction = normal with { stride: 1 }",
    ),
    "the network": ("-> linear(128) -> relu ->", "-> linear(64) -> relu ->"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_hash_stays(name: str, tmp_path: Path) -> None:
    before, after = SAME[name]
    assert before in WHOLE
    assert (
        hash_of(WHOLE.replace(before, after), tmp_path) == hash_of(WHOLE, tmp_path) == load("ss1").space_hash
    )


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_hash_changes(name: str, tmp_path: Path) -> None:
    before, after = DIFFERENT[name]
    assert before in WHOLE
    assert hash_of(WHOLE.replace(before, after), tmp_path) != load("ss1").space_hash


def test_settings_do_not_change_the_hash_and_candidates_do() -> None:
    plain = load("ss1").space_hash
    assert load("ss1", Request(overrides=["nodes=2", "channels=6", "method=fairdarts"])).space_hash == plain
    assert load("ss1", Request(overrides=["candidates.sep_conv_5x5=sep_conv(7)"])).space_hash != plain
    assert load("ss1", Request(overrides=["candidates.more=sep_conv(7)"])).space_hash != plain
