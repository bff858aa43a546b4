"""Whole runs on a few short tones: what they leave, what they say of scarce data, and how they go wrong."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from recordings import TINY, history_of, make_recordings, metrics_of, refused, tiny

from dslnas.base.diagnostics import DslnasError
from dslnas.base.lock import LOCK
from dslnas.base.run_folder import (
    CHOICES,
    CLIPS,
    GENOTYPE,
    HISTORY,
    METRICS,
    SETTINGS,
    SPACE,
    SUPERNET,
    TEST,
    WEIGHTS,
)
from dslnas.ir.genotype import from_json
from dslnas.prune.validate import validate
from dslnas.runs.begin import start, train_genotype
from dslnas.runs.load import load
from dslnas.runs.predict import Unused, answers, predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run, retest

pytestmark = pytest.mark.usefixtures("tiny_runs")
CPU = torch.device("cpu")


def test_a_run_leaves_its_files_and_figures(whole: Path) -> None:
    found = {path.name for path in whole.iterdir() if path.name != LOCK}
    assert found == {
        SPACE,
        SETTINGS,
        GENOTYPE,
        CHOICES,
        CLIPS,
        HISTORY,
        METRICS,
        TEST,
        WEIGHTS,
        SUPERNET,
        "report.html",
    }
    metrics = json.loads((whole / METRICS).read_text())
    assert set(metrics["time"]) == {"data", "search", "train", "test", "total"}
    assert metrics["time"]["total"] == pytest.approx(
        sum(v for k, v in metrics["time"].items() if k != "total")
    )
    assert 0 <= metrics["search"]["gap"] <= 1
    assert metrics["search"]["gap_start"] == pytest.approx(0.330, abs=5e-4)
    params = metrics["params"]
    assert params["live"] <= params["with_dead_edges"] < params["supernet"]
    run = Run.open(whole)
    assert sum(p.numel() for p in run.network(CPU).parameters()) == params["live"]
    validation = metrics["validation"]
    assert set(validation) == {"clips", "chance", "supernet", "discretised", "recalibrated", "retrained"}
    assert validation["clips"] == metrics["data"]["validation"]
    last = [line for line in history_of(whole) if line["stage"] == "train"][-1]
    assert validation["retrained"] == last["validation_accuracy"]
    assert metrics["honesty"]["cells"]["reduction"]["edges"] == 4
    assert metrics["data"]["classes"] == ["class0", "class1", "class2"]
    assert metrics["data"]["train"] + metrics["data"]["validation"] + metrics["data"]["test"] == 36
    assert {"dslnas", "torch", "python", "platform"} == set(metrics["versions"])
    assert metrics["machine"] == {"device": "CPU", "threads": torch.get_num_threads()}
    stages = [line["stage"] for line in history_of(whole)]
    assert stages == sorted(stages)
    assert stages.count("train") == 3


def test_a_complex_run_goes_the_whole_way_and_resumes_to_the_same_end(tones: Path, tmp_path: Path) -> None:
    steps = ("domain=complex", "search.steps=3", "train.steps=3")
    first = start(tiny(tones, *steps), tmp_path / "once", device="cpu", command="dslnas run")
    live = first.execute()["params"]["live"]
    assert live == sum(p.numel() for p in first.network(CPU).parameters())
    assert first.experiment.frontend.output.domain == "complex"
    trained = first.network(CPU).state_dict()
    for name in (WEIGHTS, METRICS):  # the training is done again
        (tmp_path / "once" / name).unlink()
    again = Run.open(tmp_path / "once")
    again.execute()
    assert all(torch.equal(trained[name], value) for name, value in again.network(CPU).state_dict().items())
    recordings = sorted(tones.rglob("*.wav"))[:3]
    predictions, skipped = predict(first, recordings, "cpu")
    assert len(predictions) == 3 and not skipped
    assert all(abs(sum(one.probabilities.values()) - 1) < 1e-5 for one in predictions)


def test_a_finished_run_is_not_done_again(whole: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    metrics = Run.open(whole).execute()
    assert metrics == json.loads((whole / METRICS).read_text())
    after = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert {name for name in before if before[name] != after[name]} <= {METRICS, "report.html"}


def test_the_same_seed_gives_the_same_and_another_differs(tones: Path, whole: Path, tmp_path: Path) -> None:
    start(tiny(tones), tmp_path / "again", device="cpu").execute()
    assert (tmp_path / "again" / GENOTYPE).read_bytes() == (whole / GENOTYPE).read_bytes()
    assert (tmp_path / "again" / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert metrics_of(tmp_path / "again") == metrics_of(whole)
    assert history_of(tmp_path / "again") == history_of(whole)
    other = start(tiny(tones, seed=1), tmp_path / "other", device="cpu")
    other.execute(until="search")
    assert history_of(tmp_path / "other")[0]["loss"] != history_of(whole)[0]["loss"]


def test_a_run_may_stop_after_each_stage_and_go_on_with_its_data_on_disk(
    tones: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_MEMORY", "0")  # the whole one has it in memory
    path = tmp_path / "parts"
    run = start(tiny(tones), path, device="cpu")
    run.execute(until="search")
    assert not (path / WEIGHTS).exists()
    refused("N0701", "holds no trained network yet", lambda: run.network(CPU))
    run.execute(until="train")
    assert not (path / TEST).exists()
    Run.open(path).execute()
    assert metrics_of(path) == metrics_of(whole)
    assert (path / TEST).read_bytes() == (whole / TEST).read_bytes()


def test_recordings_are_heard_alike_in_any_company(whole: Path, tones: Path) -> None:
    run = Run.open(whole)
    files = [tones / "class0" / "0.wav", tones / "none.wav", tones / "class2" / "1.wav"]
    found, skipped = predict(run, files, "cpu")
    assert [one.path for one in found] == [str(files[0]), str(files[2])]
    assert [path for path, _ in skipped] == [str(files[1])]
    (alone,), _ = predict(run, files[2:], "cpu")
    assert alone.probabilities == pytest.approx(found[1].probabilities, abs=1e-5)
    assert predict(run, files[1:2], "cpu")[0] == []


def test_several_processes_say_what_one_says_bit_by_bit(
    whole: Path, tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each process is given is pickled, and opens the run itself; the threads may be others there."""

    def shared_out(worker: Any, tasks: Sequence[Sequence[Path]], count: int) -> Iterator[Any]:
        ready = [pickle.loads(pickle.dumps(worker)).ready() for _ in range(count)]
        for number, task in enumerate(tasks):
            torch.set_num_threads(1 + number % 2)
            yield pickle.loads(pickle.dumps(ready[number % count](task)))

    monkeypatch.setattr("dslnas.runs.listening.processes.shared_out", shared_out)
    sound = np.concatenate([soundfile.read(path)[0] for path in sorted(tones.rglob("*.wav"))[::5]])
    soundfile.write(tmp_path / "long.wav", sound, 8000)
    files = [*sorted(tones.rglob("*.wav")), tones / "none.wav"]
    files = [*files, *files, tmp_path / "long.wav"]  # so many that blocks hold several
    run, threads = Run.open(whole), torch.get_num_threads()
    said: dict[int, list[str]] = {1: [], 2: []}
    one, two = (list(answers(run, files, "cpu", said[count].append, None, count)) for count in (1, 2))
    torch.set_num_threads(threads)
    assert one == two and said[1] == said[2] and said[1]
    assert [answer.path for answer in one] == [str(path) for path in files]
    assert [isinstance(answer, Unused) for answer in one] == [path.stem == "none" for path in files]


