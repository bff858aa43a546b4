"""P-DARTS: a search in stages, deeper and with fewer candidates."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recordings import history_of, tiny
from small import program_of, small
from unread import unread

from dslnas.base.diagnostics import DslnasError
from dslnas.methods.method import relaxed
from dslnas.methods.stages import SearchStage
from dslnas.prune.validate import validate
from dslnas.report.findings import search_stages
from dslnas.report.rundata import read_run
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.search.relaxed.progressive import Searching, steps_of_stages
from dslnas.search.relaxed.step import RelaxedSearch

STAGES = (SearchStage(), SearchStage(5, 0.4, 0.4), SearchStage(3, 0.8, 0.7))


# --- the stages ---------------------------------------------------------------------------------------------


@given(st.integers(3, 500), st.floats(0, 1), st.integers(1, 3))
def test_the_stages_share_the_steps(steps: int, warmup: float, count: int) -> None:
    """Evenly, one after the other, each with a warm-up of its own and a schedule from 0 to nearly 1."""
    found = steps_of_stages(steps, warmup, STAGES[:count])
    assert [part.stage for part in found] == list(STAGES[:count])
    assert (found[0].first, found[-1].end) == (0, steps)
    assert all(one.end == after.first for one, after in pairwise(found))
    lengths = [part.end - part.first for part in found]
    assert max(lengths) - min(lengths) <= 1
    for part, length in zip(found, lengths, strict=True):
        assert part.warmup == min(length - 1, round(warmup * length)) and part.moving >= 1
        moving = range(part.first + part.warmup, part.end)
        assert [part.progress(step) for step in moving] == [n / part.moving for n in range(part.moving)]
        assert part.progress(part.first) == part.way(part.first) == part.way(moving[0]) == 0.0
        assert part.way(part.end - 1) == (1.0 if part.moving > 1 else 0.0)


def test_fewer_steps_than_stages_are_told() -> None:
    assert steps_of_stages(0, 0.5, STAGES[:1])[0].end == 0
    with pytest.raises(DslnasError, match="a search in 3 stages needs as many steps, and has 2"):
        steps_of_stages(2, 0.5, STAGES)


def test_the_depths_of_the_paper() -> None:
    """5, 11 and 17 cells of the 20 that are trained, on the space of DARTS."""
    sizes = ("method=pdarts", "nodes=1", "search.repeat=1")
    experiment = load("darts", Request(preset="paper", overrides=sizes, classes=["a", "b"]))
    assert [len(one.network.of_kind("call")) for one in experiment.supernets] == [5, 11, 17]
    assert len(experiment.evaluation.network.of_kind("call")) == 20
    assert [stage.parameters["repeat"] for stage in experiment.search_stages] == [1, 3, 5]


def test_a_space_without_a_depth_is_warned_about(tmp_path: Path) -> None:
    path = tmp_path / "flat.nas"
    path.write_text(
        'use "ss1.nas"\nspace Flat(channels = 4) {\n    network = input -> conv(3, channels)\n'
        "        -> choose {conv(3), conv(5)} -> global_pool -> linear(classes)\n}\n"
    )
    found = load(path, Request(data="fsdd", overrides=["method=pdarts"])).warnings
    assert [(one.code, one.severity) for one in found] == [("N0602", "warning")]
    assert found[0].message == "method `pdarts`: this has nothing to deepen: `Flat` has no parameter `repeat`"
    assert found[0].span is not None and found[0].span.text == "pdarts", "where the method is named"


@pytest.mark.parametrize(("method", "starts"), [("darts", [0]), ("pdarts", [0, 4, 8])])
def test_the_rate_of_the_weights_falls_by_a_cosine_in_each_stage(method: str, starts: list[int]) -> None:
    """From that of the optimizer at the first step to the last one at the last, warm-up included."""
    experiment = small("ss1", method, "method.weights.schedule=cosine(1e-3)")
    read = relaxed(experiment.method)
    stages = steps_of_stages(12, 0.5, read.stages)
    batches = unread()

    def begin(*_: Any) -> RelaxedSearch:
        return RelaxedSearch(program_of(experiment), read, 0, None, torch.device("cpu"))

    class Rates(Searching):
        def warm_up(self, step: int) -> dict[str, Any]:
            return {"rate": torch.tensor(self.search.weight_rate)}

        def alternate(self, step: int, progress: float) -> dict[str, Any]:
            return self.warm_up(step)

    offered = {id: point.options for id, point in program_of(experiment).choices.items()}
    found = Rates(begin, stages, offered, batches, batches)
    rates = [float(found.step(step)["rate"]) for step in range(12)]
    steps = 12 // len(starts)
    falls = [1e-3 + 0.024 * (1 + cos(pi * n / (steps - 1))) / 2 for n in range(steps)]
    assert rates == pytest.approx(falls * len(starts))
    assert found.record()["learning_rate"] == pytest.approx(1e-3)


# --- a run --------------------------------------------------------------------------------------------------


LAST = ("train.repeat=1", "train.epochs=1")


def candidates(record: dict[str, Any]) -> dict[str, set[int]]:
    """The places of the candidates that weigh something."""
    return {id: {place for place, w in enumerate(row) if w} for id, row in record["alpha"].items()}


def test_a_run_goes_through_its_stages(tones: Path, tmp_path: Path, tiny_runs: None) -> None:
    """The strongest at the end of a stage are those of the next; what is found fits the whole space."""
    experiment = tiny(tones, "method=pdarts", "nodes=1", "search.steps=6", *LAST)
    run = start(experiment, tmp_path / "run", device="cpu")
    assert run.execute()["test"]["clips"] > 0
    records = [one for one in history_of(run.path) if one["stage"] == "search"]
    assert [one["search_stage"] for one in records] == [1, 1, 2, 2, 3, 3]
    for record, count in zip(records, [7, 7, 5, 5, 3, 3], strict=True):
        found = candidates(record)
        assert all(len(places) == count for id, places in found.items() if id.startswith("reduction"))
    for last, first, count in ((records[1], records[2], 5), (records[3], records[4], 3)):
        for id, row in last["alpha"].items():
            ranked = sorted(range(len(row)), key=lambda place: -row[place])
            assert candidates(first)[id] == set(ranked[:count])
    opened = Run.open(run.path)
    genotype = validate(opened.genotype, opened.experiment.evaluation)
    skips = [e.operation for c in genotype.cells if c.name == "normal" for n in c.nodes for e in n.edges]
    assert skips.count("skip_connect") <= 2
    told = search_stages(read_run(run.path).metrics)
    assert [line.split(" parameters")[0].rpartition(", ")[0] for line in told] == [
        "repeat 0, 7 candidates",
        "repeat 0, 5 candidates",
        "repeat 1, 7 candidates",  # those of normal cells, which are only there now
    ]
