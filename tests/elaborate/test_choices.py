"""A front end that is chosen: each way to decide it is the front end that one gets by naming it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import SPACE
from dslnas.check.check import check_file
from dslnas.ir.analysis import extent
from dslnas.ir.genotype import Genotype
from dslnas.ir.walk import Chosen, cost
from dslnas.lower.pruned import PrunedNetwork
from dslnas.prune.validate import validate
from dslnas.resolve.genotype_text import read_source, text_of
from dslnas.runs.begin import train_genotype
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run

SPACE_TEXT = """use "lib/darts.nas"
use "lib/frontends.nas"
space Heard(channels = 4) {
    network = input -> conv(3, channels) -> bn -> choose {maxpool(3, 2), avgpool(3, 2)}
        -> global_pool -> linear(classes)
}
experiment {
    space:    Heard
    method:   METHOD
    frontend: FRONTEND
}
"""
HEARD = "logmel(choose {8, 16}, rate: 8kHz, clip: 200ms, window: choose {32ms, 16ms}, hop: 16ms)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spaces")


def heard(folder: Path, frontend: str, method: str = "nasc", data: str = "digits") -> Experiment:
    return load(written(folder, frontend, method), Request(data=data))


def written(folder: Path, frontend: str, method: str = "nasc") -> Path:
    path = folder / "heard.nas"
    path.write_text(SPACE_TEXT.replace("METHOD", method).replace("FRONTEND", frontend))
    return path


def genotype_of(experiment: Experiment, *options: str) -> Genotype:
    ids = experiment.evaluation.choices
    choices = tuple(zip(ids, options, strict=True))
    return Genotype("Heard", experiment.space_hash, "nasc", (), choices)


values = st.tuples(
    st.lists(st.sampled_from([8, 16, 24]), min_size=2, max_size=3, unique=True),
    st.lists(st.sampled_from(["16kHz", "8kHz"]), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(["32ms", "64ms"]), min_size=1, max_size=2, unique=True),
)


@settings(max_examples=6)
@given(values, st.data())
def test_each_way_is_the_front_end_that_is_named(
    folder: Path, offered: tuple[list[int], list[str], list[str]], data: st.DataObject
) -> None:
    bands, rates, windows = (f"choose {{{', '.join(map(str, one))}}}" for one in offered)
    experiment = heard(folder, f"logmel({bands}, rate: {rates}, window: {windows})")
    ways = experiment.frontends.ways
    assert len(ways) == len(list(product(*offered)))
    assert extent.size(experiment.evaluation) == 2 * len(ways)
    taken = data.draw(st.sampled_from(list(zip(ways, product(*offered), strict=True))))
    way, (band, rate, window) = taken
    named = heard(folder, f"logmel({band}, rate: {rate}, window: {window})")
    assert way.frontend == named.frontend
    assert way.frontend.fingerprint == named.frontend.fingerprint
    pool = data.draw(st.sampled_from(["maxpool(3, 2)", "avgpool(3, 2)"]))
    chosen = validate(genotype_of(experiment, *way.taken.values(), pool), experiment.evaluation)
    alone = genotype_of(named, pool)
    assert cost(experiment.evaluation, Chosen.of(chosen)) == cost(named.evaluation, Chosen.of(alone))
    assert experiment.decided_by(chosen).frontend == named.frontend
    x = torch.randn(2, *named.frontend.output.shape, generator=torch.Generator().manual_seed(0))
    networks = (PrunedNetwork(experiment.evaluation, chosen, 0), PrunedNetwork(named.evaluation, alone, 0))
    with torch.no_grad():
        assert torch.equal(*(network.eval()(x) for network in networks))


def test_options_may_be_stages_and_hand_out_the_same(folder: Path) -> None:
    stages = "stft(window: 32ms, hop: 16ms) -> mel(8) -> log -> choose {mask_time(4), mask_freq(2)}"
    path = written(folder, "own")
    path.write_text(
        f"frontend own(rate = 8kHz, clip = 1s) = wave(rate, clip) -> {stages}\n" + path.read_text()
    )
    experiment = load(path, Request(data="digits"))
    assert [way.frontend.steps[-1].primitive for way in experiment.frontends.ways] == [
        "mask_time",
        "mask_freq",
    ]
    assert extent.size(experiment.evaluation) == 4


def test_a_plan_shows_every_way_and_of_a_genotype_its_own(folder: Path) -> None:
    experiment = heard(folder, HEARD)
    shown = [type for stage, type in plan(experiment).frontend if stage == "mel"]
    assert [type.split(" x ")[1] for type in shown] == ["8", "8", "16", "16"]
    genotype = genotype_of(experiment, "bands = 16, window = 16ms", "maxpool(3, 2)")
    planned = plan(experiment, genotype)
    assert [type for stage, type in planned.frontend if stage == "mel"] == [shown[-1]]
    assert planned.params.live == sum(
        parameter.numel() for parameter in PrunedNetwork(experiment.evaluation, genotype, 0).parameters()
    )


def test_a_genotype_fixes_the_front_end(folder: Path) -> None:
    experiment = heard(folder, HEARD)
    genotype = genotype_of(experiment, "bands = 16, window = 16ms", "maxpool(3, 2)")
    found = folder / "found.nas"
    found.write_text(text_of(genotype))
    assert read_source(found) == genotype
    path = folder / "fixed.nas"
    path.write_text(
        'use "heard.nas"\nuse "found.nas"\nspace Fixed = Heard with found.input\n'
        f"experiment {{\n    space: Fixed\n    method: darts\n    frontend: {HEARD}\n}}\n"
    )
    assert check_file(path) == []
    fixed = load(path, Request(data="digits"))
    assert fixed.frontend == experiment.decided_by(genotype).frontend
    assert extent.size(fixed.evaluation) == 2
    found.write_text(found.read_text().replace("bands = 16", "bands = 17"))
    with pytest.raises(DslnasError) as caught:
        load(path, Request(data="digits"))
    (told,) = caught.value.diagnostics
    assert told.code == "N0502" and "input/logmel_1" in told.message


@pytest.mark.usefixtures("tiny_runs")
def test_a_genotype_is_trained_on_the_features_that_it_chose(
    folder: Path, tones: Path, tmp_path: Path
) -> None:
    steps = ("train.steps=2", "train.batch=4")
    experiment = load(written(folder, HEARD), Request(data=f"folder:{tones}", overrides=steps))
    genotype = genotype_of(experiment, "bands = 16, window = 32ms", "avgpool(3, 2)")
    run = train_genotype(genotype, experiment, tmp_path / "run", device="cpu")
    assert run.execute()["test"]["clips"] > 0
    again = Run.open(tmp_path / "run")
    assert again.experiment.frontend == experiment.decided_by(genotype).frontend
    assert again.experiment.frontend.output.size[0].known == 16
    predictions, skipped = predict(again, sorted(tones.rglob("*.wav"))[:2], "cpu")
    assert len(predictions) == 2 and not skipped
    assert "choose {8, 16}" in (tmp_path / "run" / SPACE).read_text() + str(run.experiment.overrides)


def refused(path: Path, **more: str) -> list[tuple[str, str]]:
    with pytest.raises(DslnasError) as caught:
        _ = load(path, Request("digits", **more)).frontend
    return [(one.code, one.message) for one in caught.value.diagnostics]


def test_a_relaxed_method_says_who_can_search_it(folder: Path) -> None:
    path = written(folder, HEARD, "darts")
    (told,) = check_file(path)
    assert told.code == "N0601" and "cannot search the front end" in told.message and "`8, 32ms`" in told.help
    assert refused(path) == [(told.code, told.message)]


def test_features_need_a_decision(folder: Path) -> None:
    ((code, message),) = refused(written(folder, HEARD))
    assert code == "N0601" and "input/logmel_1" in message


@pytest.mark.parametrize(
    ("frontend", "code", "told"),
    [
        ("logmel(choose {32, 4000})", "N0301", "4000 mel bands"),
        ("logmel(choose {32, 16kHz})", "N0301", "bands of `mel`"),
        (f"logmel(choose {{{', '.join(map(str, range(8, 74)))}}})", "N0401", "more than 64 ways"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(folder: Path, frontend: str, code: str, told: str) -> None:
    (found,) = check_file(written(folder, frontend))
    assert found.code == code and told in found.message
