"""The sweeps of `docs/sweeps`: well formed, canonical, and what their first line says."""

from __future__ import annotations

from pathlib import Path

import pytest
from generated.examples import run_command
from repository import ROOT

from dslnas.check.check import check_file
from dslnas.runs.sweep.trials import load_sweeps

SWEEPS = ROOT / "docs" / "sweeps"
FILES = sorted(SWEEPS.glob("*.nas"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sweep_is_well_formed_and_canonical(path: Path) -> None:
    told = {one.code for one in check_file(path)}
    assert told <= {"N0310"}  # products without a bound, whose degeneration is measured
    assert run_command(f"dslnas fmt --check {path}", path.parent).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith(f"# {path.stem.capitalize()}: ")


def test_the_reproduction_compares_the_methods_of_the_paper_in_pairs_of_searches() -> None:
    file = load_sweeps(str(SWEEPS / "reproduction.nas"))
    (methods,) = (sweep for sweep in file.sweeps if sweep.name == "methods")
    assert (methods.searches, methods.retrains) == (2, 3)
    searched = {c.method for c in methods.configurations if c.searched}
    assert searched == {"darts", "fairdarts", "forcedarts", "random"}
    for one in {trial.configuration.name: trial.configuration for trial in file.trials()}.values():
        assert file.experiment(one).settings.preset == "quick"
