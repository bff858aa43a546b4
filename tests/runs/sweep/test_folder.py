"""The folder of a sweep: what it holds, how it grows, and what else it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from recordings import refused
from small_sweep import A, laid_out, name, write

from dslnas.base.run_folder import SETTINGS
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.sweep.folder import SweepFolder, fingerprint, lay_out
from dslnas.runs.sweep.trials import load_sweeps

JUDGES = ("groups", "clips")
pytestmark = pytest.mark.usefixtures("tiny_runs")


def test_a_comment_changes_no_trial_and_a_setting_does(tones: Path, tmp_path: Path) -> None:
    folder = laid_out(tmp_path, tones)
    again = laid_out(tmp_path, tones, more="\n# said in other words\n")
    assert again.trials == folder.trials
    other = (name(A, folder), "is a trial under other settings")
    help = refused("N0701", other[1], lambda: laid_out(tmp_path, tones, steps=5))
    assert "--out" in help
    assert SweepFolder.open(folder.path) == again


def test_a_sweep_may_grow(tones: Path, tmp_path: Path) -> None:
    small = lay_out(
        load_sweeps(str(write(tmp_path, tones)), Request(overrides=("searches=1", "retrains=1"))),
        tmp_path / "sweep",
    )
    assert len(small.trials) == 2
    large = laid_out(tmp_path, tones)
    assert len(large.trials) == 6 and set(small.trials) < set(large.trials)
    assert all((large.run(trial) / SETTINGS).is_file() for trial in large.trials)


def test_a_kill_while_it_is_laid_out_leaves_no_half_a_run(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dslnas.runs.sweep.folder as module

    calls = 0
    real = module.begin.lay_out

    def dies(*arguments: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        made = real(*arguments, **more)  # type: ignore[arg-type]
        if calls == 3:
            raise KeyboardInterrupt
        return made

    with monkeypatch.context() as patch:
        patch.setattr(module.begin, "lay_out", dies)
        with pytest.raises(KeyboardInterrupt):
            laid_out(tmp_path, tones)
    folder = SweepFolder.open(tmp_path / "sweep")
    assert sum(folder.run(trial).exists() for trial in folder.trials) == 2
    again = laid_out(tmp_path, tones)
    assert all((again.run(trial) / SETTINGS).is_file() for trial in again.trials)
    assert list(again.path.glob(".*.part")) == []


def test_other_folders_are_told(tones: Path, tmp_path: Path, done: SweepFolder) -> None:
    refused("N0701", "holds no sweep", lambda: SweepFolder.open(tmp_path))
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "mine.txt").write_text("mine")
    refused("N0701", "is there already", lambda: laid_out(tmp_path, tones))
    refused("N0603", "no trial matches `*-C`", lambda: done.pending("*-C"))
    broken = shutil.copytree(done.path, tmp_path / "broken")
    for content in ('{"format": "dslnas-sweep", "version": 1}', "[]", '{"format": "x", "version": 1}'):
        (broken / "sweep.json").write_text(content)
        with pytest.raises(Exception, match=r"another form|another version"):
            SweepFolder.open(broken)


def test_a_pattern_takes_the_searches_that_its_trials_need(tones: Path, tmp_path: Path) -> None:
    folder = laid_out(tmp_path, tones)

    def pending(pattern: str) -> Sequence[str]:
        return [one.name.rpartition("-darts-")[2] for one in folder.pending(pattern)]

    assert pending("*-B-2") == ["B", "B-2"]
    assert pending("*-A*") == ["A", "A-1", "A-2"]
    assert pending("*") == ["A", "A-1", "A-2", "B", "B-1", "B-2"]


UNCLIPPED = "method.arch.clip=none"  # what P-DARTS was in version 0.1.0
STARTING = "frontend=logmel(32, phase: start)"  # what `logmel` was in version 0.1.0
MOVING = ("search.travel=1.74", "search.warmup=50%")  # what `quick` was in version 0.1.0
PLAIN = (  # and `nasc` with its front end
    "method.average=none",
    "method.weights.schedule=constant",
    "method.schedule=constant",
    "frontend=logmel(40, clip: 10s, window: 40ms, hop: 20ms)",
)
BY_CANDIDATES = "top(1, candidates), top(2, edges, by: candidates)"  # what `gdas` kept in version 0.1.0


@pytest.mark.parametrize(
    ("space", "request_", "expected"),
    [
        ("ss1", Request("fsdd", overrides=("method=darts", *MOVING)), "d9c05c7886274648"),
        ("sspolasym5", Request("sc09", overrides=("method=pdarts", UNCLIPPED, *MOVING)), "bea7c3eac008d0f2"),
        ("nasc_baseline", Request("fsdd", overrides=(*PLAIN, *MOVING)), "74c2739d2588fa7d"),
        (
            "sspolasym4",
            Request(
                "digits",
                overrides=(
                    "domain=complex",
                    "method=gdas",
                    f"method.prune={BY_CANDIDATES}",
                    STARTING,
                    *MOVING,
                ),
            ),
            "d5afa368218db6a6",
        ),
    ],
)
def test_what_a_sweep_was_begun_with_keeps_its_fingerprint(
    space: str, request_: Request, expected: str
) -> None:
    """Those that sweeps begun with version 0.1.0 hold; they change with the text of these spaces alone."""
    assert fingerprint(load(space, request_)) == expected


@pytest.mark.parametrize("setting", ["method.arch.clip=5", "method.weights.schedule=cosine(1e-3)"])
def test_what_methods_learnt_to_say_later_counts_where_it_is_said(setting: str) -> None:
    unsaid, said = (load("ss1", Request("fsdd", overrides=more)) for more in ((), (setting,)))
    assert fingerprint(said) != fingerprint(unsaid)
    assert fingerprint(said) == fingerprint(load("ss1", Request("fsdd", overrides=(setting,))))


def test_a_judge_that_is_set_is_another_experiment() -> None:
    """One that is not set is none: the fingerprints above were made before there was one."""
    requests = [
        Request("fsdd", overrides=more) for more in ((), *((f"search.judge={one}",) for one in JUDGES))
    ]
    assert len({fingerprint(load("ss1", one)) for one in requests}) == 3
