"""Whole searches by the methods beyond DARTS: a killed one ends as an undisturbed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recordings import history_of, metrics_of, tiny
from torch import Tensor

from dslnas.base.run_folder import CHECKPOINT, GENOTYPE, SUPERNET
from dslnas.runs.begin import start
from dslnas.runs.run import Run
from dslnas.runs.trainees import Searching

pytestmark = pytest.mark.usefixtures("tiny_runs")
STEPS, KILLED_AT = 6, 4


class Killed(Exception):
    """Stands for a kill: nothing of the run goes on after it."""


FALLING = "method.weights.schedule=cosine(1e-3)"


@pytest.mark.parametrize(
    ("method", "more"),
    [("idarts", ()), ("gdas", ()), ("pcdarts", ()), ("pdarts", (FALLING,)), ("darts(order: 2)", (FALLING,))],
)
def test_a_search_killed_half_way_ends_alike(
    method: str, more: tuple[str, ...], tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = tiny(tones, f"method={method}", f"search.steps={STEPS}", *more)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    start(experiment, whole, device="cpu").execute(until="search")
    step = Searching.step

    def killed_step(self: Searching, number: int) -> Mapping[str, Tensor]:
        if number == KILLED_AT:
            raise Killed
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(Searching, "step", killed_step)
        with pytest.raises(Killed):
            replace(start(experiment, killed, device="cpu"), checkpoint_seconds=0.0).execute(until="search")
    assert (killed / CHECKPOINT).exists() and not (killed / GENOTYPE).exists()
    seen: list[int] = []

    def seen_step(self: Searching, number: int) -> Any:
        seen.append(number)
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(Searching, "step", seen_step)
        Run.open(killed).execute(until="search")
    assert seen == list(range(KILLED_AT, STEPS))
    for product in (GENOTYPE, SUPERNET):
        assert (killed / product).read_bytes() == (whole / product).read_bytes()
    assert history_of(killed) == history_of(whole)
    assert metrics_of(killed) == metrics_of(whole)
    assert Run.open(whole).genotype.method == method
