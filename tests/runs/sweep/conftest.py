"""A small sweep that is done, for the tests that look at it or come to the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_sweep import do, laid_out

from dslnas.runs.sweep.folder import SweepFolder


@pytest.fixture(scope="session")
def done(tones: Path, run_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepFolder]:
    """A sweep of two searches and two retrainings of each that went well."""
    import dslnas.report.page

    folder = laid_out(tmp_path_factory.mktemp("done"), tones)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        patch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")
        seen, failed = do(folder)
    assert seen == list(folder.trials) and failed == {}
    yield folder
