"""A sweep that is published: all that it found and how, down to the page that shows it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from generated import findings, reproduced
from generated.examples import run_command
from made_sweeps import Made, make
from recordings import refused

from dslnas.base.run_folder import METRICS, SETTINGS
from dslnas.runs.sweep.folder import SweepFolder
from dslnas.runs.sweep.measurement import publish_measurement
from dslnas.runs.sweep.results import architectures

LEFT = Made("SS1", "real", "fsdd", "darts", "A", [0.90, 0.92], gap=0.3)
RIGHT = Made("SS1", "real", "fsdd", "forcedarts", "A", [0.96, None], gap=0.186)
TO_DO = Made("SS1", "complex", "fsdd", "darts", "A", [None])
COMMAND = (
    "dslnas sweep /my/compared.nas --jobs 4 --data-root '/my data' --set searches=4 --out=/x --publish a.json"
)


def change(path: Path, **more: Any) -> None:
    """Other values in a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


@pytest.fixture
def compared(tmp_path: Path) -> SweepFolder:
    """Two methods, of which one was cut short on a GPU."""
    folder = SweepFolder.open(make(tmp_path / "sweep", [LEFT, RIGHT], "compared"))
    for name in folder.trials:
        on = {"device": "CPU", "threads": 2} if "-darts" in name else {"device": "A GPU", "threads": 1}
        origins = {"train.steps": "compared.nas", "search.batch": "profile fsdd, quick", "data.split": "here"}
        sizes = {"train": {"steps": 1200}, "search": {"batch": 32}, "origins": origins}
        change(folder.run(name) / SETTINGS, command=COMMAND, precision="float32", **sizes)
        if (folder.run(name) / METRICS).is_file():
            data = {"name": "fsdd", "split": "speaker", "train": 1400, "validation": 100, "test": 500}
            cut = ["search: 240 steps instead of 60 epochs", *(["short"] if "-force" in name else [])]
            change(folder.run(name) / METRICS, machine=on, data=data, cut=cut)
        else:
            (folder.run(name) / METRICS).write_text(json.dumps({"cut": ["of what is not done"]}))
    return folder


def published(folder: SweepFolder, path: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What the two files say."""
    written = publish_measurement(folder, path)
    assert written == [path, path.with_suffix(".csv")]
    with written[1].open(newline="") as file:
        return json.loads(path.read_text()), list(csv.DictReader(file))


def test_how_it_was_measured_is_told(compared: SweepFolder, tmp_path: Path) -> None:
    about, rows = published(compared, tmp_path / "all.json")
    assert about == {
        "title": "The sweep `all`",
        "command": "dslnas sweep compared.nas --set searches=4",
        "machine": ["CPU, 2 threads, float32", "A GPU, 1 thread, float32"],
        "differs": [
            "`fsdd`: 1,400 clips to train, 100 to validate, 500 to test, split `speaker`",
            "preset `quick`",
            "search: 240 steps instead of 60 epochs",
            "retraining: steps 1200, as the sweep sets it",
            "short",
        ],
        "table": "all.csv",
    }
    assert [(row["method"], row["retrainings"]) for row in rows] == [("darts", "2"), ("forcedarts", "1")]


def test_a_cut_that_is_not_everywhere_says_where(tmp_path: Path) -> None:
    real, other = (
        Made("SS1", "real", "fsdd", "darts", "A", [0.9]),
        Made("SS1", "", "esc10", "darts", "A", [1]),
    )
    folder = SweepFolder.open(make(tmp_path / "sweep", [real, other]))
    change(folder.run("SS1-real-fsdd-darts-A") / METRICS, cut=["fewer steps"])
    change(folder.run("SS1-esc10-darts-A") / METRICS, cut=["fewer nodes"])
    about, _ = published(folder, tmp_path / "all.json")
    assert about["differs"] == ["preset `quick`", "fewer steps (fsdd, real)", "fewer nodes (esc10)"]


def test_what_a_person_wrote_stays(compared: SweepFolder, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps({"title": "Mine", "remarks": ["a remark"], "differs": ["old"]}))
    about, _ = published(compared, path)
    assert (about["title"], about["remarks"]) == ("Mine", ["a remark"]) and "old" not in about["differs"]
    path.write_text("[]")
    refused("N0701", "this is no measurement", lambda: publish_measurement(compared, path))
    assert path.read_text() == "[]"


def test_what_is_not_done_is_not_published(compared: SweepFolder, tmp_path: Path) -> None:
    folder = SweepFolder.open(make(tmp_path / "new", [TO_DO]))
    shutil.rmtree(folder.run("SS1-complex-fsdd-darts-A"))
    refused("N0701", "nothing is done yet", lambda: publish_measurement(folder, tmp_path / "all.json"))
    assert not (tmp_path / "all.json").exists()


def test_transfers_are_means_over_the_retrainings(compared: SweepFolder, tmp_path: Path) -> None:
    scores = ((0.25, 0.75), (0.5, 0.875))
    for number, (as_it_is, retrained) in enumerate(scores, start=1):
        found = {"data": "sc09", "as_it_is": {"accuracy": as_it_is}, "retrained": {"accuracy": retrained}}
        new = {"data": "esc10", "as_it_is": {"accuracy": None}}
        transfer = {"sc09": found, **({"esc10": new} if number == 1 else {})}
        change(compared.run(f"SS1-real-fsdd-darts-A-{number}") / METRICS, transfer=transfer)
    about, _ = published(compared, tmp_path / "all.json")
    sc09, esc10 = about["transfers"]
    place = {"trained_on": "fsdd", "domain": "real", "space": "SS1", "method": "darts", "search": "A"}
    figures = [(fmean(column), stdev(column)) for column in zip(*scores, strict=True)]
    assert sc09 == place | {
        "data": "sc09",
        "networks": 2,
        "as_it_is": pytest.approx(figures[0][0]),
        "as_it_is_sd": pytest.approx(figures[0][1]),
        "retrained": pytest.approx(figures[1][0]),
        "retrained_sd": pytest.approx(figures[1][1]),
    }
    assert esc10["networks"] == 1 and esc10["as_it_is"] is esc10["retrained"] is esc10["as_it_is_sd"] is None


@pytest.mark.usefixtures("tiny_runs")
def test_one_command_leads_from_a_sweep_to_the_page(
    done: SweepFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_command(f"dslnas sweep {done.path} --tables --publish {tmp_path / 'small.json'}", tmp_path)
    assert result.exit_code == 0 and str(tmp_path / "small.csv") in result.output
    shutil.copy(reproduced.RESULTS / "paper.json", tmp_path)
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    monkeypatch.setattr(reproduced, "measured", reproduced.measured.__wrapped__)
    page = reproduced.all_results()
    assert "### The sweep `small`\n" in page and "\nMeasured on: CPU, " in page
    (folder_data,) = {one.data for one in done.trials.values()}
    for one in architectures(done):
        assert one.accuracy is not None and one.deviation is not None
        accuracy = f"{100 * one.accuracy:.2f} ± {100 * one.deviation:.2f}"
        assert f"| {folder_data} | real | Small | darts | {one.letter} | {accuracy} |" in page
    assert "clips to train" in page and "preset `quick`" in page
    assert "**Not measured yet.**" in findings.findings()


def test_a_measurement_is_a_json_file(tmp_path: Path, compared: SweepFolder) -> None:
    result = run_command(f"dslnas sweep {compared.path} --tables --publish all.csv", tmp_path)
    assert result.exit_code == 2 and "a file that ends with .json" in result.output.replace("\n", " ")
