"""What is told of a run: counts by cell, margins, the verdict."""

from __future__ import annotations

import json
import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from made_runs import CANDIDATES, write_run

from dslnas.ir.analysis.traits import CellTraits, Traits
from dslnas.ir.genotype import Cell, Edge, Node
from dslnas.report.honesty import CLOSE, facts, honesty_of
from dslnas.report.rundata import read_run

TRAITS = CellTraits(
    False, {"skip": Traits(True, False, 1), "pool": Traits(False, False, 1), "asym": Traits(False, True, 2)}
)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    """A cell of one to five nodes, each with one or two edges from anything earlier, listed in any order."""
    earlier, nodes = ["a", "b"], []
    for number in range(draw(st.integers(1, 5))):
        sources = draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))
        operations = st.sampled_from([*TRAITS.operations, "unknown"])
        nodes.append(Node(f"n{number}", tuple(Edge(source, draw(operations)) for source in sources)))
        earlier.append(f"n{number}")
    random.Random(draw(st.integers(0, 9))).shuffle(nodes)
    return Cell("normal", ("a", "b"), tuple(nodes), tuple(sorted(node.name for node in nodes)))


@given(cells())
def test_a_cell_is_counted_edge_by_edge(cell: Cell) -> None:
    found = facts(cell, TRAITS)
    kept = [edge.operation for node in cell.nodes for edge in node.edges]
    assert (found.nodes, found.edges) == (len(cell.nodes), len(kept))
    assert found.skips == kept.count("skip") and found.polynomials == kept.count("asym")
    assert found.parameter_free == kept.count("skip") + kept.count("pool")
    assert 1 <= found.depth <= found.nodes
    inputs_alone = all(edge.source in cell.inputs for node in cell.nodes for edge in node.edges)
    assert (found.depth == 1) == inputs_alone


def test_margins_are_summed_up(tmp_path: Path) -> None:
    honesty = honesty_of(read_run(write_run(tmp_path / "run", epochs=4)))
    assert honesty is not None
    told = honesty.to_json()
    margins = [one["margin"] for one in told["decisions"]]
    assert len(margins) == 12 and margins == sorted(margins)
    assert told["margins"]["least"] == margins[0]
    assert told["margins"]["median"] == (margins[5] + margins[6]) / 2
    assert told["margins"]["close"] == sum(margin < CLOSE for margin in margins)
    assert f"{told['margins']['close']} of 12 decisions" in told["settled"]
    assert (
        told["decisions"][0]["chosen"] in CANDIDATES and told["decisions"][0]["runner_up"] in told["settled"]
    )
    assert json.loads(json.dumps(told)) == told


def test_a_search_of_few_records_is_too_early_to_be_judged(tmp_path: Path) -> None:
    """What four records say of twelve decisions are three moves each; the last stage alone counts."""
    run = write_run(tmp_path / "run", epochs=4)
    honesty = honesty_of(read_run(run))
    assert honesty is not None
    assert honesty.verdict.early == (
        "12 of 12 decisions moved no further than weights wander by chance in 3 moves",
    )
    assert honesty.to_json()["early"] == list(honesty.verdict.early)
    lines = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    for number, line in enumerate(lines):
        line["search_stage"] = 1 if number < 2 else 2
    (run / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    staged = honesty_of(read_run(run))
    assert staged is not None and staged.verdict.early[0].endswith("in 1 move")


def test_a_long_search_that_decides_is_judged(tmp_path: Path) -> None:
    honesty = honesty_of(read_run(write_run(tmp_path / "run", epochs=40)))
    assert honesty is not None and honesty.verdict.early == ()


def test_a_choice_on_no_edge_is_a_decision_as_well(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=2)
    point = {"cell": "", "node": "", "source": "", "candidates": ["3", "5"]}
    (run / "choices.json").write_text(json.dumps({"edges": {"network/k": point}}))
    genotype = json.loads((run / "genotype.json").read_text())
    (run / "genotype.json").write_text(json.dumps(genotype | {"cells": {}, "choices": {"network/k": "5"}}))
    line = {"stage": "search", "epoch": 1, "alpha": {"network/k": [0.4, 0.6]}}
    (run / "history.jsonl").write_text(json.dumps(line) + "\n")
    honesty = honesty_of(read_run(run))
    assert honesty is not None
    (decision,) = honesty.decisions
    assert (decision.edge, decision.chosen, decision.runner_up) == ("network/k", "5", "3")
    assert "the closest: network/k, 5 over 3 by 0.200" in honesty.settled


def test_what_never_remains_is_no_runner_up(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=2)
    before = honesty_of(read_run(run))
    assert before is not None
    runner_up = before.decisions[0].runner_up
    choices = json.loads((run / "choices.json").read_text())
    for edge in choices["edges"].values():
        edge["zeros"] = [runner_up]
    (run / "choices.json").write_text(json.dumps(choices))
    after = honesty_of(read_run(run))
    assert after is not None and len(after.decisions) == len(before.decisions)
    assert runner_up not in {one.runner_up for one in after.decisions}


def test_edges_that_are_not_weighed_are_no_close_decisions(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=1)
    lines = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    for line in lines:
        line["gamma"] = {name: [1.0] * len(row) for name, row in line.get("gamma", {}).items()}
    (run / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    honesty = honesty_of(read_run(run))
    assert honesty is not None and honesty.decisions and not honesty.selections


def test_a_run_that_found_nothing_yet_is_not_judged(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=1)
    (run / "genotype.json").unlink()
    assert honesty_of(read_run(run)) is None


def test_without_choices_the_accuracies_are_judged_alone(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=1)
    (run / "choices.json").unlink()
    honesty = honesty_of(read_run(run))
    assert honesty is not None and honesty.settled == ""
    assert honesty.verdict.asked == ("accuracy after pruning", "accuracy after retraining")
    assert honesty.to_json()["margins"] == {}