def test_a_long_recording_is_judged_in_windows_and_silence_has_no_label(
    whole: Path, tones: Path, tmp_path: Path
) -> None:
    run = Run.open(whole)
    clip = run.experiment.frontend.clip
    rate = run.experiment.frontend.rate
    size = round(clip * rate)
    first, second = (soundfile.read(tones / f"class{label}" / "0.wav")[0] for label in (0, 2))
    parts = [np.resize(first, size), np.zeros(size), np.resize(second, size)]
    soundfile.write(tmp_path / "long.wav", np.concatenate(parts), rate, subtype="FLOAT")
    soundfile.write(tmp_path / "silent.wav", np.zeros(size // 2), rate)
    said: list[str] = []
    (long, silent), _ = predict(run, [tmp_path / "long.wav", tmp_path / "silent.wav"], "cpu", said.append)
    assert [one.start for one in long.windows] == pytest.approx([0, clip, 2 * clip])
    assert [one.end for one in long.windows] == pytest.approx([clip, 2 * clip, 3 * clip])
    one, quiet, other = long.windows
    assert (quiet.label, quiet.probability, quiet.probabilities) == (None, None, {})
    for name, share in long.probabilities.items():
        assert share == pytest.approx((one.probabilities[name] + other.probabilities[name]) / 2, abs=1e-6)
    assert (silent.label, silent.probability, silent.probabilities) == (None, None, {})
    assert "it is silent" in silent.notes
    assert any("heard in 3 windows" in note for note in long.notes)
    assert any("1 of 2 recordings are longer than" in line and "windows" in line for line in said)
    assert "1 of 2 recordings are silent" in said


def test_a_test_can_be_repeated(whole: Path, copy: Path) -> None:
    (copy / TEST).write_text("{}")
    metrics = retest(Run.open(copy))
    assert {name: value for name, value in metrics.items() if name != "time"} == metrics_of(whole)
    assert (copy / TEST).read_bytes() == (whole / TEST).read_bytes()
    (copy / WEIGHTS).unlink()
    help = refused("N0701", "holds no trained network yet", lambda: retest(Run.open(copy)))
    assert "--resume" in help


def test_a_genotype_is_trained_without_a_search(whole: Path, tones: Path, tmp_path: Path) -> None:
    genotype = from_json(json.loads((whole / GENOTYPE).read_text()))
    run = train_genotype(genotype, tiny(tones), tmp_path / "run", device="cpu")
    metrics = run.execute()
    assert "search" not in metrics and "supernet" not in metrics["validation"]
    assert metrics["honesty"]["cells"] == metrics_of(whole)["honesty"]["cells"]
    assert metrics["test"] == metrics_of(whole)["test"]
    assert run.genotype == validate(genotype, run.experiment.evaluation)
    assert (run.path / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()


def test_a_place_that_is_taken_stays_as_it_is(whole: Path, tones: Path) -> None:
    before = (whole / SETTINGS).read_bytes()
    refused("N0701", "exists and is not empty", lambda: start(tiny(tones), whole))
    assert (whole / SETTINGS).read_bytes() == before


# --- data that is scarce, training that fails --------------------------------------------------------------


def test_fewer_clips_than_a_batch(tmp_path: Path) -> None:
    data = make_recordings(tmp_path / "data", classes=2, clips=5)
    overrides = ("search.batch=64", "train.batch=64", "search.epochs=2", "train.epochs=2")
    metrics = start(tiny(data, *overrides), tmp_path / "run", device="cpu").execute()
    assert metrics["search"]["steps"] == 2
    assert 0 <= metrics["test"]["accuracy"] <= 1


def test_a_class_with_a_single_clip(tmp_path: Path) -> None:
    data = make_recordings(tmp_path / "data", classes=3, clips=5)
    for clip in range(1, 5):
        (data / "class2" / f"{clip}.wav").unlink()
    metrics = start(tiny(data, "search.epochs=1", "train.epochs=1"), tmp_path / "run", device="cpu").execute()
    assert metrics["test"]["clips"] == 2
    assert len(json.loads((tmp_path / "run" / TEST).read_text())["confusion"]) == 3


def test_a_single_clip_is_told_where_a_norm_has_one_value_of_it(tmp_path: Path) -> None:
    """One clip is left to train the architecture; on maps larger than one pixel it is enough."""
    data = make_recordings(tmp_path / "data", classes=2, clips=5)
    for clip in range(1, 5):
        (data / "class1" / f"{clip}.wav").unlink()
    lengths = ("search.epochs=1", "train.epochs=1")
    run = start(tiny(data, "frontend=logmel(8, clip: 250ms)", *lengths), tmp_path / "small", device="cpu")
    with pytest.raises(DslnasError) as caught:
        run.execute()
    assert {one.code for one in caught.value.diagnostics} == {"N0307"}
    assert "in batches of 1: it has a single value a channel" in str(caught.value)
    start(tiny(data, *lengths), tmp_path / "run", device="cpu").execute()


def test_a_choice_that_the_search_never_sees_is_told_before_it_begins(tmp_path: Path) -> None:
    data = make_recordings(tmp_path / "data", classes=2, clips=3)
    experiment = tiny(data, "train.repeat=1")
    refused("N0603", "normal/n1", lambda: start(experiment, tmp_path / "run", device="cpu"))
    assert not (tmp_path / "run").exists()


def test_too_few_clips_to_halve_are_told(tmp_path: Path) -> None:
    data = make_recordings(tmp_path / "data", classes=2, clips=3)
    run = start(tiny(data), tmp_path / "run", device="cpu")
    refused("N0605", "no class has two recordings to train on", run.execute)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_an_empty_split_is_told(tmp_path: Path, split: str) -> None:
    table = make_recordings(tmp_path / "data", classes=2, clips=6)
    others = [name for name in ("train", "validation", "test") if name != split]
    lines = ["file,label,split"]
    lines += [f"class{c}/{i}.wav,class{c},{others[i % 2]}" for c in range(2) for i in range(6)]
    (table / "clips.csv").write_text("\n".join(lines))
    experiment = load("ss1", Request(data=f"csv:{table / 'clips.csv'}", overrides=TINY))
    run = start(experiment, tmp_path / "run", device="cpu")
    if split != "train":  # a part of the training split stands in
        assert run.execute(until="search")["data"][split] > 0
    else:
        refused("N0605", f"the {split} split is empty", run.execute)


def test_a_search_that_diverges_stops_and_says_so(tones: Path, tmp_path: Path) -> None:
    overrides = ("method.weights=sgd(lr: 1e12)", "method.clip=1e12")
    run = start(tiny(tones, *overrides), tmp_path / "run", device="cpu")
    help = refused("N0601", "the search diverged: ", run.execute)
    assert "--set" in help
    assert not (run.path / GENOTYPE).exists()
