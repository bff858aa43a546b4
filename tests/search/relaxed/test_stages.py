"""P-DARTS: a search in stages, deeper and with fewer candidates, whose skips lose values."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import history_of, tiny
from small import batch, program_of, small

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.verify import verify
from dslnas.lower.dropout import Dropout, dropping
from dslnas.lower.supernet import Supernet
from dslnas.methods.method import relaxed
from dslnas.methods.stages import SearchStage
from dslnas.passes import SUPERNET_PASSES
from dslnas.passes.dropout import drop_skips
from dslnas.prune.validate import validate
from dslnas.report.findings import search_stages
from dslnas.report.rundata import read_run
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request
from dslnas.runs.run import Run, start
from dslnas.search.relaxed.stages import steps_of_stages

STAGES = (SearchStage(), SearchStage(5, 0.4, 0.4), SearchStage(3, 0.8, 0.7))


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


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
        assert part.progress(part.first) == 0.0


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


def test_a_plan_shows_the_stages_and_counts_the_largest() -> None:
    experiment = small("ss1", "pdarts", "train.repeat=2")
    planned = plan(experiment)
    stages = to_json(planned)["stages"]
    assert [(one["repeat"], one["candidates"]) for one in stages] == [(0, 7), (1, 5), (2, 3)]
    assert [one["dropout"] for one in stages] == pytest.approx([0.0, 0.4, 0.7])
    assert planned.params.supernet == max(one["params"] for one in stages) > stages[0]["params"]
    assert planned.memory.peak == max(one["peak"] for one in stages)
    assert len(to_json(plan(small()))["stages"]) == 1


def test_a_space_without_a_depth_is_warned_about(tmp_path: Path) -> None:
    path = tmp_path / "flat.nas"
    path.write_text(
        'use "ss1.nas"\nspace Flat(channels = 4) {\n    network = input -> conv(3, channels)\n'
        "        -> choose {conv(3), conv(5)} -> global_pool -> linear(classes)\n}\n"
    )
    found = load(path, Request(data="fsdd", overrides=["method=pdarts"])).warnings
    assert [(one.code, one.severity) for one in found] == [("N0602", "warning")] * 2
    assert found[0].message == "this has nothing to deepen: `Flat` has no parameter `repeat`"


# --- dropout ------------------------------------------------------------------------------------------------


@given(st.floats(0, 0.99), st.floats(0, 1))
def test_the_rate_falls_from_the_first_to_a_twentieth(rate: float, progress: float) -> None:
    stage = SearchStage(dropout=rate)
    assert stage.dropout_at(0.0) == rate
    assert stage.dropout_at(1.0) == pytest.approx(rate * 0.0497871)
    assert stage.dropout_at(progress) == pytest.approx(rate * math.exp(-3 * progress))


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 0.9), st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_dropout_loses_a_share_and_keeps_the_mean(rate: float, seed: int, parts: int) -> None:
    layer, x = Dropout(parts), torch.ones(4, 8, 16, 16).contiguous(memory_format=torch.channels_last)
    before = torch.get_rng_state()
    with dropping(layer, rate, seeded(seed)):
        y = layer(x)
    with dropping(layer, rate, seeded(seed)):
        assert torch.equal(layer(x), y)
    assert torch.equal(torch.get_rng_state(), before)
    assert y.is_contiguous(memory_format=torch.channels_last)
    lost = (y == 0).float()
    assert float(lost.mean()) == pytest.approx(rate, abs=0.05)
    torch.testing.assert_close(y[y != 0], torch.full_like(y[y != 0], 1 / (1 - rate)))
    for part in range(parts):
        assert torch.equal(lost[:, part::parts], lost[:, ::parts])
    assert torch.equal(layer.eval()(x), x)


def test_other_steps_lose_other_values() -> None:
    layer, x = Dropout(1), torch.ones(1, 4, 8, 8)
    masks = []
    for seed in range(2):
        with dropping(layer, 0.5, seeded(seed)):
            masks.append(layer(x))
    assert not torch.equal(*masks)


@pytest.mark.parametrize("domain", ["real", "complex"])
def test_only_skips_lose_values_and_only_in_training(domain: str) -> None:
    """Each edge others. At a rate of 0, and in evaluation, nothing changes."""
    experiment = small("ss1", "pdarts", "repeat=1", f"domain={domain}", nodes=2)
    program, method = program_of(experiment), relaxed(experiment.method)
    dropped = verify(drop_skips(program), "dropout")
    for name, graph in dropped.cells.items():
        made = {node.id for node in graph.of_kind("dropout")}
        edges = [
            mix.id for mix in graph.of_kind("mix") if not name.startswith("reduction") or "<-n" in mix.id
        ]
        assert made == {f"{edge}/skip_connect/dropout" for edge in edges}
    plain = Supernet(program, method, 0).double()
    search = Supernet(program, method, 0, (drop_skips, *SUPERNET_PASSES)).double()
    assert search.state_dict().keys() == plain.state_dict().keys()
    x, _ = batch(experiment, 2, dtype=torch.float64)
    with torch.no_grad():
        expected = plain.train()(x)
        with dropping(search.network, 0.0, seeded(0)):
            torch.testing.assert_close(search.train()(x), expected, rtol=1e-9, atol=1e-9)
        with dropping(search.network, 0.5, seeded(0)):
            torch.testing.assert_close(search.eval()(x), plain.eval()(x), rtol=1e-9, atol=1e-9)
            assert not torch.allclose(search.train()(x), expected, rtol=1e-3)


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
