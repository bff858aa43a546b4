"""Sweeps that run: every trial once, figures as by hand, and nothing lost when one breaks or stops."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from recordings import metrics_of
from small_sweep import A1, A2, B1, A, B, Quiet, contents, do, laid_out, name, write

from dslnas.base.run_folder import GENOTYPE, SETTINGS, TEST, WEIGHTS
from dslnas.ir.genotype import read
from dslnas.runs.begin import start, train_genotype
from dslnas.runs.sweep.folder import SweepFolder
from dslnas.runs.sweep.trials import load_sweeps
from dslnas.runs.sweep.work import Here, Job, jobs_of
from dslnas.train.observer import Observer

pytestmark = pytest.mark.usefixtures("tiny_runs")


def test_every_trial_is_done_once(done: SweepFolder) -> None:
    assert len(done.trials) == 6
    assert all(map(done.done, done.trials)) and done.pending() == []
    before = contents(done)
    assert do(done) == ([], {})
    assert contents(done) == before
    assert sum(path.endswith(TEST) for path in before) == 4


def test_a_network_is_trained_as_its_search_found_it_with_a_seed_of_its_own(done: SweepFolder) -> None:
    for letter in (A, B):
        found = (done.run(name(letter, done)) / GENOTYPE).read_bytes()
        for number in (1, 2):
            run = done.run(name(f"{letter}-{number}", done))
            assert (run / GENOTYPE).read_bytes() == found
            assert json.loads((run / SETTINGS).read_text())["seed"] == number - 1
    one, two = (done.run(name(trial, done)) / WEIGHTS for trial in (A1, A2))
    assert one.read_bytes() != two.read_bytes()


def test_the_figures_are_those_of_runs_by_hand(done: SweepFolder, tones: Path, tmp_path: Path) -> None:
    file = load_sweeps(str(write(tmp_path, tones)))
    experiment = file.experiment(file.trials()[0].configuration)
    search = start(experiment, tmp_path / "search", device="cpu")
    search.execute(until="search")
    assert metrics_of(search.path) == metrics_of(done.run(name(A, done)))
    trained = train_genotype(read(search.path / GENOTYPE), experiment, tmp_path / "trained", device="cpu")
    trained.execute()
    alone, swept = metrics_of(trained.path), metrics_of(done.run(name(A1, done)))
    cuts = swept["cut"]  # whoever trains a genotype alone knows nothing of a search
    swept["cut"] = [one for one in cuts if not one.startswith("search:")]
    assert alone == swept and alone["cut"] != cuts


def test_a_sweep_that_is_stopped_goes_on_to_the_same_end(
    done: SweepFolder, tones: Path, tmp_path: Path
) -> None:
    folder = laid_out(tmp_path, tones)

    class Stopping(Quiet):
        def job(self, job: Job) -> Iterator[Observer]:  # type: ignore[override]
            if len(self.seen) == 1:
                raise KeyboardInterrupt
            return super().job(job)  # type: ignore[return-value]

    with pytest.raises(KeyboardInterrupt):
        list(Here()(jobs_of(folder, folder.pending("*-A-1")), Stopping()))
    again = SweepFolder.open(folder.path)
    assert [one.name for one in again.pending("*-A-1")] == [name(A1, folder)]
    assert do(again, "*-A-1") == ([name(A1, folder)], {})
    for trial in (A, A1):
        assert metrics_of(folder.run(name(trial, folder))) == metrics_of(done.run(name(trial, done)))


def test_a_broken_trial_stops_those_that_need_it_and_no_other(tones: Path, tmp_path: Path) -> None:
    folder = laid_out(tmp_path, tones)
    (folder.run(name(A, folder)) / SETTINGS).write_text("{}")
    seen, failed = do(folder, "*-[AB]*1")
    a, a1, b, b1 = (name(trial, folder) for trial in (A, A1, B, B1))
    assert seen == [a, a1, b, b1]
    assert set(failed) == {a, a1} == set(SweepFolder.open(folder.path).failed())
    assert f"{SETTINGS}: a part is missing" in failed[a]
    assert "has found no genotype" in failed[a1] and a in failed[a1]
    shutil.rmtree(folder.run(a))
    mended = laid_out(tmp_path, tones)
    assert do(mended, "*-A-1") == ([a, a1], {})
    assert mended.failed() == {}


def test_a_defect_is_told_with_its_kind(tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dslnas.runs.run import Run

    def breaks(*_: object) -> None:
        raise MemoryError("no more")

    folder = laid_out(tmp_path, tones)
    monkeypatch.setattr(Run, "execute", breaks)
    _, failed = do(folder, "*-B")
    assert failed == {name(B, folder): "MemoryError: no more"}
