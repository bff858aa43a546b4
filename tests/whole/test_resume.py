"""A killed run ends as an undisturbed one; folders that are not what they were are told, not guessed at."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from recordings import history_of, make_recordings, metrics_of, refused, tiny
from repository import ROOT
from small import program_of, random_genotype, small

from dslnas.base.run_folder import CHECKPOINT, GENOTYPE, SETTINGS, SUPERNET, TEST, WEIGHTS
from dslnas.ir.genotype import to_json
from dslnas.runs.begin import start, train_genotype
from dslnas.runs.load import load
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run, retest

pytestmark = pytest.mark.usefixtures("tiny_runs")
CPU = torch.device("cpu")
CHILD = """
import sys
from dataclasses import replace
from pathlib import Path
import torch
torch.set_num_threads(1)
from dslnas.runs.run import Run
replace(Run.open(Path(sys.argv[1])), checkpoint_seconds=0.0).execute()
"""


def killed_in(path: Path, product: str, delay: float) -> None:
    """Execute a run in a process of its own and kill that at a moment of the stage that leaves `product`."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], cwd=ROOT)
    before = {"genotype": SETTINGS, "weights": GENOTYPE}[product.partition(".")[0]]
    try:
        while child.poll() is None:
            if (path / before).exists() and (path / CHECKPOINT).exists():
                break
            time.sleep(0.002)
        time.sleep(delay)
    finally:
        child.kill()  # SIGKILL
        child.wait()
    assert child.returncode == -signal.SIGKILL, "it ended by itself: nothing was killed"
    assert not (path / product).exists(), "the kill came too late to show anything"


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of posix")
def test_a_run_killed_in_the_search_and_in_the_training_ends_alike(
    tones: Path, whole: Path, tmp_path: Path
) -> None:
    path = tmp_path / "killed"
    start(tiny(tones), path, device="cpu", command="dslnas run")
    chance = random.Random(time.time_ns())
    killed_in(path, GENOTYPE, chance.uniform(0.0, 0.15))
    replace(Run.open(path), checkpoint_seconds=0.0).execute(until="search")
    assert (path / GENOTYPE).read_bytes() == (whole / GENOTYPE).read_bytes()
    killed_in(path, WEIGHTS, chance.uniform(0.0, 0.05))
    Run.open(path).execute()
    assert (path / GENOTYPE).read_bytes() == (whole / GENOTYPE).read_bytes()
    assert (path / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    assert metrics_of(path) == metrics_of(whole)
    assert history_of(path) == history_of(whole)
    assert not (path / CHECKPOINT).exists()


class Stop(Exception):
    """Stands for a kill at a place that time cannot hit."""


@pytest.mark.parametrize("last", [GENOTYPE, WEIGHTS, TEST])
def test_a_kill_right_after_any_product_loses_nothing(
    tones: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """The checkpoint of the stage is still there, and what follows has not begun."""
    import dslnas.base.files
    import dslnas.base.run_folder
    import dslnas.train.weights

    path = tmp_path / "run"
    run = replace(start(tiny(tones), path, device="cpu"), checkpoint_seconds=0.0)
    write = dslnas.base.files.write_atomically

    def write_and_die(place: Path, data: bytes, code: str = "N0701") -> None:
        write(place, data, code)
        if place.name == last:
            raise Stop

    with monkeypatch.context() as patch:
        for module in (dslnas.base.files, dslnas.base.run_folder, dslnas.train.weights):
            patch.setattr(module, "write_atomically", write_and_die)
        with pytest.raises(Stop):
            run.execute()
    assert (path / CHECKPOINT).exists() == (last != TEST)
    Run.open(path).execute()
    assert (path / GENOTYPE).read_bytes() == (whole / GENOTYPE).read_bytes()
    assert metrics_of(path) == metrics_of(whole)
    assert history_of(path) == history_of(whole)


# --- folders that are not what they were -------------------------------------------------------------------


def test_a_moved_run_goes_on(tones: Path, whole: Path, copy: Path) -> None:
    (copy / TEST).unlink()
    moved = copy.rename(copy.parent / "elsewhere")
    Run.open(moved).execute()
    assert metrics_of(moved) == metrics_of(whole)


def test_relative_paths_are_kept_in_full(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tones.parent)
    start(tiny("tones"), tmp_path / "run", device="cpu")
    monkeypatch.chdir(tmp_path)
    run = Run.open(Path("run"))
    assert run.experiment.data == f"folder:{tones}"
    fsdd = start(load("ss1", Request(data="fsdd")), tmp_path / "known", data_root=Path("data"), device="cpu")
    assert fsdd.data_root == tmp_path / "data"
    assert Run.open(tmp_path / "known").data_root == tmp_path / "data"


def test_data_that_is_gone_is_told_and_not_needed_to_predict(whole: Path, copy: Path, tones: Path) -> None:
    settings = json.loads((copy / SETTINGS).read_text())
    settings["data"]["name"] = f"folder:{copy / 'gone'}"
    (copy / SETTINGS).write_text(json.dumps(settings))
    run = Run.open(copy)
    (prediction,), skipped = predict(run, [tones / "class0" / "0.wav"], "cpu")
    assert skipped == []
    assert prediction.label in ("class0", "class1", "class2")
    assert prediction.probability == max(prediction.probabilities.values())
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    refused("N0604", "gone", lambda: retest(run))
    assert (copy / TEST).read_bytes() == (whole / TEST).read_bytes()  # what was tested stays
    (copy / TEST).unlink()
    refused("N0604", "gone", run.execute)


def test_a_data_root_that_is_gone_is_told(tmp_path: Path) -> None:
    start(load("ss1", Request(data="fsdd")), tmp_path / "run", data_root=tmp_path / "gone", device="cpu")
    help = refused("N0604", "fsdd", Run.open(tmp_path / "run").execute)
    assert "--data-root" in help


def test_classes_that_changed_are_told(tmp_path: Path) -> None:
    data = make_recordings(tmp_path / "data")
    start(tiny(data), tmp_path / "run", device="cpu")
    shutil.copytree(data / "class0", data / "class9")
    message = "class0, class1, class2, class9 instead of class0, class1, class2"
    refused("N0605", message, Run.open(tmp_path / "run").execute)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_broken_weights_are_told(copy: Path, content: bytes) -> None:
    (copy / WEIGHTS).write_bytes(content)
    refused("N0701", f"{WEIGHTS} does not hold the network's weights", lambda: Run.open(copy).network(CPU))


def test_weights_of_another_network_are_told(copy: Path) -> None:
    shutil.copy(copy / SUPERNET, copy / WEIGHTS)
    refused("N0701", "does not hold the network's weights", lambda: Run.open(copy).network(CPU))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("space"),
        lambda s: s.pop("set"),
        lambda s: s.update(seed="soon"),
        lambda s: s.update(data=[]),
        lambda s: s.update(data_root=3),
    ],
)
def test_broken_settings_are_told(copy: Path, change: Any) -> None:
    settings = json.loads((copy / SETTINGS).read_text())
    change(settings)
    (copy / SETTINGS).write_text(json.dumps(settings))
    refused("N0701", f"{SETTINGS}: a part is missing or has another form", lambda: Run.open(copy))


def test_a_genotype_of_another_space_is_told(copy: Path, tones: Path, tmp_path: Path) -> None:
    other = program_of(small("ss1", "darts", nodes=3))
    genotype = random_genotype(other, 0)
    (copy / GENOTYPE).write_text(json.dumps(to_json(genotype)))
    (copy / TEST).unlink()
    refused("N0502", "has the nodes n1, n2, n3", Run.open(copy).execute)
    refused("N0502", "has the nodes", lambda: train_genotype(genotype, tiny(tones), tmp_path / "new"))
    assert not (tmp_path / "new").exists()
