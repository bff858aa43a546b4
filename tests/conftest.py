"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from dslnas.base.processors import sleep_while_waiting

# The same examples every time: a green suite stays green. `--hypothesis-profile=default` draws others.
# No test fails because the machine is busy.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

# Workers of a parallel run of the tests share the processors: their threads sleep while they wait.
sleep_while_waiting()


# Programs are many small objects, beside the million that torch and the tests bring. The collector of garbage
# looks at the former rarely and at the latter not at all: tests that compile spaces spent up to a fourth of
# their time on that.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of real recordings: $DSLNAS_DATA, or `shared/data` beside the repository."""
    named = os.environ.get("DSLNAS_DATA")
    root = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not root.is_dir():
        pytest.skip(f"no recordings at {root}: set DSLNAS_DATA")
    return root


@pytest.fixture(scope="session")
def cases_root() -> Path:
    """The folder of sounds, tables and genotypes as people have them: `cases` beside the real recordings."""
    named = os.environ.get("DSLNAS_DATA")
    root = (Path(named) if named else Path(__file__).parents[2] / "shared" / "data").parent / "cases"
    if not root.is_dir():
        pytest.skip(f"no cases at {root}: set DSLNAS_DATA to the folder beside it")
    return root


@pytest.fixture(scope="session", autouse=True)
def same_machine() -> Iterator[None]:
    """Every machine has the same memory free, so that the warnings of plans are the same everywhere."""
    import dslnas.runs.plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dslnas.runs.plan, "free_memory", lambda: 64 * 2**30)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Torch with one thread, where a test has imported it: small tensors gain nothing from more."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)


# --- whole runs on a few short tones (`recordings.py`) -----------------------------------------------------


@pytest.fixture(scope="session")
def run_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the features of these runs are kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny_runs(run_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a test keep their features to themselves, use one thread, and write no page of seconds."""
    import dslnas.report.page

    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of twelve recordings each."""
    from recordings import make_recordings

    return make_recordings(tmp_path_factory.mktemp("data") / "tones")


@pytest.fixture(scope="session")
def whole(tones: Path, run_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An undisturbed run of `forcedarts`, with its report."""
    from recordings import tiny

    from dslnas.runs.begin import start

    path = tmp_path_factory.mktemp("runs") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        start(tiny(tones), path, device="cpu", command="dslnas run").execute()
    yield path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """A copy of the undisturbed run, to be changed."""
    return shutil.copytree(whole, tmp_path / "run")
