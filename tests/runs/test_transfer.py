"""A trained network on other data: what is counted, what is trained, what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recordings import make_recordings, tiny
from safetensors.torch import load_file
from torch import Tensor, nn

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import WEIGHTS
from dslnas.data.features import Split
from dslnas.runs.begin import start
from dslnas.runs.run import Run
from dslnas.runs.transfer import HEAD, as_it_is, fit_head, transfer

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Five classes, of which the network of the runs knows three."""
    return f"folder:{make_recordings(tmp_path_factory.mktemp('other') / 'five', classes=5)}"


def test_on_its_own_data_it_is_the_test_of_the_run(copy: Path, tiny_runs: None) -> None:
    run = Run.open(copy)
    result = transfer(run, run.experiment.data)
    test = json.loads((copy / "test.json").read_text())
    assert result.as_it_is.confusion == test["confusion"]
    assert result.as_it_is.accuracy == pytest.approx(run.folder.metrics()["test"]["accuracy"])
    assert result.classes == result.network_classes and result.retrained is None


def test_a_new_last_layer_learns_the_other_classes(copy: Path, five: str, tiny_runs: None) -> None:
    weights = (copy / WEIGHTS).read_bytes()
    first, second = (transfer(Run.open(copy), five, retrain_head=True) for _ in range(2))
    assert first == second, "nothing is drawn at random"
    assert (copy / WEIGHTS).read_bytes() == weights, "the run keeps its network"
    assert first.as_it_is.known == ["class0", "class1", "class2"]
    assert [len(row) for row in first.as_it_is.confusion] == [3] * 5
    assert first.retrained is not None
    confusion = first.retrained.details["confusion"]
    assert [sum(row) for row in confusion] == [sum(row) for row in first.as_it_is.confusion]
    assert first.retrained.figures["accuracy"] > 0.8, "five tones apart"
    head = load_file(first.folder / HEAD)
    assert head["weight"].shape[0] == len(head["bias"]) == 5
    assert json.loads((first.folder / "transfer.json").read_text()) == first.to_json()
    for picture in ("confusion.svg", "retrained.svg"):
        assert "class4" in (first.folder / picture).read_text()


def test_a_complex_network_reads_other_recordings_with_their_phase(
    tones: Path, five: str, tmp_path: Path, tiny_runs: None
) -> None:
    steps = ("domain=complex", "search.steps=1", "train.steps=30")
    run = start(tiny(tones, *steps), tmp_path / "run", device="cpu")
    run.execute()
    own = transfer(run, run.experiment.data)
    assert own.as_it_is.confusion == json.loads((run.path / "test.json").read_text())["confusion"]
    result = transfer(run, five, retrain_head=True)
    head = load_file(result.folder / HEAD)
    assert head["weight"].shape == (5, 2 * 128), "both parts of what the layer before makes"
    assert result.retrained is not None and result.retrained.figures["accuracy"] > 0.8


def test_metrics_and_report_have_a_line_of_it(copy: Path, five: str, tiny_runs: None) -> None:
    run = Run.open(copy)
    result = transfer(run, five, retrain_head=True)
    kept = run.folder.metrics()["transfer"][result.folder.name]
    assert kept["as_it_is"]["clips"] == result.as_it_is.clips and kept["classes"] == 5
    again = transfer(run, five)  # without the layer: what is known of it stays
    assert run.folder.metrics()["transfer"][again.folder.name]["retrained"] == kept["retrained"]


def test_what_cannot_be_is_told(copy: Path, five: str, tiny_runs: None) -> None:
    with pytest.raises(DslnasError, match="no setting of the data"):
        transfer(Run.open(copy), five, overrides=["search.epochs=3"])
    with pytest.raises(DslnasError, match="the network is of recordings, and `mnist` holds images"):
        transfer(Run.open(copy), "mnist")
    with pytest.raises(DslnasError, match="does not exist"):
        transfer(Run.open(copy), "folder:nowhere")
    (copy / WEIGHTS).unlink()
    with pytest.raises(DslnasError, match="no trained network"):
        transfer(Run.open(copy), five)


# --- parts -------------------------------------------------------------------------------------------------


class Says(nn.Module):
    """A network that says of an example what its only value is."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.one_hot(x[:, 0, 0, 0].long(), self.classes).float()


@given(st.data(), st.integers(1, 6), st.integers(1, 6))
def test_every_clip_is_counted_where_it_belongs(data: st.DataObject, classes: int, own: int) -> None:
    clips = st.tuples(st.integers(0, classes - 1), st.integers(0, own - 1))
    told = data.draw(st.lists(clips, min_size=1, max_size=20))
    labels, predicted = torch.tensor(told).T
    split = Split(torch.empty(0), predicted.float()[:, None, None, None], labels, [""] * len(told))
    names, own_names = [f"C{row}" for row in range(classes)], [f"c{2 * column}" for column in range(own)]
    found = as_it_is(Says(own), split, names, own_names, CPU)
    assert found.confusion == [[told.count((row, column)) for column in range(own)] for row in range(classes)]
    shared = [name for name in names if name.lower() in own_names]
    mine = [pair for pair in told if names[pair[0]] in shared]
    right = [pair for pair in mine if names[pair[0]].lower() == own_names[pair[1]]]
    assert (found.known, found.clips) == (shared, len(mine))
    assert found.accuracy == (len(right) / len(mine) if mine else None)


def test_the_last_layer_is_the_best_one() -> None:
    """At the minimum the gradient of the penalised loss is zero, whatever the scale of the features."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 3
    features = torch.randn(60, 4, generator=generator) + torch.eye(3, 4)[labels]
    head = fit_head((features, labels), (features[:30], labels[:30]), 3)
    scaled = fit_head((100 * features + 5, labels), (100 * features[:30] + 5, labels[:30]), 3)
    torch.testing.assert_close(scaled(100 * features + 5), head(features), rtol=1e-3, atol=1e-3)
    bias = head.bias.clone().requires_grad_()
    nn.functional.cross_entropy(features @ head.weight.T + bias, labels).backward()
    assert bias.grad is not None and float(bias.grad.abs().max()) < 1e-4
